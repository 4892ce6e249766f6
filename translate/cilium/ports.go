package cilium

import (
	"slices"
	"strconv"
	"strings"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/translate/traffic"
)

// ports lowers the ports of one element of toPorts: numbers as one flow, names as one for each protocol.
func (r *ruleReader) ports(e *readElement, p portRule, path string) []flow {
	if len(p.Ports) == 0 {
		r.matchesNothing(path)
		return nil
	}
	var numbers flow
	named := map[uint8]flow{}
	var out []flow
	for i, pp := range p.Ports {
		at := source.Item(source.Field(path, "ports"), i)
		protocols := r.protocols(pp, at)
		if !everyPort(pp.Port) && r.sctpWithoutPorts() {
			protocols = slices.DeleteFunc(slices.Clone(protocols), func(n uint8) bool { return n == traffic.ProtoSCTP })
		}
		switch {
		case pp.Port == "" && !r.extendedProtocols():
			r.env.Note(r.doc, diag.NeedsFact, at, cluster.FactExtendedProtocols.Hint(),
				"Cilium reads a port list without a port only with extended protocols on")
			out = append(out, flow{traffic: traffic.Protocol(protocols...), doubt: diag.NeedsFact})
		case isServiceName(pp.Port):
			out = append(out, r.namedRange(e, pp, protocols, at)...)
			for _, proto := range protocols {
				switch f := r.named(e, pp, proto, at); {
				case len(f.named) > 0:
					f.named = append(named[proto].named, f.named...)
					named[proto] = f
				case f.doubt != nil:
					out = append(out, f)
				default:
					numbers.traffic = numbers.traffic.Union(f.traffic)
				}
			}
		default:
			numbers.traffic = numbers.traffic.Union(r.numbered(pp, protocols, at))
		}
	}
	if !numbers.traffic.IsEmpty() {
		out = append([]flow{numbers}, out...)
	}
	for _, proto := range portedProtocols {
		if f := named[proto]; len(f.named) > 0 {
			out = append(out, f)
		}
	}
	return out
}

// protocols are what a protocol word stands for: ANY, or none, for TCP, UDP and SCTP only (pkg/policy/rule.go).
func (r *ruleReader) protocols(pp portProtocol, path string) []uint8 {
	word := strings.ToUpper(pp.Protocol)
	if word == "" || word == "ANY" {
		return portedProtocols
	}
	for n, w := range protocolWords {
		if w != word {
			continue
		}
		switch {
		case n != traffic.ProtoSCTP || r.sctp():
		case r.sctpWithoutPorts() && !everyPort(pp.Port):
			r.remark(diag.Setting, diag.Exact, path, cluster.FactSCTP.Hint(),
				"Cilium does not look for the ports of SCTP unless sctp.enabled is on, so this entry matches nothing")
		case !r.sctpWithoutPorts():
			r.remark(diag.Setting, diag.Exact, path, cluster.FactSCTP.Hint(),
				"Cilium drops SCTP whatever policy says unless sctp.enabled is on; the rule is carried as written")
		}
		return []uint8{n}
	}
	return nil
}

// sctpWithoutPorts reports whether SCTP passes connection tracking as any protocol does with extended protocols on,
// and policy is asked about no port of it (bpf/lib/conntrack.h).
func (r *ruleReader) sctpWithoutPorts() bool {
	on := func(b *bool) bool { return b != nil && *b }
	if !on(r.facts.Cilium.ExtendedProtocols) || on(r.facts.Cilium.SCTP) {
		return false // nothing to rely on
	}
	return r.extendedProtocols() && !r.sctp()
}

// everyPort reports whether a port stands for all of them.
func everyPort(port string) bool {
	n, err := strconv.ParseUint(port, 0, 16)
	return port == "" || err == nil && n == 0
}

// numbered is the traffic to a port or range. Port 0 is every port; endPort counts only above the port
// (pkg/policy/l4.go) and since 1.16.
func (r *ruleReader) numbered(pp portProtocol, protocols []uint8, path string) traffic.Set {
	first, err := strconv.ParseUint(pp.Port, 0, 16)
	if err != nil || first == 0 {
		if pp.EndPort > 0 && err == nil {
			r.remark(diag.EmptyForm, "", path, "", "port 0 means every port, and endPort has no effect on it")
		}
		return traffic.Protocol(protocols...)
	}
	last := first
	switch {
	case pp.EndPort > int32(first) && r.hasEndPort():
		last = min(uint64(pp.EndPort), 65535)
	case pp.EndPort > 0 && pp.EndPort != int32(first):
		r.remark(diag.EmptyForm, "", path, "write the smaller number as port", "endPort has no effect here: only port %d is meant", first)
	}
	var out traffic.Set
	for _, proto := range protocols {
		if !traffic.HasPorts(proto) {
			out = out.Union(traffic.Protocol(proto))
			continue
		}
		out = out.Union(traffic.PortsOfProtocol(proto, traffic.PortsOf(traffic.Range{First: uint16(first), Last: uint16(last)})))
	}
	return out
}

// isServiceName reports whether Cilium takes a port for a name: an IANA service name, at most 15 characters with at
// least one letter (pkg/iana/svcname.go).
func isServiceName(s string) bool {
	if len(s) == 0 || len(s) > 15 || strings.HasPrefix(s, "-") || strings.HasSuffix(s, "-") || strings.Contains(s, "--") {
		return false
	}
	letter := false
	for _, c := range s {
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			letter = true
		case c < '0' || c > '9':
			if c != '-' {
				return false
			}
		}
	}
	return letter
}
