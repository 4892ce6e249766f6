package calico

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	"github.com/projectcalico/api/pkg/lib/numorstring"
	"github.com/projectcalico/calico/libcalico-go/lib/selector"
)

func refusedProtocol(r *apiv3.Rule, _ version) string {
	for _, p := range []*numorstring.Protocol{r.Protocol, r.NotProtocol} {
		if p == nil {
			continue
		}
		if number, err := p.NumValue(); err == nil && number == 0 {
			return "protocol 0"
		} else if err != nil && !slices.Contains([]string{"TCP", "UDP", "ICMP", "ICMPv6", "SCTP", "UDPLite"}, p.StrVal) {
			return fmt.Sprintf("protocol %q", p.StrVal)
		}
		// ICMP by name belongs to a family, also where it is negated.
		if r.IPVersion != nil && (isNamed(p, "icmp") && *r.IPVersion != 4 || isNamed(p, "icmpv6") && *r.IPVersion != 6) {
			return fmt.Sprintf("protocol %s with ipVersion %d", p.StrVal, *r.IPVersion)
		}
	}
	return ""
}

func refusedICMP(r *apiv3.Rule, _ version) string {
	for _, m := range []*apiv3.ICMPFields{r.ICMP, r.NotICMP} {
		switch {
		case m == nil:
		case m.Type != nil && (*m.Type < 0 || *m.Type > 254), m.Code != nil && (*m.Code < 0 || *m.Code > 255):
			return "an ICMP type is 0 to 254 and a code 0 to 255"
		case m.Code != nil && m.Type == nil:
			return "an ICMP code needs a type"
		}
	}
	if r.ICMP != nil && !isNamed(r.Protocol, "icmp") && !isNamed(r.Protocol, "icmpv6") {
		return "icmp needs protocol ICMP or ICMPv6, by name"
	}
	return ""
}

func refusedHTTP(r *apiv3.Rule, _ version) string {
	if r.HTTP == nil {
		return ""
	}
	if r.Action != apiv3.Allow {
		return "http is for Allow rules only"
	}
	if r.Protocol != nil && r.Protocol.StrVal != "TCP" {
		return "http needs protocol TCP, or none"
	}
	methods := slices.Sorted(slices.Values(r.HTTP.Methods))
	if len(slices.Compact(methods)) != len(r.HTTP.Methods) {
		return "http.methods repeats a method"
	}
	for _, p := range r.HTTP.Paths {
		path := p.Exact + p.Prefix
		if (p.Exact == "") == (p.Prefix == "") || !strings.HasPrefix(path, "/") || strings.ContainsAny(path, "? #") {
			return "http.paths: exact or prefix, from / on, without blanks, ? and #"
		}
	}
	return ""
}

// refusedPorts: numbers need a protocol that has ports; names do too, up to 3.31.
func refusedPorts(r *apiv3.Rule, v version) string {
	lists := [][]numorstring.Port{r.Source.Ports, r.Source.NotPorts, r.Destination.Ports, r.Destination.NotPorts}
	for _, p := range slices.Concat(lists...) {
		switch {
		case p.PortName != "" && refusedPortName(p.PortName):
			return fmt.Sprintf("%q is not the name of a port", p.PortName)
		case p.PortName == "" && (p.MinPort < 1 || p.MinPort > p.MaxPort):
			return "a port is 1 to 65535"
		case r.Protocol == nil && v.atLeast(3, 32) && p.PortName != "":
		case r.Protocol == nil || !supportsPorts(r.Protocol):
			return "ports need protocol TCP, UDP or SCTP"
		}
	}
	return ""
}

func supportsPorts(p *numorstring.Protocol) bool {
	number, err := p.NumValue()
	if err != nil {
		number = protocolNumbers[strings.ToLower(p.StrVal)]
	}
	return (&packet{protocol: number}).hasPorts()
}

// refusedNets: ranges are masked, of one family in the whole rule, and never negate everything (since 3.31).
func refusedNets(r *apiv3.Rule, v version) string {
	family := 0
	if r.IPVersion != nil {
		family = *r.IPVersion
	}
	negated := slices.Concat(r.Source.NotNets, r.Destination.NotNets)
	for _, text := range slices.Concat(r.Source.Nets, r.Destination.Nets, negated) {
		p, err := netip.ParsePrefix(text)
		if err != nil || p != p.Masked() {
			return fmt.Sprintf("%q is not a masked CIDR", text)
		}
		own := 6
		if p.Addr().Is4() {
			own = 4
		}
		if family != 0 && family != own {
			return "the ranges of a rule are of one family, that of its ipVersion"
		}
		family = own
	}
	if v.atLeast(3, 31) && (slices.Contains(negated, "0.0.0.0/0") || slices.Contains(negated, "::/0")) {
		return "notNets excludes every address"
	}
	return ""
}

// refusedByFelix is the check of the internal model (libcalico-go/lib/validator/v1/validator.go). It is all that
// stands between a raw object and enforcement.
func (s *spec) refusedByFelix(v version) string {
	if err := selector.Validate(s.selectors["selector"]); err != nil {
		return fmt.Sprintf("spec.selector: %s", err)
	}
	return s.eachRule(func(r *apiv3.Rule, _ direction) string { return refusedRawRule(r, v) })
}

func refusedRawRule(r *apiv3.Rule, v version) string {
	if r.IPVersion != nil && *r.IPVersion != 4 && *r.IPVersion != 6 {
		return "ipVersion is neither 4 nor 6"
	}
	for _, p := range []*numorstring.Protocol{r.Protocol, r.NotProtocol} {
		if p == nil {
			continue
		}
		if number, err := p.NumValue(); err == nil && number == 0 || err != nil && protocolNumbers[strings.ToLower(p.StrVal)] == 0 {
			return fmt.Sprintf("protocol %q", p.String())
		}
	}
	for _, m := range []*apiv3.ICMPFields{r.ICMP, r.NotICMP} {
		if m != nil && (m.Type != nil && (*m.Type < 0 || *m.Type > 254) || m.Code != nil && (*m.Code < 0 || *m.Code > 255)) {
			return "an ICMP type is 0 to 254 and a code 0 to 255"
		}
	}
	if problem := refusedPorts(r, v); problem != "" {
		return problem
	}
	for _, e := range []*apiv3.EntityRule{&r.Source, &r.Destination} {
		texts := []string{e.Selector, e.NamespaceSelector, e.NotSelector, peerSelector(e, "")}
		if e.ServiceAccounts != nil {
			texts = append(texts, e.ServiceAccounts.Selector)
		}
		for _, text := range texts {
			if err := selector.Validate(text); err != nil {
				return fmt.Sprintf("%q: %s", text, err)
			}
		}
	}
	return ""
}
