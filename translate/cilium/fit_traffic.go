package cilium

import (
	"fmt"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/cluster"
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
		ports := t.Ports(proto)
		switch {
		case ports.IsEmpty():
		case proto == traffic.ProtoSCTP && !ports.IsAll() && d.sctpWithoutPorts():
			f.upper = f.upper.Union(traffic.Protocol(proto))
			f.why = append(f.why, sctpReason)
		default:
			f.lower = f.lower.Union(traffic.PortsOfProtocol(proto, ports))
		}
	}
	f.upper = f.upper.Union(f.lower)
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
// (bpf/lib/conntrack.h), so that a deny of them needs no words where they surely are off. Where that is not known a
// deny is written: it does no harm where they are off.
func (d *dialect) otherProtocols(f *fittedTraffic, t traffic.Set) {
	rest := t.Whole().Minus(traffic.BitsOf(traffic.ProtoTCP, traffic.ProtoUDP, traffic.ProtoSCTP, traffic.ProtoICMP, traffic.ProtoICMPv6))
	someUDPLite := !t.Ports(traffic.ProtoUDPLite).IsEmpty()
	if someUDPLite {
		rest = rest.Or(traffic.BitsOf(traffic.ProtoUDPLite))
	}
	named := rest.And(d.namedProtocols())
	rest = rest.Minus(named)
	switch {
	case named.IsEmpty():
	case d.extendedProtocols():
		f.lower, f.upper = f.lower.Union(traffic.Protocols(named)), f.upper.Union(traffic.Protocols(named))
	case d.dropsOtherProtocols():
		rest = rest.Or(named)
	case rest.IsEmpty():
		f.upper = f.upper.Union(traffic.Protocols(named))
		f.why = append(f.why, reason{code: diag.Setting, denied: true, hint: cluster.FactExtendedProtocols.Hint(),
			what: fmt.Sprintf("Cilium lets protocol %s through only with enable-extended-ip-protocols", protocolNames(named))})
	default:
		rest = rest.Or(named)
	}
	if rest.IsEmpty() {
		return
	}
	f.why = append(f.why, protocolReason(rest, d.dropsOtherProtocols()))
	if !d.dropsOtherProtocols() {
		f.upper = traffic.All()
	}
}

// dropsOtherProtocols reports whether this Cilium surely drops what it cannot name. The setting that lets such packets
// through is off by default, but a deny may not rest on a default.
func (d *dialect) dropsOtherProtocols() bool {
	if !d.v.AtLeast(1, 19) {
		return true
	}
	d.env.Relied.On(cluster.FactExtendedProtocols)
	on := d.facts.Cilium.ExtendedProtocols
	return on != nil && !*on
}

func protocolReason(rest traffic.Bits, dropped bool) reason {
	if len(rest.Numbers()) > 16 {
		return reason{code: diag.ProtocolComplement, what: "Cilium cannot say \"all protocols but some\" beyond TCP, UDP, SCTP and ICMP",
			hint: "name the protocols that are meant", dropped: dropped}
	}
	return reason{code: diag.Protocol, what: "Cilium cannot match protocol " + protocolNames(rest), dropped: dropped,
		hint: "Cilium drops such packets unless extended IP protocols are enabled; a rule without protocol covers them then"}
}

func protocolNames(b traffic.Bits) string {
	var names []string
	for _, n := range b.Numbers() {
		names = append(names, traffic.ProtocolName(n))
	}
	return strings.Join(names, ", ")
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
