package equiv

import (
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/parallel"
	"github.com/policyferry/policyferry/validate/verdict"
)

// pairing gathers the pairs of ends whose connections fare alike at both ends.
type pairing struct {
	*comparison
	byProfiles map[[2]int32]*pairs
	// inOrder are the same in the order in which they were found.
	inOrder []*pairs
	// matrix is nil unless workloads were asked for; difference numbers differences by their key.
	matrix     *matrix
	difference map[string]int
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
func (p *pairing) add(of pairs) {
	if !p.differs(of.egress) && !p.differs(of.ingress) {
		return
	}
	if known := p.byProfiles[[2]int32{of.egress, of.ingress}]; known != nil {
		known.count += of.count
		known.weight += of.weight
		return
	}
	p.enter(&of)
}

// enter adds pairs of profiles that have not been met together.
func (p *pairing) enter(of *pairs) {
	p.byProfiles[[2]int32{of.egress, of.ingress}] = of
	p.inOrder = append(p.inOrder, of)
}

func (p *pairing) differs(profile int32) bool { return profile != none && p.profiles[profile].differs }

// pods pairs classes of pods with each other and with addresses, as far as an end differs.
func (p *pairing) pods(leaving, entering []*view) {
	for _, family := range []int{4, 6} {
		from, to := p.space.span(family)
		for i := from; i < to; i++ {
			p.each(leaving[i], from, to, func(j int) { p.pair(i, j, leaving, entering) })
		}
		for j := from; j < to; j++ {
			p.each(entering[j], from, to, func(i int) {
				if v := leaving[i]; v == nil || !p.differs(v.at(j)) { // else it was paired above
					p.pair(i, j, leaving, entering)
				}
			})
		}
	}
}

// each goes through the elements whose profile in a view differs.
func (p *pairing) each(v *view, from, to int, do func(int)) {
	if v == nil || !v.differs {
		return
	}
	if p.differs(v.profiles[0]) {
		for e := from; e < to; e++ {
			if p.differs(v.at(e)) {
				do(e)
			}
		}
		return
	}
	for i, e := range v.part.listed {
		if p.differs(v.profiles[v.part.block[i]]) {
			do(int(e))
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
	// in a large cluster there are many millions of pairs of ends and few of profiles
	if known := p.byProfiles[[2]int32{egress, ingress}]; known != nil {
		known.count += count
		known.weight += weight
		return
	}
	p.enter(&pairs{egress, ingress, count, weight, verdict.Connection{From: a.end(0), To: b.end(member), IPVersion: a.family}})
}

// pairsOf is the number of ends that an element counts for in pairs: a range of addresses is one.
func pairsOf(e *element) int { return max(1, len(e.members)) }

// nodes pairs every class of nodes with pods, and where nodes are policed also with addresses and with each other.
func (p *pairing) nodes(leaving, entering []*view) {
	for _, n := range p.space.nodes {
		policed := p.polices(n)
		from, to := p.space.span(n.family)
		met := parallel.Map(to-from, func(i int) []pairs {
			e := p.space.elements[from+i]
			switch {
			case len(e.members) > 0:
				return p.podAndNode(e, n, leaving[from+i], entering[from+i], policed)
			case policed:
				node, count, weight := n.members[0].endpoint, len(n.members), float64(len(n.members))*e.size
				return []pairs{p.meet(node, e.end(0), n, nil, count, weight), p.meet(e.end(0), node, nil, n, count, weight)}
			}
			return nil
		})
		for i, list := range met {
			for _, of := range list {
				p.add(of)
				p.matrix.node(p.space.elements[from+i], of)
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
func (p *pairing) podAndNode(e *element, n *nodeClass, leaving, entering *view, policed bool) (out []pairs) {
	own, other := sharing(e, n)
	for _, m := range []match{own, other} {
		if m.pod == nil {
			continue
		}
		pod, node := podEnd(m.pod), m.node.endpoint
		weight := float64(m.count)
		if policed {
			out = append(out, p.meet(pod, node, nil, n, m.count, weight), p.meet(node, pod, n, nil, m.count, weight))
			continue
		}
		of := verdict.Connection{From: pod, To: node, IPVersion: n.family}
		out = append(out, pairs{p.seenFrom(leaving, of, false), none, m.count, weight, of})
		of.From, of.To = node, pod
		out = append(out, pairs{none, p.seenFrom(entering, of, true), m.count, weight, of})
	}
	return out
}

// seenFrom judges the end of a connection that a view is for.
func (p *pairing) seenFrom(v *view, of verdict.Connection, ingress bool) int32 {
	return p.memory.profile(of, v, ingress, func() int32 {
		number, _ := p.profileOf(of, v.cells, v.by, ingress)
		return number
	})
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
	p.add(p.meet(a.endpoint, b.endpoint, n, o, count, float64(count)))
}

// meet judges a pair at both ends, with all that matters at either.
func (p *pairing) meet(from, to verdict.Endpoint, source, destination *nodeClass, count int, weight float64) pairs {
	// a node is asked what matters at it by its name, and as the first of its class
	family, at := 0, [2]verdict.Endpoint{from, to}
	for i, class := range []*nodeClass{source, destination} {
		if class != nil {
			family, at[i].Node = class.family, class.members[0].node
		}
	}
	of := verdict.Connection{From: from, To: to, IPVersion: family}
	both := p.memory.profiles(of, at, func() [2]int32 {
		_, cuts, leaving := p.governs(verdict.Peer{Endpoint: at[0]}, false)
		_, more, entering := p.governs(verdict.Peer{Endpoint: at[1]}, true)
		cuts.Add(more)
		cells := p.traffic.cells(&cuts, family)
		egress, _ := p.profileOf(of, cells, over(leaving, cells), false)
		ingress, _ := p.profileOf(of, cells, over(entering, cells), true)
		return [2]int32{egress, ingress}
	})
	return pairs{both[0], both[1], count, weight, of}
}
