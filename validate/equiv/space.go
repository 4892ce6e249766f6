package equiv

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/validate/verdict"
)

// element is a class of ends of one address family that neither side tells apart, as a peer: pods, by one of their
// addresses, or a range of addresses outside the cluster.
type element struct {
	family int
	// members are pods, sorted by node and name; empty for addresses.
	members []*cluster.Pod
	// witness is the address of the first member, or one of the range.
	witness netip.Addr
	size    float64
}

// end is the element's i-th member as an end of a connection.
func (e *element) end(i int) verdict.Endpoint {
	if len(e.members) == 0 {
		return verdict.Endpoint{Addr: e.witness}
	}
	return podEnd(e.members[i])
}

func podEnd(p *cluster.Pod) verdict.Endpoint {
	return verdict.Endpoint{Pod: p.Namespace + "/" + p.Name}
}

// peer is how a judge is told of the element.
func (e *element) peer() verdict.Peer { return verdict.Peer{Endpoint: e.end(0), Addr: e.witness} }

// nodeClass are nodes, by one of their addresses, that neither side tells apart.
type nodeClass struct {
	key     string
	family  int
	members []nodeEnd
}

// nodeEnd is a node as an end of a connection.
type nodeEnd struct {
	node     string
	endpoint verdict.Endpoint
	addr     netip.Addr
}

// space are all ends of a cluster.
type space struct {
	facts *cluster.Facts
	atoms *addressSpace
	// elements of IPv4 stand before those of IPv6; split is where IPv6 begins.
	elements []*element
	split    int
	nodes    []*nodeClass
	keys     map[string]string // of nodes
	apart    []string
	pods     int
	outside  int
}

// newSpace gathers the ends of the cluster into classes.
func newSpace(facts *cluster.Facts, left, right verdict.Partitioner, w words) *space {
	ranges := slices.Concat(left.Ranges(), right.Ranges(), facts.PodCIDRs, facts.ServiceCIDRs, facts.NodeCIDRs)
	s := &space{facts: facts, atoms: divide(ranges), keys: map[string]string{}}
	used := map[netip.Addr]bool{}
	s.addNodes(left, right, w, used)
	groups := s.groupPods(w, used)
	for _, family := range []int{4, 6} {
		for _, key := range slices.Sorted(maps.Keys(groups)) {
			if e := podElement(groups[key], family); e != nil {
				s.elements = append(s.elements, e)
			}
		}
		if s.speaks(family) {
			s.addOutside(family, used)
		}
		if family == 4 {
			s.split = len(s.elements)
		}
	}
	return s
}

// peers are the elements as judges are told of them.
func (s *space) peers() []verdict.Peer {
	out := make([]verdict.Peer, len(s.elements))
	for i, e := range s.elements {
		out[i] = e.peer()
	}
	return out
}

// span are the elements of a family: from, and to without the last.
func (s *space) span(family int) (from, to int) {
	if family == 4 {
		return 0, s.split
	}
	return s.split, len(s.elements)
}

// speaks reports whether anything in the cluster has an address of the family.
func (s *space) speaks(family int) bool {
	from, _ := s.span(family)
	if family == 4 {
		from = 0
	}
	return len(s.elements) > from || slices.ContainsFunc(s.nodes, func(n *nodeClass) bool { return n.family == family })
}

// addNodes groups the nodes by what the judges see of them.
func (s *space) addNodes(left, right verdict.Partitioner, w words, used map[netip.Addr]bool) {
	classes := map[string]*nodeClass{}
	for _, name := range slices.Sorted(maps.Keys(s.facts.Nodes)) {
		n := s.facts.Nodes[name]
		if len(n.Addresses) == 0 {
			s.apart = append(s.apart, "node "+name+" has no address")
			continue
		}
		var at []int
		for _, a := range n.Addresses {
			used[a.Unmap()] = true
			at = append(at, s.atoms.at(a.Unmap()))
		}
		slices.Sort(at)
		s.keys[name] = fmt.Sprint(left.NodeKey(name, w.inPlay), "|", right.NodeKey(name, w.inPlay), "|", at)
		s.addNode(classes, n)
	}
	for _, key := range slices.Sorted(maps.Keys(classes)) {
		s.nodes = append(s.nodes, classes[key])
	}
}

// addNode enters a node once for each of its addresses. The first of a family goes by the node's name.
func (s *space) addNode(classes map[string]*nodeClass, n *cluster.Node) {
	named := map[int]bool{}
	for _, a := range n.Addresses {
		a = a.Unmap()
		family := familyOf(a)
		end := nodeEnd{n.Name, verdict.Endpoint{Node: n.Name}, a}
		if named[family] {
			end.endpoint = verdict.Endpoint{Addr: a}
		}
		named[family] = true
		key := fmt.Sprint(s.keys[n.Name], "|", family, "|", s.atoms.at(a), "|", end.endpoint.Node != "")
		if classes[key] == nil {
			classes[key] = &nodeClass{key: key, family: family}
		}
		classes[key].members = append(classes[key].members, end)
	}
}

func familyOf(a netip.Addr) int {
	if a.Is4() {
		return 4
	}
	return 6
}

// groupPods puts pods together that have the same labels in play, ports, service account, kind of node and atoms.
func (s *space) groupPods(w words, used map[netip.Addr]bool) map[string][]*cluster.Pod {
	shared := map[netip.Addr]int{}
	for a := range used {
		shared[a]++ // a node's
	}
	for _, p := range s.facts.Pods {
		for _, a := range p.Addresses {
			shared[a.Unmap()]++
			used[a.Unmap()] = true
		}
	}
	groups := map[string][]*cluster.Pod{}
	for _, name := range slices.Sorted(maps.Keys(s.facts.Pods)) {
		p := s.facts.Pods[name]
		switch {
		case p.HostNetwork:
			continue // it is its node
		case len(p.Addresses) == 0:
			s.apart = append(s.apart, "pod "+name+" has no address")
			continue
		}
		s.pods++
		key := s.podKey(p, w)
		if slices.ContainsFunc(p.Addresses, func(a netip.Addr) bool { return shared[a.Unmap()] > 1 }) {
			key += "|" + name
		}
		groups[key] = append(groups[key], p)
	}
	return groups
}

func (s *space) podKey(p *cluster.Pod, w words) string {
	var b strings.Builder
	fmt.Fprint(&b, p.Namespace, "|", p.ServiceAccount, "|", p.Node == "", "|", s.keys[p.Node], "|")
	for _, key := range slices.Sorted(maps.Keys(p.Labels)) {
		if w.inPlay(key) {
			fmt.Fprint(&b, key, "=", p.Labels[key], ",")
		}
	}
	fmt.Fprint(&b, "|", p.Ports, "|")
	for _, a := range p.Addresses {
		fmt.Fprint(&b, s.atoms.at(a.Unmap()), ",")
	}
	return b.String()
}

// podElement is a group of pods by their addresses of a family; nil if they have none.
func podElement(group []*cluster.Pod, family int) *element {
	e := &element{family: family}
	for _, p := range group {
		if a, ok := addressOf(p, family); ok {
			if len(e.members) == 0 {
				e.witness = a
			}
			e.members = append(e.members, p)
		}
	}
	if len(e.members) == 0 {
		return nil
	}
	e.size = float64(len(e.members))
	return e
}

func addressOf(p *cluster.Pod, family int) (netip.Addr, bool) {
	for _, a := range p.Addresses {
		if a = a.Unmap(); familyOf(a) == family {
			return a, true
		}
	}
	return netip.Addr{}, false
}

// addOutside adds the ranges of addresses that belong to nobody in the cluster. Of the ranges from which the cluster
// takes its addresses nothing is outside: who will have such an address is not known.
func (s *space) addOutside(family int, used map[netip.Addr]bool) {
	inside := s.facts.PodSet().Union(s.facts.ServiceSet()).Union(s.facts.NodeSet())
	for _, svc := range s.facts.Services {
		inside = inside.Union(cidr.OfAddrs(svc.Addresses...))
	}
	inside = inside.Union(cidr.MustParse("0.0.0.0/32", "127.0.0.0/8", "::/127"))
	for _, a := range s.atoms.outside(inside, used) {
		if familyOf(a.witness) == family {
			s.elements = append(s.elements, &element{family: family, witness: a.witness, size: a.size})
			s.outside++
		}
	}
}
