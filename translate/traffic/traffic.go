// Package traffic is the algebra of "which packets": IP protocols, destination ports, ICMP messages.
//
// A Set is closed under union, intersection and subtraction, exactly.
package traffic

import (
	"fmt"
	"strings"
)

// The protocol numbers that have names here.
const (
	ProtoICMP    uint8 = 1
	ProtoTCP     uint8 = 6
	ProtoUDP     uint8 = 17
	ProtoICMPv6  uint8 = 58
	ProtoSCTP    uint8 = 132
	ProtoUDPLite uint8 = 136
)

// HasPorts reports whether the protocol has destination ports that a policy can match.
func HasPorts(proto uint8) bool {
	return proto == ProtoTCP || proto == ProtoUDP || proto == ProtoSCTP || proto == ProtoUDPLite
}

// ProtocolName returns the protocol's usual name, or its number.
func ProtocolName(proto uint8) string {
	switch proto {
	case ProtoICMP:
		return "ICMP"
	case ProtoTCP:
		return "TCP"
	case ProtoUDP:
		return "UDP"
	case ProtoICMPv6:
		return "ICMPv6"
	case ProtoSCTP:
		return "SCTP"
	case ProtoUDPLite:
		return "UDPLite"
	}
	return fmt.Sprint(proto)
}

// withPorts lists the protocols with ports, in a fixed order.
var withPorts = [...]uint8{ProtoTCP, ProtoUDP, ProtoSCTP, ProtoUDPLite}

// withMessages lists the protocols with ICMP messages, IPv4's first.
var withMessages = [...]uint8{ProtoICMP, ProtoICMPv6}

// Set is a set of packets. The zero value is empty. Sets are immutable.
type Set struct {
	// whole holds the protocols of which every packet is in the set.
	whole Bits
	// ports holds part of the protocols with ports, by the order of withPorts.
	ports [4]Ports
	// icmp holds part of ICMP (0) and ICMPv6 (1).
	icmp [2]ICMP
}

// All is every packet, of every IP protocol.
func All() Set { return Set{whole: AllBits} }

// Protocol is every packet of the protocols.
func Protocol(protos ...uint8) Set { return Set{whole: BitsOf(protos...)} }

// Protocols is every packet of a set of protocols.
func Protocols(b Bits) Set { return Set{whole: b} }

// PortsOfProtocol is the packets of one protocol to some ports. The protocol must have ports.
func PortsOfProtocol(proto uint8, p Ports) Set {
	for i, q := range withPorts {
		if q == proto {
			var s Set
			s.ports[i] = p
			return s.normal()
		}
	}
	panic("traffic: protocol without ports: " + ProtocolName(proto))
}

// ICMPMessages is a set of messages of ICMP (family 4) or ICMPv6 (family 6).
func ICMPMessages(family int, m ICMP) Set {
	var s Set
	s.icmp[family/6] = m
	return s.normal()
}

func (s Set) normal() Set {
	for i, proto := range withPorts {
		if s.ports[i].IsAll() {
			s.whole = s.whole.Or(BitsOf(proto))
		}
		if s.whole.Has(proto) {
			s.ports[i] = Ports{}
		}
	}
	for i, proto := range withMessages {
		if !s.icmp[i].IsEmpty() && s.icmp[i].IsAll() {
			s.whole = s.whole.Or(BitsOf(proto))
		}
		if s.whole.Has(proto) {
			s.icmp[i] = ICMP{}
		}
	}
	return s
}

// Whole returns the protocols of which every packet is in the set.
func (s Set) Whole() Bits { return s.whole }

// Ports returns the destination ports of a protocol with ports that are in the set.
func (s Set) Ports(proto uint8) Ports {
	for i, q := range withPorts {
		if q == proto {
			if s.whole.Has(proto) {
				return AllPorts()
			}
			return s.ports[i]
		}
	}
	return Ports{}
}

// ICMP returns the messages of ICMP (family 4) or ICMPv6 (family 6) that are in the set.
func (s Set) ICMP(family int) ICMP {
	proto := ProtoICMP
	if family == 6 {
		proto = ProtoICMPv6
	}
	if s.whole.Has(proto) {
		return AllICMP()
	}
	return s.icmp[family/6]
}

// IsEmpty and IsAll report whether no packet and every packet is in the set.
func (s Set) IsEmpty() bool {
	return s.whole.IsEmpty() && s.icmp[0].IsEmpty() && s.icmp[1].IsEmpty() &&
		s.ports[0].IsEmpty() && s.ports[1].IsEmpty() && s.ports[2].IsEmpty() && s.ports[3].IsEmpty()
}

// IsAll reports whether every packet is in the set.
func (s Set) IsAll() bool { return s.whole == AllBits }

// AllBut reports whether the set is every protocol but some: not every packet, and yet protocols that nobody names.
func (s Set) AllBut() bool { return !s.IsAll() && len(s.whole.Numbers()) > 16 }

// Union is the packets that are in either set.
func (s Set) Union(t Set) Set {
	out := Set{whole: s.whole.Or(t.whole)}
	for i := range out.ports {
		out.ports[i] = s.ports[i].Union(t.ports[i])
	}
	for i := range out.icmp {
		if s.icmp[i].IsEmpty() {
			out.icmp[i] = t.icmp[i]
			continue
		}
		out.icmp[i] = s.icmp[i].Union(t.icmp[i])
	}
	return out.normal()
}

// Intersect is the packets that are in both sets.
func (s Set) Intersect(t Set) Set {
	out := Set{whole: s.whole.And(t.whole)}
	for i, proto := range withPorts {
		out.ports[i] = s.Ports(proto).Intersect(t.Ports(proto))
	}
	for i, proto := range withMessages {
		switch {
		case s.whole.Has(proto):
			out.icmp[i] = t.icmp[i]
		case t.whole.Has(proto):
			out.icmp[i] = s.icmp[i]
		case !s.icmp[i].IsEmpty() && !t.icmp[i].IsEmpty():
			out.icmp[i] = s.icmp[i].Intersect(t.icmp[i])
		}
	}
	return out.normal()
}

// Subtract is the packets of s that are not in t.
func (s Set) Subtract(t Set) Set {
	out := Set{whole: s.whole.Minus(t.whole)}
	for i, proto := range withPorts {
		switch {
		case t.whole.Has(proto):
		case t.ports[i].IsEmpty():
			out.ports[i] = s.ports[i]
		default:
			out.whole = out.whole.Minus(BitsOf(proto))
			out.ports[i] = s.Ports(proto).Subtract(t.ports[i])
		}
	}
	for i, proto := range withMessages {
		switch {
		case t.whole.Has(proto):
		case t.icmp[i].IsEmpty():
			out.icmp[i] = s.icmp[i]
		default:
			out.whole = out.whole.Minus(BitsOf(proto))
			out.icmp[i] = s.ICMP([...]int{4, 6}[i]).Subtract(t.icmp[i])
		}
	}
	return out.normal()
}

// Overlaps reports whether a packet is in both sets.
func (s Set) Overlaps(t Set) bool { return !s.Intersect(t).IsEmpty() }

// Covers reports whether every packet of t is in s.
func (s Set) Covers(t Set) bool { return t.Subtract(s).IsEmpty() }

// Equal reports whether both hold the same packets.
func (s Set) Equal(t Set) bool {
	if s.whole != t.whole || !s.icmp[0].Equal(t.icmp[0]) || !s.icmp[1].Equal(t.icmp[1]) {
		return false
	}
	for i := range s.ports {
		if !s.ports[i].Equal(t.ports[i]) {
			return false
		}
	}
	return true
}

// Has reports whether one packet is in the set. Port is the destination port; for ICMP it is type<<8 | code.
func (s Set) Has(proto uint8, port uint16) bool {
	switch {
	case s.whole.Has(proto):
		return true
	case HasPorts(proto):
		return s.Ports(proto).Has(port)
	case proto == ProtoICMP:
		return s.icmp[0].Codes(uint8(port >> 8)).Has(uint8(port))
	case proto == ProtoICMPv6:
		return s.icmp[1].Codes(uint8(port >> 8)).Has(uint8(port))
	}
	return false
}

// String is a compact form for messages.
func (s Set) String() string {
	if s.IsAll() {
		return "all traffic"
	}
	var parts []string
	for i, proto := range withPorts {
		if !s.ports[i].IsEmpty() {
			parts = append(parts, ProtocolName(proto)+" "+s.ports[i].String())
		}
	}
	for i, name := range [...]string{"ICMP", "ICMPv6"} {
		if !s.icmp[i].IsEmpty() {
			parts = append(parts, fmt.Sprintf("%s types %v", name, s.icmp[i].AnyTypes()))
		}
	}
	switch n := s.whole.Numbers(); {
	case len(n) > 8:
		parts = append(parts, fmt.Sprintf("%d protocols", len(n)))
	default:
		for _, p := range n {
			parts = append(parts, ProtocolName(p))
		}
	}
	if len(parts) == 0 {
		return "no traffic"
	}
	return strings.Join(parts, ", ")
}
