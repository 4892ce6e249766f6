package calico

import (
	"maps"
	"slices"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/source"
)

// barren is where neither a pod nor a node can have its address: loopback, link-local, multicast and reserved ranges.
var barren = cidr.MustParse("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3",
	"::/127", "fe80::/10", "ff00::/8")

// space is the addresses of a cluster, divided among those who may have them.
type space struct {
	facts  *cluster.Facts
	relied *cluster.Relied
	// pods and nodes is where pods and nodes have their addresses; without the facts, where they might.
	pods, nodes           cidr.Set
	podsKnown, nodesKnown bool
}

func newSpace(e *env.Env) *space {
	s := &space{facts: e.Facts, relied: e.Relied}
	if s.facts == nil {
		s.facts = &cluster.Facts{}
	}
	s.podsKnown = s.facts.PodCIDRs != nil
	s.pods = cidr.All().Subtract(barren)
	if s.podsKnown {
		s.pods = s.facts.PodSet()
	}
	s.nodesKnown = s.facts.NodeCIDRs != nil || s.facts.Nodes != nil
	s.nodes = cidr.All().Subtract(barren)
	if s.nodesKnown {
		s.nodes = s.facts.NodeSet()
	}
	// Both ends of a connection have the same family, so a node's addresses in a family that no pod has never meet
	// pod policy.
	if versions, known := s.facts.Families(); known && len(versions) == 1 {
		s.pods, s.nodes = s.pods.Family(versions[0]), s.nodes.Family(versions[0])
	}
	return s
}

// who is everyone whose address lies in the set. Calico matches addresses, so nets mean pods and nodes as well
// (felix/rules/policy.go renders them as plain source and destination matches).
func (s *space) who(set cidr.Set) reach {
	if set.Equal(cidr.All()) {
		return reach{sure: model.Anyone()}
	}
	out := reach{sure: model.World(set)}
	pods := s.whichPods(set)
	out.sure.Pods = pods.sure
	out.add(model.Pods(pods.maybe), pods.why)
	nodes := s.whichNodes(set)
	out.sure.Host, out.sure.Nodes = nodes.sure, nodes.sure
	out.add(model.Peer{Host: nodes.maybe, Nodes: nodes.maybe}, nodes.why)
	return out
}

// portion is the part of one class that a set of addresses surely holds, and what it may hold besides.
type portion struct {
	sure, maybe selector.Selector
	why         reason
}

// whichPods is the pods whose address lies in the set: all, none, or nobody knows which. That a single pod has its
// address there says nothing about the pod that takes its place.
func (s *space) whichPods(set cidr.Set) portion {
	if s.podsKnown {
		s.relied.On(cluster.FactPodCIDRs)
	}
	switch {
	case !set.Overlaps(s.pods):
		return portion{}
	case set.ContainsSet(s.pods):
		return portion{sure: selector.All()}
	case !s.podsKnown:
		return portion{maybe: selector.All(), why: reason{diag.NeedsFact, "whether pods have addresses there is not known", cluster.FactPodCIDRs.Hint()}}
	}
	why := reason{diag.CIDRMeetsPods, "some pods have their addresses there and others have not",
		"choose the pods by labels, or cover every pod CIDR (" + s.pods.String() + ")"}
	if oneFamily(set, s.pods) {
		why = reason{diag.Family, "pods have addresses of both families and only one is meant", "choose the pods by labels, which mean both families"}
	}
	return portion{maybe: selector.All(), why: why}
}

// whichNodes is the nodes whose addresses lie in the set. Nodes come and go more slowly than pods and keep their
// names, so they are told apart where the facts list them.
func (s *space) whichNodes(set cidr.Set) portion {
	switch {
	case !set.Overlaps(s.nodes):
		s.relyOnNodes()
		return portion{}
	case set.ContainsSet(s.nodes):
		s.relyOnNodes()
		return portion{sure: selector.All()}
	case !s.nodesKnown:
		return portion{maybe: selector.All(), why: reason{diag.NeedsFact, "whether nodes have addresses there is not known", cluster.FactNodeCIDRs.Hint()}}
	}
	s.relyOnNodes()
	why := reason{diag.CIDRMeetsNodes, "some node addresses lie there and others do not", "cover every node address, or none"}
	if oneFamily(set, s.nodes) {
		why = reason{diag.Family, "nodes have addresses of both families and only one is meant", "leave the addresses of nodes out of the rule, or choose everyone"}
	}
	if s.facts.Nodes == nil {
		return portion{maybe: selector.All(), why: why}
	}
	var whole, part []string
	for _, name := range slices.Sorted(maps.Keys(s.facts.Nodes)) {
		addresses := cidr.OfAddrs(s.facts.Nodes[name].Addresses...).Intersect(s.nodes)
		switch {
		case !addresses.Overlaps(set):
		case set.ContainsSet(addresses):
			whole = append(whole, name)
		default:
			part = append(part, name)
		}
	}
	out := portion{why: why}
	if len(whole) > 0 {
		out.sure = nodesNamed(whole...)
	}
	if len(part) > 0 {
		out.maybe = nodesNamed(part...)
	}
	return out
}

func (s *space) relyOnNodes() {
	if s.nodesKnown {
		s.relied.On(cluster.FactNodeCIDRs)
	}
	if s.facts.Nodes != nil {
		s.relied.On(cluster.FactNodes)
	}
}

// oneFamily reports whether the set holds all of one family's range and nothing of the other's, which has one too.
func oneFamily(set, ranges cidr.Set) bool {
	for _, v := range []int{4, 6} {
		mine, other := ranges.Family(v), ranges.Family(10-v)
		if !mine.IsEmpty() && !other.IsEmpty() && set.ContainsSet(mine) && !set.Overlaps(other) {
			return true
		}
	}
	return false
}

// Addresses says who is behind a set of addresses under Calico, reporting every doubt at the path. It is how the
// Kubernetes kinds are read when Calico enforces them.
func Addresses(e *env.Env) func(*source.Document, string, cidr.Set, model.Direction, model.Action) ([]model.Peer, []model.DoubtfulPeer) {
	s := newSpace(e)
	return func(doc *source.Document, path string, set cidr.Set, d model.Direction, action model.Action) ([]model.Peer, []model.DoubtfulPeer) {
		who := s.who(set).policed(d, action)
		var doubts []model.DoubtfulPeer
		for _, m := range who.maybe {
			m.why.note(e, doc, path, action)
			doubts = append(doubts, model.DoubtfulPeer{Peer: m.peer, Code: m.why.code})
		}
		return []model.Peer{who.sure}, doubts
	}
}
