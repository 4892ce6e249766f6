package cilium

import (
	"fmt"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/traffic"
)

// fittedTraffic is traffic between two bounds that Cilium can write.
type fittedTraffic struct {
	lower, upper traffic.Set
	why          []reason
}

// portedProtocols are those whose ports Cilium matches; UDPLite is not among them (pkg/policy/api/l4.go).
var portedProtocols = []uint8{traffic.ProtoTCP, traffic.ProtoUDP, traffic.ProtoSCTP}

// families pairs an IP version with its ICMP.
var families = []struct {
	version int
	proto   uint8
	name    string
}{{4, traffic.ProtoICMP, "IPv4"}, {6, traffic.ProtoICMPv6, "IPv6"}}

func (d *dialect) fitTraffic(t traffic.Set) fittedTraffic {
	if t.IsAll() || t.IsEmpty() {
		return fittedTraffic{lower: t, upper: t}
	}
	var f fittedTraffic
	for _, proto := range portedProtocols {
		if ports := t.Ports(proto); !ports.IsEmpty() {
			f.lower = f.lower.Union(traffic.PortsOfProtocol(proto, ports))
		}
	}
	f.upper = f.lower
	for _, family := range families {
		f.icmp(family.version, family.proto, t.ICMP(family.version))
	}
	d.otherProtocols(&f, t)
	return f
}

// icmp adds ICMP messages. Cilium matches types and no codes, and its type 0 means every type of the family: it
// keeps the type where other protocols have their port, and port 0 is a wildcard (pkg/policy/l4.go).
func (f *fittedTraffic) icmp(version int, proto uint8, m traffic.ICMP) {
	if m.IsEmpty() {
		return
	}
	if m.IsAll() {
		f.lower, f.upper = f.lower.Union(traffic.Protocol(proto)), f.upper.Union(traffic.Protocol(proto))
		return
	}
	whole, exact := m.WholeTypes()
	if !exact {
		f.why = append(f.why, reason{code: diag.ICMPCode, what: "Cilium matches ICMP types and no codes",
			hint: "match the type alone if all its codes may be treated alike"})
	}
	lower, upper := typeSet(whole), typeSet(m.AnyTypes())
	if slices.Contains(m.AnyTypes(), 0) {
		f.why = append(f.why, reason{code: diag.ICMPTypeZero, what: "ICMP type 0 alone cannot be said: to Cilium it means every type",
			hint: "replies to a permitted echo request need no rule of their own, so leave type 0 out"})
		upper = traffic.AllICMP()
	}
	f.lower = f.lower.Union(traffic.ICMPMessages(version, lower))
	f.upper = f.upper.Union(traffic.ICMPMessages(version, upper))
}

func typeSet(types []uint8) traffic.ICMP {
	var m traffic.ICMP
	for _, t := range types {
		if t != 0 {
			m = m.Union(traffic.ICMPType(t))
		}
	}
	return m
}

// otherProtocols adds protocols without ports. Cilium's datapath drops all of them unless extended protocols are on
// (bpf/lib/conntrack.h), so that a deny of them needs no words then.
func (d *dialect) otherProtocols(f *fittedTraffic, t traffic.Set) {
	rest := t.Whole().Minus(traffic.BitsOf(traffic.ProtoTCP, traffic.ProtoUDP, traffic.ProtoSCTP, traffic.ProtoICMP, traffic.ProtoICMPv6))
	someUDPLite := !t.Ports(traffic.ProtoUDPLite).IsEmpty()
	if someUDPLite {
		rest = rest.Or(traffic.BitsOf(traffic.ProtoUDPLite))
	}
	if rest.IsEmpty() {
		return
	}
	if d.extendedProtocols() {
		known := traffic.Protocols(rest.And(d.namedProtocols()))
		f.lower, f.upper = f.lower.Union(known), f.upper.Union(known)
		if rest = rest.Minus(d.namedProtocols()); rest.IsEmpty() {
			return
		}
		f.upper = traffic.All()
	}
	f.why = append(f.why, protocolReason(rest, !d.extendedProtocols()))
}

func protocolReason(rest traffic.Bits, dropped bool) reason {
	numbers := rest.Numbers()
	if len(numbers) > 16 {
		return reason{diag.ProtocolComplement, "Cilium cannot say \"all protocols but some\" beyond TCP, UDP, SCTP and ICMP",
			"name the protocols that are meant", dropped}
	}
	names := make([]string, len(numbers))
	for i, n := range numbers {
		names[i] = traffic.ProtocolName(n)
	}
	return reason{diag.Protocol, fmt.Sprintf("Cilium cannot match protocol %s", strings.Join(names, ", ")),
		"Cilium drops such packets unless extended IP protocols are enabled; a rule without protocol covers them then", dropped}
}

// protocolWords are the protocols without ports that toPorts can name (pkg/policy/api/l4.go).
var protocolWords = map[uint8]string{
	traffic.ProtoTCP: "TCP", traffic.ProtoUDP: "UDP", traffic.ProtoSCTP: "SCTP",
	2: "IGMP", 4: "IPIP", 41: "IPV6", 47: "GRE", 50: "ESP", 51: "AH", 112: "VRRP",
}

// namedProtocols are those of them that the release knows.
func (d *dialect) namedProtocols() traffic.Bits {
	if !d.v.AtLeast(1, 20) {
		return traffic.BitsOf(2, 112)
	}
	return traffic.BitsOf(2, 4, 41, 47, 50, 51, 112)
}
