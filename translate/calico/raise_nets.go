package calico

import (
	"net/netip"
	"slices"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

// target is what the way out knows about the cluster.
type target struct {
	env   *env.Env
	space *space
}

func newTarget(e *env.Env) *target { return &target{env: e, space: newSpace(e)} }

// insiders is the addresses in the set that belong to pods and nodes of which the peer does not speak: nets would
// match them and should not. Exact is false if the facts do not tell which they are; then a wide set may match them,
// and one that is not leaves out whatever may be one. NotPods says that pods are left out by a notSelector instead.
func (t *target) insiders(set cidr.Set, p model.Peer, namespace string, wide bool) (out cidr.Set, notPods, exact bool) {
	exact = true
	if set.IsEmpty() {
		return out, notPods, exact
	}
	t.relyOnSpace(p)
	if pods := set.Intersect(t.space.pods); !p.Pods.IsAll() && !pods.IsEmpty() {
		switch {
		case t.space.podsKnown:
			out = out.Union(pods)
		case namespace == "":
			notPods = true
		default:
			exact = false
			if !wide {
				out = out.Union(pods)
			}
		}
	}
	nodes := set.Intersect(t.space.nodes)
	switch {
	case p.Nodes.IsAll() || nodes.IsEmpty():
	case t.space.facts.Nodes != nil:
		others := t.space.nodeAddresses(selector.All()).Subtract(t.space.nodeAddresses(p.Nodes))
		out = out.Union(others.Intersect(set))
	default:
		exact = false
		if !wide {
			out = out.Union(nodes)
		}
	}
	return out, notPods, exact
}

// relyOnSpace notes the facts by which addresses are told apart from pods and nodes of which the peer does not speak,
// also where they turn out not to meet.
func (t *target) relyOnSpace(p model.Peer) {
	if t.space.podsKnown && !p.Pods.IsAll() {
		t.env.Relied.On(cluster.FactPodCIDRs)
	}
	if t.space.facts.Nodes != nil && !p.Nodes.IsAll() {
		t.env.Relied.On(cluster.FactNodes)
	}
}

// nodeAddresses is the addresses of the nodes that the selector names. Without an inventory of nodes it is the
// ranges in which they are.
func (s *space) nodeAddresses(nodes selector.Selector) cidr.Set {
	var out cidr.Set
	if nodes.IsNone() {
		return out
	}
	if s.facts.Nodes == nil {
		return s.nodes
	}
	for name, n := range s.facts.Nodes {
		if nodes.Match(nodeLabels(name, n)) {
			out = out.Union(cidr.OfAddrs(n.Addresses...))
		}
	}
	return out
}

func nodeLabels(name string, n *cluster.Node) func(selector.Key) (string, bool) {
	return func(k selector.Key) (string, bool) {
		switch k.Kind {
		case selector.NodeName:
			return name, true
		case selector.NodeLabel:
			v, ok := n.Labels[k.Name]
			return v, ok
		}
		return "", false
	}
}

// netEntities writes addresses outside the cluster, for each family apart: a rule may not mix them
// (libcalico-go/lib/validator/v3/validator.go).
func netEntities(set, without cidr.Set, notPods bool) []entityRule {
	var out []entityRule
	for _, v := range []int{4, 6} {
		nets, notNets := netLists(set.Family(v), without.Family(v))
		for part := range slices.Chunk(nets, maxNets) {
			e := entityRule{Nets: texts(part), NotNets: texts(notNets)}
			if notPods {
				e.NotSelector = labelOrchestrator + " == " + quoted(orchestratorKubernetes)
			}
			out = append(out, e)
		}
	}
	return out
}

// netLists finds the shortest lists of prefixes for a set of one family without some of its addresses: the prefixes
// of the set, or one prefix around it and the holes.
func netLists(set, without cidr.Set) (nets, notNets []netip.Prefix) {
	wanted := set.Subtract(without)
	if wanted.IsEmpty() {
		return nil, nil
	}
	type lists struct{ nets, notNets []netip.Prefix }
	hull := hullOf(wanted)
	candidates := []lists{
		{set.Prefixes(), without.Intersect(set).Prefixes()},
		{[]netip.Prefix{hull}, cidr.Of(hull).Subtract(wanted).Prefixes()},
	}
	best := lists{nets: wanted.Prefixes()}
	found := false
	for _, c := range candidates {
		catchAll := slices.ContainsFunc(c.notNets, func(p netip.Prefix) bool { return p.Bits() == 0 })
		if len(c.notNets) > maxNets || catchAll {
			continue
		}
		if !found || len(c.nets)+len(c.notNets) < len(best.nets)+len(best.notNets) {
			best, found = c, true
		}
	}
	return best.nets, best.notNets
}

// hullOf is the longest prefix that holds the whole set, which has one family and is not empty.
func hullOf(set cidr.Set) netip.Prefix {
	p := set.Prefixes()[0]
	for !cidr.Of(p).ContainsSet(set) {
		p = netip.PrefixFrom(p.Addr(), p.Bits()-1).Masked()
	}
	return p
}

func texts(prefixes []netip.Prefix) []string {
	var out []string
	for _, p := range prefixes {
		out = append(out, p.String())
	}
	return out
}
