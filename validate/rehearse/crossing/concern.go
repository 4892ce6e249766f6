package crossing

import (
	"fmt"
	"maps"
	"slices"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/verdict"
)

// policies are the kinds that concern only the ends that they select. All others, such as tiers and sets of addresses,
// concern everyone.
var policies = []string{"NetworkPolicy", "GlobalNetworkPolicy", "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy",
	"ClusterNetworkPolicy", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy"}

// concern knows whom documents concern.
type concern struct {
	// groups are those of the ends, by pod or node; ends of a group are selected by the same policies. Group 0 are all
	// others, addresses outside, at which nothing is policed. count is how many groups there are.
	groups map[verdict.Endpoint]int
	count  int
	// by are the groups that a document concerns. Of a document that is not in it nothing is known.
	by map[*source.Document][]int
	// anything are the groups to which documents that do not select them may matter as well.
	anything []int
}

// concerns asks the judges of a few states in which every document of a walk is present once.
func (c *Crossing) concerns(w *walk, changes []Change) (*concern, error) {
	sides, err := c.peaks(w, changes)
	if err != nil {
		return nil, err
	}
	out := &concern{groups: map[verdict.Endpoint]int{}, by: map[*source.Document][]int{}}
	for _, s := range sides {
		for _, d := range s.Documents {
			out.by[d] = []int{}
		}
	}
	for i, at := range c.groups(out, sides) {
		g := i + 1
		seen := map[*source.Document]bool{}
		anything := false
		for _, s := range sides {
			docs, known := s.Concerning(at)
			anything = anything || !known
			for _, d := range docs {
				if !seen[d] {
					seen[d] = true
					out.by[d] = append(out.by[d], g)
				}
			}
		}
		if anything {
			out.anything = append(out.anything, g)
		}
	}
	return out, nil
}

// peaks are the start, the end, and the state with all that is applied and nothing deleted.
func (c *Crossing) peaks(w *walk, changes []Change) ([]*equiv.Side, error) {
	peak, end := w.start.clone(), w.start.clone()
	peak.make(slices.DeleteFunc(slices.Clone(changes), func(ch Change) bool { return ch.Delete }))
	end.make(changes)
	var out []*equiv.Side
	for _, s := range []*state{w.start, peak, end} {
		side, err := c.side(w.polices, s)
		if err != nil {
			return nil, err
		}
		out = append(out, side)
	}
	return out, nil
}

// groups puts pods together that policies cannot tell apart by whom they select, and nodes each by itself. It returns an
// end of each group.
func (c *Crossing) groups(into *concern, sides []*equiv.Side) []verdict.Endpoint {
	var first []verdict.Endpoint
	known := map[string]int{}
	add := func(at verdict.Endpoint, key string) {
		if _, ok := known[key]; !ok {
			first = append(first, at)
			known[key] = len(first)
		}
		into.groups[at] = known[key]
	}
	facts := c.World.Facts
	for _, name := range slices.Sorted(maps.Keys(facts.Nodes)) {
		add(verdict.Endpoint{Node: name}, "node "+name)
		for _, a := range facts.Nodes[name].Addresses {
			into.groups[verdict.Endpoint{Addr: a.Unmap()}] = known["node "+name]
		}
	}
	for _, name := range slices.Sorted(maps.Keys(facts.Pods)) {
		p := facts.Pods[name]
		if p.HostNetwork {
			continue // it is its node
		}
		node := p.Node
		if !slices.ContainsFunc(sides, func(s *equiv.Side) bool { return s.Judge.Polices(p.Node) }) {
			node = "" // nothing on the node is policed
		}
		add(verdict.Endpoint{Pod: name}, podKey(p, node))
	}
	into.count = len(first) + 1
	return first
}

// group is that of an end.
func (n *concern) group(at verdict.Endpoint) int {
	at.Addr = at.Addr.Unmap()
	return n.groups[at]
}

// podKey is equal for pods that the same policies select.
func podKey(p *cluster.Pod, node string) string {
	key := fmt.Sprintf("pod %s/%s on %s", p.Namespace, p.ServiceAccount, node)
	for _, label := range slices.Sorted(maps.Keys(p.Labels)) {
		key += fmt.Sprintf(" %q=%q", label, p.Labels[label])
	}
	return key
}

// of fills in whom steps concern: those whom the documents concern that come and go.
func (n *concern) of(start *state, changes []Change, steps []step) {
	at := start.clone()
	for i := range steps {
		s := &steps[i]
		groups := map[int]bool{}
		for _, g := range n.anything {
			groups[g] = true
		}
		for _, ch := range changes[s.from:s.to] {
			docs := []*source.Document{ch.Document}
			if old := at.objects[ch.Document.Object]; old != nil {
				docs = append(docs, old)
			}
			for _, d := range docs {
				s.everyone = s.everyone || !n.knows(d)
				for _, g := range n.by[d] {
					groups[g] = true
				}
			}
			at.make([]Change{ch})
		}
		s.concerns = slices.Sorted(maps.Keys(groups))
	}
}

// knows reports whether it is known whom a document concerns.
func (n *concern) knows(d *source.Document) bool {
	_, asked := n.by[d]
	return asked && slices.Contains(policies, d.Object.Kind)
}
