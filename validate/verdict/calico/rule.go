package calico

import (
	"fmt"
	"strings"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	"github.com/projectcalico/api/pkg/lib/numorstring"

	"github.com/policyferry/policyferry/validate/verdict/condition"
)

type action int

const (
	actionUnsure action = iota
	actionAllow
	actionDeny
	actionPass
	actionLog
)

// rule is one rule, ready to be compared with packets.
type rule struct {
	// index is that of the element of ingress or egress that the rule comes from.
	index       int
	action      action
	family      int // 0 for both
	protocol    *uint8
	notProtocol *uint8
	icmp        icmpMatch
	notICMP     icmpMatch
	source      entity
	destination entity
	// http says that the rule is for some requests only, and requests for which, if that is known.
	http          bool
	requests      []condition.Request
	requestsKnown bool
	// unsure says why nobody knows what the rule does; it has then no action.
	unsure string
	// crashes says that Felix stops at the rule.
	crashes bool
	// shadow is what may be left of the rule on the nodes, or nil (shadow.go).
	shadow *rule
}

// icmpMatch is an ICMP type, and perhaps a code. The zero value matches nothing in particular.
type icmpMatch struct {
	kind, code *int
}

func (m icmpMatch) given() bool { return m.kind != nil }

func (m icmpMatch) matches(p *packet) bool {
	return p.isICMP() && int(p.icmpType) == *m.kind && (m.code == nil || int(p.icmpCode) == *m.code)
}

// rules compiles the rules of a policy; those of a namespaced one are scoped to its namespace.
func (c *compiler) rules(rules []apiv3.Rule, namespace string) ([]rule, error) {
	var out []rule
	for i := range rules {
		r, err := c.rule(&rules[i], namespace)
		if err != nil {
			return nil, fmt.Errorf("rule %d: %w", i+1, err)
		}
		out = append(out, r)
	}
	return out, nil
}

func (c *compiler) rule(r *apiv3.Rule, namespace string) (out rule, err error) {
	out.action = actionOf(r.Action)
	if out.action == actionUnsure {
		out.crashes, out.unsure = true, fmt.Sprintf("Felix stops at a rule with the action %q", r.Action)
	}
	out.protocol, out.notProtocol = c.protocol(r.Protocol), c.protocol(r.NotProtocol)
	out.family = familyOf(r)
	if r.HTTP != nil && len(r.HTTP.Methods)+len(r.HTTP.Paths) > 0 {
		out.http = true
		out.requests, out.requestsKnown = c.requests(r.HTTP)
	}
	if r.ICMP != nil {
		out.icmp = icmpMatch{r.ICMP.Type, r.ICMP.Code}
	}
	if r.NotICMP != nil {
		out.notICMP = icmpMatch{r.NotICMP.Type, r.NotICMP.Code}
		if out.notICMP.given() && !isNamed(r.Protocol, "icmp") && !isNamed(r.Protocol, "icmpv6") {
			out.action, out.unsure = actionUnsure, "notICMP without protocol ICMP is rendered in a way that the kernel refuses"
		}
	}
	if out.source, err = c.entity(&r.Source, r.Protocol, namespace); err != nil {
		return out, err
	}
	if out.destination, err = c.entity(&r.Destination, r.Protocol, namespace); err != nil {
		return out, err
	}
	if r.Source.Services != nil {
		c.sourceService(&out.source, r.Source.Services)
	}
	if r.Destination.Services != nil {
		c.destinationService(&out.destination, r.Destination.Services)
	}
	if c.dataplane != "ebpf" {
		out.shadow = out.cast(r)
	}
	return out, nil
}

// actionOf reads an action as Felix does, without case; an empty one, which only a raw object can have, is Allow
// (updateprocessors/rules.go, felix/rules/policy.go).
func actionOf(a apiv3.Action) action {
	switch strings.ToLower(string(a)) {
	case "", "allow":
		return actionAllow
	case "deny":
		return actionDeny
	case "pass", "next-tier":
		return actionPass
	case "log":
		return actionLog
	}
	return actionUnsure
}

// familyOf is the family that a rule is limited to: its ipVersion, or that of ICMP by name
// (felix/calc/rule_convert.go, ipVersionToProtoIPVersion).
func familyOf(r *apiv3.Rule) int {
	switch {
	case r.IPVersion != nil:
		return *r.IPVersion
	case isNamed(r.Protocol, "icmp"):
		return 4
	case isNamed(r.Protocol, "icmpv6"):
		return 6
	}
	return 0
}

func isNamed(p *numorstring.Protocol, name string) bool {
	return p != nil && p.Type == numorstring.NumOrStringString && equalFold(p.StrVal, name)
}

var protocolNumbers = map[string]uint8{
	"tcp": protocolTCP, "udp": protocolUDP, "icmp": protocolICMP, "icmpv6": protocolICMPv6, "sctp": protocolSCTP, "udplite": protocolUDPLite,
}

// protocol is the number that packets are compared with. The eBPF dataplane does not know ICMPv6 and UDPLite by name
// and compares with 0, which no packet has (felix/bpf/polprog/pol_prog_builder.go, protocolToNumber).
func (c *compiler) protocol(p *numorstring.Protocol) *uint8 {
	if p == nil {
		return nil
	}
	number, err := p.NumValue() // also of a number that was written as text
	if err != nil {
		number = protocolNumbers[strings.ToLower(p.StrVal)]
		if c.dataplane == "ebpf" && (number == protocolICMPv6 || number == protocolUDPLite) {
			number = 0
		}
	}
	return &number
}

func (r *rule) matches(p *packet) bool {
	switch {
	case r.family != 0 && r.family != p.family():
		return false
	case !r.source.speaksOf(p.family()) || !r.destination.speaksOf(p.family()):
		return false
	case r.protocol != nil && *r.protocol != p.protocol:
		return false
	case r.notProtocol != nil && *r.notProtocol == p.protocol:
		return false
	case r.icmp.given() && !r.icmp.matches(p):
		return false
	case r.notICMP.given() && r.notICMP.matches(p):
		return false
	}
	return r.source.matches(p, p.source, p.sourcePort) && r.destination.matches(p, p.destination, p.port)
}

func equalFold(a, b string) bool { return strings.EqualFold(a, b) }
