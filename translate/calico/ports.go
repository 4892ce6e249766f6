package calico

import (
	"strings"

	"github.com/projectcalico/api/pkg/lib/numorstring"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/traffic"
)

// packets is one way for a packet to satisfy the traffic part of a rule: a plain set, and perhaps port names that
// leave less of it.
type packets struct {
	set   traffic.Set
	named []model.NamedPort
	// why says that it is in doubt whether these packets match; its code is nil when they surely do.
	why reason
}

// protocolNumber reads a protocol by name or number. Names are read in any case, as Felix does with what was stored
// without validation (libcalico-go/lib/backend/syncersv1/updateprocessors/rules.go, convertV3ProtocolToV1).
func protocolNumber(p numorstring.Protocol) (uint8, bool) {
	if p.Type == numorstring.NumOrStringNum {
		return p.NumVal, true
	}
	for name, n := range map[string]uint8{
		numorstring.ProtocolTCP: traffic.ProtoTCP, numorstring.ProtocolUDP: traffic.ProtoUDP,
		numorstring.ProtocolICMP: traffic.ProtoICMP, numorstring.ProtocolICMPv6: traffic.ProtoICMPv6,
		numorstring.ProtocolSCTP: traffic.ProtoSCTP, numorstring.ProtocolUDPLite: traffic.ProtoUDPLite,
	} {
		if strings.EqualFold(name, p.StrVal) {
			return n, true
		}
	}
	n, err := p.NumValue()
	return n, err == nil
}

// portList is a list of ports, the numbers and the names apart.
type portList struct {
	numbers traffic.Ports
	names   []string
}

func portsOf(list []numorstring.Port) portList {
	var out portList
	var ranges []traffic.Range
	for _, p := range list {
		if p.PortName != "" {
			out.names = append(out.names, p.PortName)
			continue
		}
		ranges = append(ranges, traffic.Range{First: p.MinPort, Last: p.MaxPort})
	}
	out.numbers = traffic.PortsOf(ranges...)
	return out
}

// allowed narrows packets of the protocols to those that go to a listed port: to a number, or to a port that bears
// the name where the packet ends.
func (l portList) allowed(base traffic.Set, protocols []uint8) []packets {
	var numbers traffic.Set
	var named []model.NamedPort
	var whole []uint8
	for _, proto := range protocols {
		if !l.numbers.IsEmpty() {
			numbers = numbers.Union(traffic.PortsOfProtocol(proto, l.numbers))
		}
		for _, name := range l.names {
			named = append(named, model.NamedPort{Protocol: proto, Name: name})
		}
		whole = append(whole, proto)
	}
	var out []packets
	if set := base.Intersect(numbers); !set.IsEmpty() {
		out = append(out, packets{set: set})
	}
	if set := base.Intersect(traffic.Protocol(whole...)); len(named) > 0 && !set.IsEmpty() {
		out = append(out, packets{set: set, named: named})
	}
	return out
}

// refused takes packets to a listed port out of the set. A name may stand for any number, so of its protocols
// nothing is left for sure.
func (l portList) refused(base traffic.Set, protocols []uint8) []packets {
	for _, proto := range protocols {
		if !l.numbers.IsEmpty() {
			base = base.Subtract(traffic.PortsOfProtocol(proto, l.numbers))
		}
	}
	if len(l.names) == 0 {
		return []packets{{set: base}}
	}
	unsure := traffic.Protocol(protocols...)
	return []packets{
		{set: base.Subtract(unsure)},
		{set: base.Intersect(unsure), why: reason{diag.NamedPort,
			"notPorts names " + strings.Join(l.names, ", ") + ", which is another number on every pod", "write the port numbers"}},
	}
}
