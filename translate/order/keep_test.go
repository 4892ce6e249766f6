package order

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/translate/traffic"
)

// containerPort is a port of a pod of the small world.
type containerPort struct {
	proto uint8
	port  uint16
	name  string
}

// portsOf gives the pods ports so that a name has several numbers and several protocols.
func portsOf(pod map[selector.Key]string) []containerPort {
	switch pod[app] {
	case "web":
		if pod[namespace] == "shop" {
			return []containerPort{{traffic.ProtoTCP, 80, "http"}, {traffic.ProtoTCP, 443, "alt"}}
		}
		return []containerPort{{traffic.ProtoTCP, 443, "http"}, {traffic.ProtoUDP, 80, "alt"}}
	case "db":
		return []containerPort{{traffic.ProtoUDP, 80, "http"}, {traffic.ProtoTCP, 80, "alt"}}
	}
	return nil
}

// named reports whether the packet is for a port that bears one of the names, if there are any; with any protocol, or
// only with that of the name.
func (p point) named(names []model.NamedPort, anyProtocol bool) bool {
	return len(names) == 0 || slices.ContainsFunc(portsOf(p.receives), func(c containerPort) bool {
		return c.proto == p.proto && c.port == p.port && slices.ContainsFunc(names, func(n model.NamedPort) bool {
			return n.Name == c.name && (anyProtocol || n.Protocol == c.proto)
		})
	})
}

// pointsOf is points with what receives them, and some of a second protocol with ports.
func pointsOf(d model.Direction) []point {
	var out []point
	for _, p := range points() {
		if p.receives = p.pod; d == model.Ingress {
			p.receives = p.subject
		}
		out = append(out, p)
		if p.proto == traffic.ProtoTCP {
			p.proto = traffic.ProtoUDP
			out = append(out, p)
		}
	}
	return out
}

// orderedAllowed judges a flat set with rules in order as ClusterNetworkPolicies are walked.
func orderedAllowed(flat *model.Flat, d model.Direction, p point) bool {
	for _, r := range flat.Ordered {
		if r.Direction != d || p.pod == nil || !r.Subject.Match(labels(p.subject)) || !r.Peer.Pods.Match(labels(p.pod)) {
			continue
		}
		if len(r.Named) > 0 && !p.named(r.Named, true) || len(r.Named) == 0 && !r.Traffic.Has(p.proto, p.port) {
			continue
		}
		if r.Action == model.Pass {
			break
		}
		return r.Action == model.Allow
	}
	return flatAllowed(flat, d, p)
}

// nameSomePorts replaces the traffic of some rules by named ports, and gives the policies a document to report on.
func nameSomePorts(r *rand.Rand, set *model.Set) {
	choices := [][]model.NamedPort{
		{{Protocol: traffic.ProtoTCP, Name: "http"}},
		{{Protocol: traffic.ProtoTCP, Name: "http"}},
		{{Protocol: traffic.ProtoUDP, Name: "http"}},
		{{Protocol: traffic.ProtoTCP, Name: "alt"}, {Protocol: traffic.ProtoTCP, Name: "http"}},
		{{Protocol: traffic.ProtoTCP, Name: "http"}, {Protocol: traffic.ProtoUDP, Name: "alt"}},
		{{Protocol: traffic.ProtoTCP, Name: "alt"}, {Protocol: traffic.ProtoUDP, Name: "alt"}, {Protocol: traffic.ProtoSCTP, Name: "alt"}},
	}
	for _, t := range set.Tiers {
		for _, p := range t.Policies {
			p.Doc = &source.Document{}
			for d, s := range p.Sections {
				if s == nil {
					continue
				}
				for _, rule := range s.Rules {
					if r.IntN(3) == 0 {
						b := &rule.Matches[0]
						b.Named = choices[r.IntN(len(choices))]
						b.Traffic = traffic.Set{}
						if d == int(model.Egress) { // an outside address has no names
							b.Peer = model.Pods(b.Peer.Pods)
						}
						for _, n := range b.Named {
							b.Traffic = b.Traffic.Union(traffic.Protocol(n.Protocol))
						}
					}
				}
			}
		}
	}
}

// sayable keeps what ClusterNetworkPolicies have words for.
func sayableInOrder(r model.OrderedRule) int {
	if r.Traffic.IsAll() || traffic.Protocols(transports).Covers(r.Traffic) {
		return 1
	}
	return 0
}

// TestKeptOrderPreservesVerdicts is the law of this package on sets with named ports: nothing opens, and nothing
// closes without a finding, whether order can be kept or not. Where it can, less is lost.
func TestKeptOrderPreservesVerdicts(t *testing.T) {
	ends := [2][]point{pointsOf(model.Ingress), pointsOf(model.Egress)}
	var lost, ordered [2]int
	for seed := range uint64(800) {
		for i, keep := range []Keep{nil, sayableInOrder} {
			r := rand.New(rand.NewPCG(seed, 11))
			set := randomSet(r)
			nameSomePorts(r, set)
			findings := &diag.List{}
			flat := Flatten(set, &env.Env{Findings: findings}, keep)
			ordered[i] += min(len(flat.Ordered), 1)
			narrows := findings.Has(diag.Narrows)
			if narrows {
				lost[i]++
			}
			for d, all := range ends {
				for _, p := range all {
					want, got := allowed(set, model.Direction(d), p), orderedAllowed(flat, model.Direction(d), p)
					if want == got || want && narrows {
						continue
					}
					t.Fatalf("seed %d, %s: %v: source %v, flat %v\n%s%s%s", seed, model.Direction(d), p, want, got,
						describe(set, model.Direction(d)), describeOrdered(flat, model.Direction(d)), describeFlat(flat, model.Direction(d)))
				}
			}
		}
	}
	t.Logf("sets that lose something: %d without order, %d with; order is kept in %d", lost[0], lost[1], ordered[1])
	if ordered[0] != 0 || ordered[1] == 0 || lost[1] >= lost[0] {
		t.Errorf("order is kept in %v sets, and %v sets lose something", ordered, lost)
	}
}

func describeOrdered(flat *model.Flat, d model.Direction) string {
	out := "in order:\n"
	for _, r := range flat.Ordered {
		if r.Direction == d {
			out += "    " + r.Action.String() + " " + r.Box.String() + "\n"
		}
	}
	return out
}
