package calico

import (
	"math"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/traffic"
)

// tunnels is the policy that stands for Felix's guard of its own tunnels.
const tunnels = "policyferry-tunnels"

const protocolIPIP = 4

// guardTunnels says in front of everything that pods send no packets of Calico's own tunnels: Felix drops them before
// it looks at policy (felix/rules/endpoints.go, allowVXLANEncap and allowIPIPEncap). It is said only where a rule
// names these packets, and would come to life without it; a rule for all packets is not about them.
func (l *lowering) guardTunnels() {
	c := l.space.facts.Calico
	port := c.VXLANPort
	if port == 0 {
		port = 4789 // felix/config/config_params.go
	}
	vxlan := traffic.PortsOfProtocol(traffic.ProtoUDP, traffic.PortsOf(traffic.Range{First: port, Last: port}))
	var dropped traffic.Set
	for _, r := range l.podEgress() {
		var named traffic.Set
		for _, b := range r.Matches {
			if !c.AllowVXLANFromPods && namesPort(b.Traffic, port) {
				named = named.Union(vxlan)
			}
			if !c.AllowIPIPFromPods && namesIPIP(b.Traffic) {
				named = named.Union(traffic.Protocol(protocolIPIP))
			}
		}
		dropped = dropped.Union(named)
		if !named.IsEmpty() && r.Action == model.Allow {
			l.env.Findings.Add(diag.DefaultDenyAdded.At(r.Pos, r.Object, r.Path,
				"Calico drops the tunnel packets (%s) that pods send, whatever policy says, so %s is written to do the same", named, tunnels).
				WithHint("give the FelixConfiguration if allowVXLANPacketsFromWorkloads or allowIPIPPacketsFromWorkloads is set"))
		}
	}
	if dropped.IsEmpty() {
		return
	}
	p := l.own(tunnels, math.Inf(-1), model.Pass, model.PodSubjects, selector.All())
	box := model.Everything()
	box.Traffic = dropped
	p.Sections[model.Egress] = &model.Section{Rules: []*model.Rule{{Action: model.Deny, Matches: []model.Box{box}, Origin: p.Origin}}}
}

// podEgress is the rules for what pods send.
func (l *lowering) podEgress() []*model.Rule {
	var out []*model.Rule
	for _, t := range l.tiers {
		for _, p := range t.policies {
			if s := p.Sections[model.Egress]; s != nil && p.Class == model.PodSubjects {
				out = append(out, s.Rules...)
			}
		}
	}
	return out
}

// manyPorts is how long a range may be and still be about each of its ports.
const manyPorts = 1000

func namesPort(s traffic.Set, port uint16) bool {
	for _, r := range s.Ports(traffic.ProtoUDP).Ranges() {
		if r.First <= port && port <= r.Last {
			return int(r.Last)-int(r.First) < manyPorts
		}
	}
	return false
}

func namesIPIP(s traffic.Set) bool {
	return s.Whole().Has(protocolIPIP) && !s.IsAll() && !s.AllBut()
}
