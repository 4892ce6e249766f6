package calico

import (
	v3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	"github.com/projectcalico/api/pkg/lib/numorstring"

	"github.com/policyferry/policyferry/validate/schema/problem"
)

// rule is one rule of a policy.
type rule struct {
	*policy
	*v3.Rule
	at     *problem.Path
	egress bool
}

// ruleRules are the rules of a rule, and since when the definition of the kind has them.
var ruleRules = []struct {
	check    func(*rule)
	inSchema Release
}{
	{action, 32},
	{ipVersion, 32},
	{protocolNames, never},
	{portsNeedProtocol, never},
	{icmpRange, 32},
	{icmpCodeNeedsType, 32},
	{icmpNeedsProtocol, 33},
	{icmpFamily, 33},
	{httpNeedsTCP, 32},
	{httpOnlyAllows, 32},
	{httpOnlyIngress, never},
	{httpMethodsDiffer, never},
	{httpPaths, never},
	{httpSize, 32},
	{servicesPlace, never},
	{servicesNamespace, never},
	{servicesWithoutPorts, 32},
	{netsOfOneFamily, never},
	{netsFitVersion, never},
	{ruleAnnotations, never},
}

func (p *policy) judgeRule(r *v3.Rule, at *problem.Path, egress bool) {
	rule := &rule{policy: p, Rule: r, at: at, egress: egress}
	for _, check := range ruleRules {
		if !p.Raw || p.Release >= check.inSchema {
			check.check(rule)
		}
	}
	rule.judgeEntity(&r.Source, at.Field("source"), true)
	rule.judgeEntity(&r.Destination, at.Field("destination"), false)
	if p.Raw {
		felixRule(rule)
	}
}

func action(r *rule) {
	switch r.Action {
	case v3.Allow, v3.Deny, v3.Log, v3.Pass:
	default:
		r.Wrong(r.at.Field("action"), "%q is none of Allow, Deny, Log and Pass", r.Action)
	}
}

func ipVersion(r *rule) {
	if r.IPVersion != nil && *r.IPVersion != 4 && *r.IPVersion != 6 {
		r.Wrong(r.at.Field("ipVersion"), "%d is neither 4 nor 6", *r.IPVersion)
	}
}

// protocols are the protocol and the excluded protocol by the names of their fields, where given.
func (r *rule) protocols() map[string]numorstring.Protocol {
	out := map[string]numorstring.Protocol{}
	if r.Protocol != nil {
		out["protocol"] = *r.Protocol
	}
	if r.NotProtocol != nil {
		out["notProtocol"] = *r.NotProtocol
	}
	return out
}

func protocolNames(r *rule) {
	for field, protocol := range r.protocols() {
		protocolName(r.List, protocol, r.at.Field(field))
	}
}

func protocolName(problems *problem.List, protocol numorstring.Protocol, at *problem.Path) {
	if number, err := protocol.NumValue(); err == nil {
		if number == 0 {
			problems.Wrong(at, "0 is not a protocol")
		}
		return
	}
	switch protocol.StrVal {
	case numorstring.ProtocolTCP, numorstring.ProtocolUDP, numorstring.ProtocolICMP, numorstring.ProtocolICMPv6,
		numorstring.ProtocolSCTP, numorstring.ProtocolUDPLite:
	default:
		problems.Wrong(at, "%q is none of TCP, UDP, ICMP, ICMPv6, SCTP and UDPLite, nor a number from 1 to 255", protocol.StrVal)
	}
}

func ruleAnnotations(r *rule) {
	if r.Metadata != nil {
		annotations(r.List, r.Metadata.Annotations, r.at.Field("metadata").Field("annotations"))
	}
}
