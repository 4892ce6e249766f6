package calico

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/traffic"
)

// point is one packet between a policed pod and someone else, of which every box can say whether it is in.
type point struct {
	subject map[selector.Key]string
	pod     map[selector.Key]string // the other end, if it is a pod
	node    map[selector.Key]string // if it is another node
	host    map[selector.Key]string // if it is the pod's own node
	addr    netip.Addr              // if it is outside
	proto   uint8
	port    uint16
}

func byKey(m map[selector.Key]string) func(selector.Key) (string, bool) {
	return func(k selector.Key) (string, bool) { v, ok := m[k]; return v, ok }
}

func (p point) in(subject selector.Selector, b model.Box) bool {
	if !subject.Match(byKey(p.subject)) || !b.Subject.Match(byKey(p.subject)) || !b.Traffic.Has(p.proto, p.port) {
		return false
	}
	switch {
	case p.pod != nil:
		return b.Peer.Pods.Match(byKey(p.pod))
	case p.node != nil:
		return b.Peer.Nodes.Match(byKey(p.node))
	case p.host != nil:
		return b.Peer.Host.Match(byKey(p.host))
	}
	return b.Peer.World.ContainsAddr(p.addr)
}

// allowed judges a set by the definition of its tiers, with no rule in doubt.
func allowed(set *model.Set, d model.Direction, p point) bool {
	for _, t := range set.Tiers {
		ends, passed := false, false
		var verdicts []model.Action
		for _, policy := range t.Policies {
			s := policy.Sections[d]
			if s == nil || policy.Class != model.PodSubjects || !policy.Subject.Match(byKey(p.subject)) {
				continue
			}
			ends = ends || s.Isolates
			for _, r := range s.Rules {
				for _, b := range r.Matches {
					if p.in(policy.Subject, b) {
						verdicts = append(verdicts, r.Action)
					}
				}
			}
		}
		if len(verdicts) > 0 {
			first := verdicts[0]
			for _, v := range verdicts {
				if t.Unordered && v == model.Deny {
					first = v
				}
			}
			if first != model.Pass {
				return first == model.Allow
			}
			passed = true
		}
		if ends && !passed && t.Default == model.Deny {
			return false
		}
	}
	return true
}

func points() []point {
	pod := func(ns, team, app string) map[selector.Key]string {
		m := map[selector.Key]string{{Kind: selector.NamespaceName}: ns, {Kind: selector.NamespaceLabel, Name: "team"}: team,
			{Kind: selector.ServiceAccountName}: "default"}
		if app != "" {
			m[selector.Key{Kind: selector.PodLabel, Name: "app"}] = app
		}
		return m
	}
	var pods []map[selector.Key]string
	for _, app := range []string{"", "web", "db"} {
		pods = append(pods, pod("shop", "a", app), pod("pay", "b", app))
	}
	var ends []point
	for _, m := range pods {
		ends = append(ends, point{pod: m})
	}
	for _, n := range []string{"n1", "n2"} {
		ends = append(ends, point{node: map[selector.Key]string{{Kind: selector.NodeName}: n}})
	}
	ends = append(ends, point{host: map[selector.Key]string{{Kind: selector.NodeName}: "n1"}})
	for _, a := range []string{"10.0.0.1", "10.0.1.1", "192.168.10.7", "192.0.2.1", "2001:db8::1"} {
		ends = append(ends, point{addr: netip.MustParseAddr(a)})
	}
	var out []point
	for _, subject := range pods {
		for _, p := range ends {
			p.subject = subject
			for _, port := range []uint16{80, 443} {
				p.proto, p.port = traffic.ProtoTCP, port
				out = append(out, p)
			}
			p.proto, p.port = traffic.ProtoUDP, 53
			out = append(out, p)
			if p.proto, p.port = traffic.ProtoICMP, 8<<8; !p.addr.Is6() {
				out = append(out, p)
			}
		}
	}
	return out
}

func randomPods(r *rand.Rand) selector.Selector {
	switch r.IntN(8) {
	case 0:
		return inNamespace("shop")
	case 1:
		return podLabel("app", selector.In("web"))
	case 2:
		return podLabel("app", selector.NotIn("db"))
	case 3:
		return podLabel("app", selector.Absent()).And(namespaceLabelled("team", selector.In("a")))
	case 4:
		return inNamespace("pay").And(podLabel("app", selector.In("db", "web"))).Or(inNamespace("shop").And(podLabel("app", selector.In("db"))))
	case 5:
		return namespaceLabelled("team", selector.NotIn("b")).Or(podLabel("app", selector.Exists()))
	case 6:
		return podLabel("app", selector.In("web")).Not().And(inNamespace("shop").Not())
	}
	return selector.All()
}

func randomPeer(r *rand.Rand) model.Peer {
	worlds := []string{"10.0.0.0/8", "10.0.0.0/24", "0.0.0.0/0", "192.168.10.0/24", "10.192.0.0/10", "2001:db8::/32"}
	world := cidr.MustParse(worlds[r.IntN(len(worlds))])
	switch r.IntN(9) {
	case 0, 1:
		return model.Pods(randomPods(r))
	case 2:
		return model.World(world)
	case 3:
		return model.World(cidr.All().Subtract(world))
	case 4:
		return model.Pods(randomPods(r)).Union(model.World(world))
	case 5:
		return model.Peer{Host: selector.All(), Nodes: selector.All()}
	case 6:
		return model.Peer{Host: nodesNamed("n1"), Nodes: nodesNamed("n1"), World: world}
	case 7:
		return model.Peer{Host: selector.All(), Nodes: selector.All(), Pods: selector.All()}
	}
	return model.Anyone()
}

func randomTraffic(r *rand.Rand) traffic.Set {
	switch r.IntN(6) {
	case 0:
		return tcp(80)
	case 1:
		return traffic.Protocol(traffic.ProtoTCP, traffic.ProtoUDP, traffic.ProtoSCTP)
	case 2:
		return traffic.All().Subtract(tcp(443))
	case 3:
		return traffic.ICMPMessages(4, traffic.ICMPType(8)).Union(traffic.Protocol(traffic.ProtoUDP))
	case 4:
		return traffic.Protocol(traffic.ProtoICMP).Subtract(traffic.ICMPMessages(4, traffic.ICMPType(8)))
	}
	return traffic.All()
}

func randomCiliumSet(r *rand.Rand) *model.Set {
	set := unorderedSet()
	for i := range 1 + r.IntN(4) {
		p := ciliumPolicy([]string{"shop", "pay", ""}[r.IntN(3)], fmt.Sprintf("p%d", i), randomPods(r))
		for d := range p.Sections {
			if r.IntN(3) == 0 {
				continue
			}
			s := &model.Section{Isolates: r.IntN(3) > 0}
			for range r.IntN(4) {
				action := []model.Action{model.Allow, model.Allow, model.Deny}[r.IntN(3)]
				b := box(randomPeer(r), randomTraffic(r))
				if r.IntN(5) == 0 {
					b.Subject = randomPods(r)
				}
				if action == model.Deny && model.Direction(d) == model.Ingress {
					b.Peer = withoutHost(b.Peer)
				}
				s.Rules = append(s.Rules, rule(action, b))
			}
			p.Sections[d] = s
		}
		set.Tiers[0].Policies = append(set.Tiers[0].Policies, p)
	}
	return set
}

// TestRaiseKeepsVerdicts writes random sets and reads them back: nothing that is written may decide any packet
// differently, and nothing may be left out.
func TestRaiseKeepsVerdicts(t *testing.T) {
	all := points()
	for seed := range uint64(100) {
		set := randomCiliumSet(rand.New(rand.NewPCG(seed, 3)))
		want := map[int]bool{}
		for i, p := range all {
			for _, d := range []model.Direction{model.Ingress, model.Egress} {
				if !(d == model.Ingress && p.host != nil) {
					want[i*2+int(d)] = allowed(set, d, p)
				}
			}
		}
		before := dump(set)
		out := outbound(known())
		text := written(t, set, out)
		if out.Findings.Has(diag.Narrows) || out.Findings.Has(diag.Opens) {
			t.Fatalf("seed %d: not exact: %s\n%s", seed, codes(out), before)
		}
		in := surroundings(known())
		back := &model.Set{}
		if text != "" {
			back = lowerText(t, text, in)
		}
		for i, p := range all {
			for _, d := range []model.Direction{model.Ingress, model.Egress} {
				if w, judged := want[i*2+int(d)]; judged && allowed(back, d, p) != w {
					t.Fatalf("seed %d, %s %v: want %v\n%s\n%s\n%s\n%s", seed, d, p, w, before, text, dump(back), codes(in))
				}
			}
		}
	}
}
