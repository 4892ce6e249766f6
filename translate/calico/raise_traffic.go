package calico

import (
	"slices"

	"github.com/projectcalico/api/pkg/lib/numorstring"

	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/traffic"
)

// trafficRule is the part of a rule that says which packets it matches.
type trafficRule struct {
	protocol, notProtocol *numorstring.Protocol
	icmp, notICMP         *icmpFields
	ports, notPorts       []numorstring.Port
}

// protocolName is a protocol as Calico writes it.
func protocolName(n uint8) *numorstring.Protocol {
	p := numorstring.ProtocolFromInt(n)
	switch n {
	case traffic.ProtoTCP, traffic.ProtoUDP, traffic.ProtoICMP, traffic.ProtoICMPv6, traffic.ProtoSCTP, traffic.ProtoUDPLite:
		p = numorstring.ProtocolFromString(traffic.ProtocolName(n))
	}
	return &p
}

// maxProtocols bounds how many protocols are written one by one.
const maxProtocols = 16

// trafficRules writes a set of packets as alternatives. What has no words in Calico is left out; unsayable tells
// what that is.
func trafficRules(s traffic.Set) []trafficRule {
	if s.IsAll() {
		return []trafficRule{{}}
	}
	var out []trafficRule
	protocols := s.Whole()
	if absent := traffic.AllBits.Minus(protocols).Numbers(); len(absent) == 1 && absent[0] != 0 {
		out = append(out, trafficRule{notProtocol: protocolName(absent[0])})
		protocols = traffic.Bits{}
	}
	for _, n := range []uint8{traffic.ProtoTCP, traffic.ProtoUDP, traffic.ProtoSCTP} {
		if protocols.Has(n) {
			out = append(out, trafficRule{protocol: protocolName(n)})
		} else if p := s.Ports(n); !p.IsEmpty() && !p.IsAll() {
			out = append(out, portRules(n, p)...)
		}
		protocols = protocols.Minus(traffic.BitsOf(n))
	}
	for _, n := range protocols.Numbers() {
		if n != 0 {
			out = append(out, trafficRule{protocol: protocolName(n)})
		}
	}
	for _, family := range []int{4, 6} {
		if m := s.ICMP(family); !m.IsEmpty() && !m.IsAll() {
			out = append(out, icmpRules(family, m)...)
		}
	}
	return out
}

// unsayable is the packets of a set that trafficRules leaves out: ports of UDPLite, ICMP type 255, protocol 0, and
// more protocols than can be written one by one.
func unsayable(s traffic.Set) traffic.Set {
	if s.IsAll() {
		return traffic.Set{}
	}
	var out traffic.Set
	if p := s.Ports(traffic.ProtoUDPLite); !p.IsEmpty() && !p.IsAll() {
		out = out.Union(traffic.PortsOfProtocol(traffic.ProtoUDPLite, p))
	}
	for _, family := range []int{4, 6} {
		m := s.ICMP(family)
		if codes := m.Codes(255); !codes.IsEmpty() && !m.IsAll() && !exceptOne(m) {
			out = out.Union(traffic.ICMPMessages(family, m.Intersect(traffic.ICMPType(255))))
		}
	}
	whole := s.Whole()
	if absent := traffic.AllBits.Minus(whole).Numbers(); len(absent) == 1 && absent[0] != 0 {
		return out
	}
	if whole.Has(0) {
		out = out.Union(traffic.Protocol(0))
	}
	named := traffic.BitsOf(traffic.ProtoTCP, traffic.ProtoUDP, traffic.ProtoSCTP, traffic.ProtoUDPLite, traffic.ProtoICMP, traffic.ProtoICMPv6)
	if others := whole.Minus(named).Minus(traffic.BitsOf(0)); len(others.Numbers()) > maxProtocols {
		out = out.Union(traffic.Protocols(others))
	}
	return out
}

// portRules writes ports of one protocol, or the ports that are left out where that is shorter.
func portRules(n uint8, p traffic.Ports) []trafficRule {
	if rest := p.Complement().Ranges(); len(rest) < len(p.Ranges()) && len(rest) <= maxPorts {
		return []trafficRule{{protocol: protocolName(n), notPorts: portTexts(rest)}}
	}
	var out []trafficRule
	for part := range slices.Chunk(p.Ranges(), maxPorts) {
		out = append(out, trafficRule{protocol: protocolName(n), ports: portTexts(part)})
	}
	return out
}

func portTexts(ranges []traffic.Range) []numorstring.Port {
	var out []numorstring.Port
	for _, r := range ranges {
		out = append(out, numorstring.Port{MinPort: r.First, MaxPort: r.Last})
	}
	return out
}

// icmpRules writes ICMP messages: one rule for each type, or for each code where not all of a type are meant; a
// single type or message that is left out is said as such.
func icmpRules(family int, m traffic.ICMP) []trafficRule {
	proto := protocolName(traffic.ProtoICMP)
	if family == 6 {
		proto = protocolName(traffic.ProtoICMPv6)
	}
	if f, ok := leftOut(m); ok {
		return []trafficRule{{protocol: proto, notICMP: f}}
	}
	var out []trafficRule
	for _, t := range m.AnyTypes() {
		if t == 255 {
			continue
		}
		kind := int(t)
		codes := m.Codes(t)
		if codes == traffic.AllBits {
			out = append(out, trafficRule{protocol: proto, icmp: &icmpFields{Type: &kind}})
			continue
		}
		for _, c := range codes.Numbers() {
			code := int(c)
			out = append(out, trafficRule{protocol: proto, icmp: &icmpFields{Type: &kind, Code: &code}})
		}
	}
	return out
}

// leftOut is the one type, or the one message, that the set lacks.
func leftOut(m traffic.ICMP) (*icmpFields, bool) {
	rest := traffic.AllICMP().Subtract(m)
	types := rest.AnyTypes()
	if len(types) != 1 || types[0] == 255 {
		return nil, false
	}
	kind := int(types[0])
	codes := rest.Codes(types[0])
	if codes == traffic.AllBits {
		return &icmpFields{Type: &kind}, true
	}
	if numbers := codes.Numbers(); len(numbers) == 1 {
		code := int(numbers[0])
		return &icmpFields{Type: &kind, Code: &code}, true
	}
	return nil, false
}

func exceptOne(m traffic.ICMP) bool {
	_, ok := leftOut(m)
	return ok
}

// namedRules writes port names, those of one protocol together.
func namedRules(names []model.NamedPort) []trafficRule {
	var out []trafficRule
	for _, n := range names {
		port := numorstring.NamedPort(n.Name)
		i := slices.IndexFunc(out, func(r trafficRule) bool { return r.protocol.String() == protocolName(n.Protocol).String() })
		if i < 0 {
			out = append(out, trafficRule{protocol: protocolName(n.Protocol)})
			i = len(out) - 1
		}
		out[i].ports = append(out[i].ports, port)
	}
	return out
}
