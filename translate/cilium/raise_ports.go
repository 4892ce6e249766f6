package cilium

import (
	"slices"
	"strconv"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/traffic"
)

// maxPorts and maxICMPFields are what one list may hold (pkg/policy/api/rule_validation.go).
const (
	maxPorts      = 40
	maxICMPFields = 40
)

// traffics writes the traffic of a part: toPorts and icmps cannot stand in one element.
func (w *writer) traffics(p model.Part) []trafficElement {
	fitted := w.fitTraffic(p.Traffic)
	w.losses(p, fitted.why)
	t := fitted.lower
	if p.Action == model.Deny {
		t = fitted.upper
	}
	switch {
	case t.IsEmpty():
		return nil
	case len(p.Named) > 0:
		return w.withPorts(p, namedPorts(p.Named))
	case t.IsAll():
		return []trafficElement{{}}
	}
	out := w.withPorts(p, w.ports(p, t))
	if icmps := icmpRules(t); len(icmps) > 0 {
		out = append(out, trafficElement{icmps: icmps})
	}
	return out
}

func (w *writer) withPorts(p model.Part, ports []portProtocol) []trafficElement {
	if len(ports) == 0 {
		return nil
	}
	var rules *l7Rules
	if len(p.HTTP) > 0 {
		rules = raiseHTTP(p.HTTP)
		if ports = w.everyPort(p, ports); len(ports) == 0 {
			return nil
		}
	}
	var t trafficElement
	for chunk := range slices.Chunk(ports, maxPorts) {
		t.toPorts = append(t.toPorts, portRule{Ports: chunk, Rules: rules})
	}
	return []trafficElement{t}
}

// everyPort replaces port 0, on which there are no L7 rules, by the range of all ports, if the release has ranges.
func (w *writer) everyPort(p model.Part, ports []portProtocol) []portProtocol {
	var out []portProtocol
	for _, port := range ports {
		switch {
		case port.Port != "0":
		case w.hasEndPort():
			port.Port, port.EndPort = "1", 65535
		default:
			w.losses(p, []reason{{code: diag.Setting, what: "Cilium before 1.16 has no port ranges, and takes no HTTP rules on every port",
				hint: "name the ports, or translate for Cilium 1.16 or later"}})
			continue
		}
		out = append(out, port)
	}
	return out
}

func namedPorts(named []model.NamedPort) []portProtocol {
	var out []portProtocol
	for _, n := range named {
		out = append(out, portProtocol{Port: n.Name, Protocol: protocolWords[n.Protocol]})
	}
	return out
}

// ports lists the ports of each protocol. ANY stands for exactly TCP, UDP and SCTP.
func (w *writer) ports(p model.Part, t traffic.Set) []portProtocol {
	tcp := t.Ports(traffic.ProtoTCP)
	if !tcp.IsEmpty() && tcp.Equal(t.Ports(traffic.ProtoUDP)) && tcp.Equal(t.Ports(traffic.ProtoSCTP)) {
		return append(w.ranges(p, "ANY", tcp), extended(t)...)
	}
	var out []portProtocol
	for _, proto := range portedProtocols {
		out = append(out, w.ranges(p, protocolWords[proto], t.Ports(proto))...)
	}
	return append(out, extended(t)...)
}

func extended(t traffic.Set) []portProtocol {
	var out []portProtocol
	for _, n := range t.Whole().Numbers() {
		if word := protocolWords[n]; word != "" && !traffic.HasPorts(n) {
			out = append(out, portProtocol{Port: "0", Protocol: word})
		}
	}
	return out
}

func (w *writer) ranges(p model.Part, protocol string, ports traffic.Ports) []portProtocol {
	if ports.IsAll() {
		return []portProtocol{{Port: "0", Protocol: protocol}}
	}
	var out []portProtocol
	for _, r := range ports.Ranges() {
		switch {
		case r.First == r.Last:
			out = append(out, portProtocol{Port: strconv.Itoa(int(r.First)), Protocol: protocol})
		case w.hasEndPort():
			out = append(out, portProtocol{Port: strconv.Itoa(int(r.First)), EndPort: int32(r.Last), Protocol: protocol})
		case int(r.Last)-int(r.First) < maxEnumerated:
			for port := int(r.First); port <= int(r.Last); port++ {
				out = append(out, portProtocol{Port: strconv.Itoa(port), Protocol: protocol})
			}
		default:
			why := []reason{{code: diag.Setting, what: "Cilium before 1.16 has no port ranges, and " + r.String() + " is too long to be listed",
				hint: "translate for Cilium 1.16 or later"}}
			w.losses(p, why)
			if p.Action == model.Deny {
				return []portProtocol{{Port: "0", Protocol: protocol}}
			}
		}
	}
	return out
}

// maxEnumerated is how many ports of a range are listed for a release without ranges.
const maxEnumerated = 200

// icmpRules lists the types of each family. Type 0 is how Cilium says all of them.
func icmpRules(t traffic.Set) []icmpRule {
	var fields []icmpField
	for _, family := range families {
		m := t.ICMP(family.version)
		types := m.AnyTypes()
		if len(types) > 0 && m.IsAll() {
			types = []uint8{0}
		}
		for _, n := range types {
			fields = append(fields, icmpField{Family: family.name, Type: &icmpType{Number: int(n)}})
		}
	}
	var out []icmpRule
	for chunk := range slices.Chunk(fields, maxICMPFields) {
		out = append(out, icmpRule{Fields: chunk})
	}
	return out
}
