package calico

import (
	v3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	"github.com/projectcalico/api/pkg/lib/numorstring"

	"github.com/policyferry/policyferry/validate/schema/problem"
)

// icmpMatch is icmp or notICMP of a rule.
type icmpMatch struct {
	*v3.ICMPFields
	at *problem.Path
}

func (r *rule) icmpMatches() []icmpMatch {
	var out []icmpMatch
	if r.ICMP != nil {
		out = append(out, icmpMatch{r.ICMP, r.at.Field("icmp")})
	}
	if r.NotICMP != nil {
		out = append(out, icmpMatch{r.NotICMP, r.at.Field("notICMP")})
	}
	return out
}

func icmpRange(r *rule) {
	for _, m := range r.icmpMatches() {
		if m.Type != nil && (*m.Type < 0 || *m.Type > 254) {
			r.Wrong(m.at.Field("type"), "%d is not a type: they run from 0 to 254", *m.Type)
		}
		if m.Code != nil && (*m.Code < 0 || *m.Code > 255) {
			r.Wrong(m.at.Field("code"), "%d is not a code: they run from 0 to 255", *m.Code)
		}
	}
}

func icmpCodeNeedsType(r *rule) {
	for _, m := range r.icmpMatches() {
		if m.Code != nil && m.Type == nil {
			r.Wrong(m.at.Field("code"), "a code needs a type")
		}
	}
}

// icmpNeedsProtocol: the protocol has to be given by name before Calico 3.33. It is not asked for with notICMP.
func icmpNeedsProtocol(r *rule) {
	if r.ICMP == nil || r.Protocol != nil && (r.isICMP(*r.Protocol, 4) || r.isICMP(*r.Protocol, 6)) {
		return
	}
	r.Wrong(r.at.Field("icmp"), "icmp needs the protocol ICMP or ICMPv6")
}

// isICMP reports whether a protocol is known as the ICMP of the family.
func (r *rule) isICMP(protocol numorstring.Protocol, family int) bool {
	name, number := numorstring.ProtocolICMP, uint8(1)
	if family == 6 {
		name, number = numorstring.ProtocolICMPv6, 58
	}
	if protocol.Type == numorstring.NumOrStringNum {
		return r.Release >= 33 && protocol.NumVal == number
	}
	return protocol.StrVal == name
}

// icmpFamily: ICMP is of IPv4 and ICMPv6 of IPv6, also where they are excluded.
func icmpFamily(r *rule) {
	if r.IPVersion == nil {
		return
	}
	for field, protocol := range r.protocols() {
		for _, family := range []int{4, 6} {
			if r.isICMP(protocol, family) && *r.IPVersion != family {
				r.Wrong(r.at.Field("ipVersion"), "%d does not go with %s %s", *r.IPVersion, field, protocol.String())
			}
		}
	}
}
