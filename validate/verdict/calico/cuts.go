package calico

import (
	"net/netip"

	"github.com/policyferry/policyferry/validate/verdict"
)

// cut adds the places at which a rule divides traffic.
func (g *governing) cut(r *rule) {
	protocols := []uint8{protocolTCP, protocolUDP, protocolSCTP}
	if r.protocol != nil {
		protocols = []uint8{*r.protocol}
	}
	for _, protocol := range protocols {
		for _, list := range []*ports{r.destination.ports, r.destination.notPorts} {
			list.cut(g.out.Cuts.Port, protocol)
		}
		for _, list := range []*ports{r.source.ports, r.source.notPorts} {
			list.cut(g.out.Cuts.SourcePort, protocol)
		}
	}
	if r.destination.targets != nil {
		r.destination.targets.cut(g.out.Cuts.Port)
	}
	for _, m := range []icmpMatch{r.icmp, r.notICMP} {
		if !m.given() {
			continue
		}
		for _, protocol := range []uint8{protocolICMP, protocolICMPv6} {
			g.out.Cuts.Port(protocol, uint16(*m.kind), uint16(*m.kind))
			if m.code != nil {
				g.out.Cuts.SourcePort(protocol, uint16(*m.code), uint16(*m.code))
			}
		}
	}
}

// cut adds the bounds of numbers and ranges, and the numbers that names mean to anybody.
func (s *ports) cut(at func(protocol uint8, low, high uint16), protocol uint8) {
	if s == nil {
		return
	}
	for _, r := range s.ranges {
		at(protocol, r.MinPort, r.MaxPort)
	}
	for _, t := range s.named {
		t.cut(at)
	}
}

// cut adds the ports of targets, whoever has them.
func (s *targets) cut(at func(protocol uint8, low, high uint16)) {
	s.once.Do(func() {
		seen := map[target]bool{}
		for t := range s.has {
			if t = (target{protocol: t.protocol, port: t.port}); !seen[t] {
				seen[t] = true
				s.distinct = append(s.distinct, t)
			}
		}
	})
	for _, t := range s.distinct {
		at(t.protocol, t.port, t.port)
	}
}

// failsafes adds the ports that hosts leave open, and what looks like their replies.
func (g *governing) failsafes() {
	for _, f := range g.divider.failsafes() {
		protocol := protocolNumbers[f.Protocol]
		g.out.Cuts.Port(protocol, f.Port, f.Port)
		g.out.Cuts.SourcePort(protocol, f.Port, f.Port)
		if f.Net.IsValid() {
			g.add(f.Net, func() *verdict.Split { return g.byAddress(&entity{nets: []netip.Prefix{f.Net}}) })
		}
	}
}

// SourceCuts implements verdict.SourcePorts.
func (j *judge) SourceCuts() verdict.Cuts {
	var out verdict.Cuts
	for r := range j.everyRule() {
		for _, list := range []*ports{r.source.ports, r.source.notPorts} {
			for _, protocol := range []uint8{protocolTCP, protocolUDP, protocolSCTP} {
				list.cut(out.SourcePort, protocol)
			}
		}
	}
	for _, f := range j.failsafes() {
		out.SourcePort(protocolNumbers[f.Protocol], f.Port, f.Port)
	}
	return out
}
