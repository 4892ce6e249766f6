package calico

import (
	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/traffic"
)

// packets is what a rule says about protocols, ICMP and destination ports, as alternatives.
func (l *ruleLowering) packets() []packets {
	base, known := l.protocols()
	if !known {
		return []packets{{set: traffic.All(), why: reason{diag.Protocol, "the protocol is none that Calico knows", "name the protocol as Calico does, or by its number"}}}
	}
	destination := &l.rule.Destination
	ports, notPorts := portsOf(destination.Ports), portsOf(destination.NotPorts)
	out := []packets{{set: base}}
	if len(destination.Ports) > 0 {
		out = ports.allowed(base, l.protocolsOfPorts(ports))
	}
	if len(destination.NotPorts) == 0 {
		return out
	}
	var cut []packets
	for _, p := range out {
		for _, rest := range notPorts.refused(p.set, l.protocolsOfPorts(notPorts)) {
			if !rest.set.IsEmpty() {
				rest.named = p.named
				cut = append(cut, rest)
			}
		}
	}
	return cut
}

// protocols is what protocol, notProtocol, icmp and notICMP leave; false if a protocol is not known.
func (l *ruleLowering) protocols() (traffic.Set, bool) {
	r := l.rule
	set := traffic.All()
	if r.Protocol != nil {
		n, ok := protocolNumber(*r.Protocol)
		if !ok {
			return set, false
		}
		set = traffic.Protocol(n)
		if family := icmpFamily(n); family != 0 {
			if m, given := icmpMessages(r.ICMP); given {
				set = traffic.ICMPMessages(family, m)
			}
			if m, given := icmpMessages(r.NotICMP); given {
				set = set.Subtract(traffic.ICMPMessages(family, m))
			}
		}
	}
	if r.NotProtocol != nil {
		n, ok := protocolNumber(*r.NotProtocol)
		if !ok {
			return set, false
		}
		set = set.Subtract(traffic.Protocol(n))
	}
	return set, true
}

// protocolsOfPorts is the protocols whose ports a list means. Without a protocol, which only names may do, it is TCP
// up to 3.31 and any with ports since (felix/calc/rule_scanner.go).
func (l *ruleLowering) protocolsOfPorts(list portList) []uint8 {
	if l.rule.Protocol != nil {
		if n, _ := protocolNumber(*l.rule.Protocol); traffic.HasPorts(n) {
			return []uint8{n}
		}
		return nil
	}
	if len(list.names) > 0 && !l.env.Source.Version.AtLeast(3, 32) {
		return []uint8{traffic.ProtoTCP}
	}
	return []uint8{traffic.ProtoTCP, traffic.ProtoUDP, traffic.ProtoSCTP}
}

// hasSourcePorts reports whether the rule looks at the port that a connection comes from.
func hasSourcePorts(r *apiv3.Rule) bool { return len(r.Source.Ports)+len(r.Source.NotPorts) > 0 }
