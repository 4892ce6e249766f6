package order

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/traffic"
)

var (
	namespace = selector.Key{Kind: selector.NamespaceName}
	app       = selector.Key{Kind: selector.PodLabel, Name: "app"}
)

// point is one packet between one endpoint and one peer, of which every rule can say whether it matches.
type point struct {
	subject map[selector.Key]string
	pod     map[selector.Key]string // the peer, if it is a pod
	addr    netip.Addr              // the peer, if it is outside
	node    bool                    // the peer is another node
	proto   uint8
	port    uint16
	// receives is the pod whose ports the packet is for, if it is one: the subject on the way in, else the peer.
	receives map[selector.Key]string
}

func labels(m map[selector.Key]string) func(selector.Key) (string, bool) {
	return func(k selector.Key) (string, bool) { v, ok := m[k]; return v, ok }
}

func (p point) in(b model.Box) bool {
	if !b.Subject.Match(labels(p.subject)) || !b.Traffic.Has(p.proto, p.port) || !p.named(b.Named, false) {
		return false
	}
	switch {
	case p.pod != nil:
		return b.Peer.Pods.Match(labels(p.pod))
	case p.node:
		return b.Peer.Nodes.IsAll()
	}
	return b.Peer.World.ContainsAddr(p.addr)
}

func pods() []map[selector.Key]string {
	var out []map[selector.Key]string
	for _, ns := range []string{"shop", "pay"} {
		for _, a := range []string{"", "web", "db"} {
			m := map[selector.Key]string{namespace: ns}
			if a != "" {
				m[app] = a
			}
			out = append(out, m)
		}
	}
	return out
}

func points() []point {
	var out []point
	for _, subject := range pods() {
		var ends []point
		for _, pod := range pods() {
			ends = append(ends, point{pod: pod})
		}
		for _, addr := range []string{"10.0.0.1", "10.0.1.1", "192.0.2.1"} {
			ends = append(ends, point{addr: netip.MustParseAddr(addr)})
		}
		ends = append(ends, point{node: true})
		for _, p := range ends {
			p.subject = subject
			for _, port := range []uint16{80, 443} {
				p.proto, p.port = traffic.ProtoTCP, port
				out = append(out, p)
			}
			p.proto, p.port = traffic.ProtoICMP, 8<<8
			out = append(out, p)
		}
	}
	return out
}

// allowed walks the set as Calico does: tiers, policies, rules, the first match wins.
func allowed(set *model.Set, d model.Direction, p point) bool {
	for _, t := range set.Tiers {
		ends := false
	policies:
		for _, policy := range t.Policies {
			section := policy.Sections[d]
			if section == nil || !policy.Subject.Match(labels(p.subject)) {
				continue
			}
			ends = ends || section.Isolates
			for _, r := range section.Rules {
				for _, b := range r.Matches {
					if !p.in(b) {
						continue
					}
					switch r.Action {
					case model.Allow:
						return true
					case model.Deny:
						return false
					}
					ends = false
					break policies
				}
			}
		}
		if ends && t.Default == model.Deny {
			return false
		}
	}
	return true
}

// flatAllowed judges a flat set by its definition.
func flatAllowed(flat *model.Flat, d model.Direction, p point) bool {
	isolated, allow := false, false
	for _, policy := range flat.Policies {
		isolated = isolated || policy.Isolated[d].Match(labels(p.subject))
		for _, part := range policy.Parts[d] {
			if p.in(part.Box) {
				if part.Action == model.Deny {
					return false
				}
				allow = true
			}
		}
	}
	return allow || !isolated
}

func randomSelector(r *rand.Rand) selector.Selector {
	switch r.IntN(7) {
	case 0:
		return selector.Where(namespace, selector.In("shop"))
	case 1:
		return selector.Where(app, selector.In("web"))
	case 2:
		return selector.Where(app, selector.NotIn("db"))
	case 3:
		return selector.Where(app, selector.Exists())
	case 4:
		return selector.Where(namespace, selector.In("pay")).And(selector.Where(app, selector.In("db", "web")))
	case 5:
		return selector.Where(namespace, selector.In("pay")).Or(selector.Where(app, selector.Absent()))
	}
	return selector.All()
}

func randomBox(r *rand.Rand) model.Box {
	b := model.Everything()
	switch r.IntN(5) {
	case 0:
		b.Peer = model.Pods(randomSelector(r))
	case 1:
		b.Peer = model.World(cidr.MustParse([]string{"10.0.0.0/8", "10.0.0.0/24", "0.0.0.0/0", "192.0.2.0/24"}[r.IntN(4)]))
	case 2:
		b.Peer = model.Pods(randomSelector(r)).Union(model.World(cidr.MustParse("10.0.0.0/8")))
	case 3:
		b.Peer = model.Peer{Nodes: selector.All(), Pods: randomSelector(r)}
	}
	switch r.IntN(4) {
	case 0:
		b.Traffic = traffic.Protocol(traffic.ProtoTCP)
	case 1:
		b.Traffic = traffic.PortsOfProtocol(traffic.ProtoTCP, traffic.PortsOf(traffic.Range{First: 80, Last: 80}))
	case 2:
		b.Traffic = traffic.PortsOfProtocol(traffic.ProtoTCP, traffic.PortsOf(traffic.Range{First: 81, Last: 500}))
	}
	if r.IntN(5) == 0 {
		b.Subject = randomSelector(r)
	}
	return b
}

func randomSet(r *rand.Rand) *model.Set {
	set := &model.Set{}
	for range 1 + r.IntN(3) {
		t := &model.Tier{Default: []model.Action{model.Deny, model.Deny, model.Pass}[r.IntN(3)]}
		for range 1 + r.IntN(3) {
			p := &model.Policy{Subject: randomSelector(r)}
			for d := range p.Sections {
				if r.IntN(4) == 0 {
					continue
				}
				p.Sections[d] = &model.Section{Isolates: r.IntN(6) > 0}
				for range r.IntN(4) {
					rule := &model.Rule{Action: model.Action(r.IntN(3)), Matches: []model.Box{randomBox(r)}}
					p.Sections[d].Rules = append(p.Sections[d].Rules, rule)
				}
			}
			t.Policies = append(t.Policies, p)
		}
		set.Tiers = append(set.Tiers, t)
	}
	return set
}

func describe(set *model.Set, d model.Direction) string {
	out := ""
	for _, t := range set.Tiers {
		out += fmt.Sprintf("tier default %s\n", t.Default)
		for _, p := range t.Policies {
			if p.Sections[d] == nil {
				continue
			}
			out += fmt.Sprintf("  policy on %s, isolates %v\n", p.Subject, p.Sections[d].Isolates)
			for _, r := range p.Sections[d].Rules {
				out += fmt.Sprintf("    %s %s\n", r.Action, r.Matches[0])
			}
		}
	}
	return out
}

// TestFlattenPreservesVerdicts is the law of this package: on every point the flat set answers as the ordered one.
func TestFlattenPreservesVerdicts(t *testing.T) {
	all := points()
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 7))
		set := randomSet(r)
		findings := &diag.List{}
		flat := Flatten(set, &env.Env{Findings: findings}, nil)
		for _, d := range []model.Direction{model.Ingress, model.Egress} {
			for _, p := range all {
				want, got := allowed(set, d, p), flatAllowed(flat, d, p)
				if want == got {
					continue
				}
				t.Fatalf("seed %d, %s: %v: ordered %v, flat %v\n%s%s", seed, d, p, want, got, describe(set, d), describeFlat(flat, d))
			}
		}
		if findings.Has(diag.Narrows) {
			t.Fatalf("seed %d: a set without named ports is not flattened exactly: %v", seed, findings.Sorted())
		}
	}
}

func describeFlat(flat *model.Flat, d model.Direction) string {
	out := "flat:\n"
	for _, p := range flat.Policies {
		out += fmt.Sprintf("  isolates %s\n", p.Isolated[d])
		for _, part := range p.Parts[d] {
			out += fmt.Sprintf("    %s %s\n", part.Action, part.Box)
		}
	}
	return out
}
