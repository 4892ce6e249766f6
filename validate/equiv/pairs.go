package equiv

import (
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/validate/verdict"
)

// pairing gathers the pairs of ends whose connections fare alike at both ends.
type pairing struct {
	*comparison
	byProfiles map[[2]int32]*pairs
	// inOrder are the same in the order in which they were found.
	inOrder []*pairs
}

// pairs are pairs of ends with the same profile where connections leave and where they enter.
type pairs struct {
	egress, ingress int32
	count           int
	weight          float64
	// witness has no traffic.
	witness verdict.Connection
}

// add counts a pair of classes, unless both ends agree on everything.
func (p *pairing) add(egress, ingress int32, from, to verdict.Endpoint, family, count int, weight float64) {
	if !p.differs(egress) && !p.differs(ingress) {
		return
	}
	key := [2]int32{egress, ingress}
	known := p.byProfiles[key]
	if known == nil {
		known = &pairs{egress: egress, ingress: ingress, witness: verdict.Connection{From: from, To: to, IPVersion: family}}
		p.byProfiles[key] = known
		p.inOrder = append(p.inOrder, known)
	}
	known.count += count
	known.weight += weight
}

func (p *pairing) differs(profile int32) bool { return profile != none && p.profiles[profile].differs }

// pods pairs classes of pods with each other and with addresses.
func (p *pairing) pods(leaving, entering []*view) {
	for _, family := range []int{4, 6} {
		from, to := p.space.span(family)
		for i := from; i < to; i++ {
			for j := from; j < to; j++ {
				p.pair(i, j, leaving, entering)
			}
		}
	}
}

func (p *pairing) pair(i, j int, leaving, entering []*view) {
	egress, ingress := none, none
	if v := leaving[i]; v != nil {
		egress = v.at(j)
	}
	if v := entering[j]; v != nil {
		ingress = v.at(i)
	}
	if !p.differs(egress) && !p.differs(ingress) {
		return
	}
	a, b := p.space.elements[i], p.space.elements[j]
	count, member := pairsOf(a)*pairsOf(b), 0
	weight := a.size * b.size
	if i == j {
		if count, weight, member = len(a.members)*(len(a.members)-1), a.size*(a.size-1), 1; count == 0 {
			return
		}
	}
	p.add(egress, ingress, a.end(0), b.end(member), a.family, count, weight)
}

// pairsOf is the number of ends that an element counts for in pairs: a range of addresses is one.
func pairsOf(e *element) int { return max(1, len(e.members)) }

// nodes pairs every class of nodes with pods, and where nodes are policed also with addresses and with each other.
func (p *pairing) nodes(leaving, entering []*view) {
	for _, n := range p.space.nodes {
		policed := p.polices(n)
		from, to := p.space.span(n.family)
		for i := from; i < to; i++ {
			e := p.space.elements[i]
			switch {
			case len(e.members) > 0:
				p.podAndNode(e, n, leaving[i].cells, entering[i].cells, policed)
			case policed:
				p.meet(n.members[0].endpoint, e.end(0), n, nil, len(n.members), float64(len(n.members))*e.size)
				p.meet(e.end(0), n.members[0].endpoint, nil, n, len(n.members), float64(len(n.members))*e.size)
			}
		}
		for _, o := range p.space.nodes {
			p.nodeAndNode(n, o)
		}
	}
}

func (p *pairing) polices(n *nodeClass) bool {
	name := n.members[0].node
	return p.left.Polices(name) || p.right.Polices(name)
}

// podAndNode pairs a pod with its own node and with another one.
func (p *pairing) podAndNode(e *element, n *nodeClass, leaving, entering []cell, policed bool) {
	own, other := sharing(e, n)
	for _, m := range []match{own, other} {
		if m.pod == nil {
			continue
		}
		pod, node := podEnd(m.pod), m.node.endpoint
		weight := float64(m.count)
		if policed {
			p.meet(pod, node, nil, n, m.count, weight)
			p.meet(node, pod, n, nil, m.count, weight)
			continue
		}
		of := verdict.Connection{From: pod, To: node, IPVersion: n.family}
		egress, _ := p.intern(p.profile(of, leaving, false))
		p.add(egress, none, pod, node, n.family, m.count, weight)
		of.From, of.To = node, pod
		ingress, _ := p.intern(p.profile(of, entering, true))
		p.add(none, ingress, node, pod, n.family, m.count, weight)
	}
}

// match is a pod and a node, and the number of pairs that they stand for.
type match struct {
	pod   *cluster.Pod
	node  nodeEnd
	count int
}

// sharing finds a pod with its own node in the class of nodes, and a pod with another node.
func sharing(e *element, n *nodeClass) (own, other match) {
	at := map[string]nodeEnd{}
	for _, m := range n.members {
		at[m.node] = m
	}
	for _, pod := range e.members {
		node, here := at[pod.Node]
		if here {
			if own.pod == nil {
				own.pod, own.node = pod, node
			}
			own.count++
		}
		others := len(n.members)
		if here {
			others--
		}
		if others > 0 && other.pod == nil {
			other.pod, other.node = pod, n.members[0]
			if other.node.node == pod.Node {
				other.node = n.members[1]
			}
		}
		other.count += others
	}
	return own, other
}

// nodeAndNode pairs nodes, if either is policed.
func (p *pairing) nodeAndNode(n, o *nodeClass) {
	if n.family != o.family || !p.polices(n) && !p.polices(o) {
		return
	}
	a, b := n.members[0], o.members[0]
	count := len(n.members) * len(o.members)
	if a.node == b.node {
		if len(o.members) < 2 {
			return
		}
		b = o.members[1]
		count -= len(n.members)
	}
	p.meet(a.endpoint, b.endpoint, n, o, count, float64(count))
}

// meet judges a pair at both ends, with all that matters at either.
func (p *pairing) meet(from, to verdict.Endpoint, source, destination *nodeClass, count int, weight float64) {
	family := 0
	var cuts verdict.Cuts
	for _, end := range []struct {
		at      verdict.Endpoint
		class   *nodeClass
		ingress bool
	}{{from, source, false}, {to, destination, true}} {
		at := verdict.Peer{Endpoint: end.at}
		if end.class != nil {
			family, at.Endpoint.Node = end.class.family, end.class.members[0].node
		}
		_, more := p.governs(at, end.ingress)
		cuts.Add(more)
	}
	cells := p.traffic.cells(&cuts, family)
	of := verdict.Connection{From: from, To: to, IPVersion: family}
	egress, _ := p.intern(p.profile(of, cells, false))
	ingress, _ := p.intern(p.profile(of, cells, true))
	p.add(egress, ingress, from, to, family, count, weight)
}
