package cilium

import (
	"fmt"
	"net/netip"
	"slices"
	"sync"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/validate/verdict"
)

// world knows who is at the end of a connection.
type world struct {
	settings *settings
	facts    *cluster.Facts
	pods     map[string]*pod
	nodes    map[string]*node
	owners   map[netip.Addr]end
	// prefixes are those of all policies, groups those of all CIDR groups.
	prefixes   []netip.Prefix
	known      map[netip.Prefix]bool
	lengths    []int // of the prefixes
	groups     []cidrGroup
	apiServers map[netip.Addr]bool
	// ipv4 and ipv6 say which families the cluster runs. With both, the world has another label for each.
	ipv4, ipv6 bool
	// addresses and peers remember identities that are asked for again and again.
	addresses sync.Map
	peers     sync.Map
}

// pod is a pod with an endpoint of its own.
type pod struct {
	*cluster.Pod
	identity *identity
	policed  subject
}

// node is a node, and the host endpoint on it.
type node struct {
	*cluster.Node
	policed subject
}

// end is one end of a connection: a pod, a node, or an address outside the cluster.
type end struct {
	pod  *pod
	node *node
	addr netip.Addr
}

// newWorld gathers pods and nodes. Pods of the host network are their node.
func newWorld(s *settings, facts *cluster.Facts, rules []*rule, groups []cidrGroup) *world {
	w := &world{
		settings: s, facts: facts, groups: groups,
		pods: map[string]*pod{}, nodes: map[string]*node{}, owners: map[netip.Addr]end{},
		apiServers: map[netip.Addr]bool{},
	}
	w.collectPrefixes(rules)
	for _, server := range facts.APIServers {
		w.apiServers[server.Addr().Unmap()] = true
	}
	if service := facts.Services["default/kubernetes"]; service != nil {
		for _, backend := range service.Backends {
			w.apiServers[backend.Addr.Unmap()] = true
		}
	}
	for name, n := range facts.Nodes {
		w.nodes[name] = &node{Node: n}
	}
	for _, p := range facts.Pods {
		if w.nodes[p.Node] == nil && p.Node != "" {
			w.nodes[p.Node] = &node{Node: &cluster.Node{Name: p.Node}}
		}
	}
	w.own()
	for _, p := range w.pods {
		p.identity = w.podIdentity(p.Pod)
		p.policed.identity = p.identity
	}
	w.nameNumbers()
	for _, n := range w.nodes {
		n.policed.identity = w.hostSubject(n)
	}
	return w
}

// own records which addresses belong to the cluster, and tells from them which families it runs.
func (w *world) own() {
	claim := func(addr netip.Addr, by end) {
		addr = addr.Unmap()
		w.ipv4, w.ipv6 = w.ipv4 || addr.Is4(), w.ipv6 || addr.Is6()
		if _, taken := w.owners[addr]; !taken {
			w.owners[addr] = by
		}
	}
	for _, n := range w.nodes {
		for _, addr := range n.Addresses {
			claim(addr, end{node: n})
		}
	}
	for name, p := range w.facts.Pods {
		by := end{node: w.nodes[p.Node]}
		if !p.HostNetwork {
			w.pods[name] = &pod{Pod: p}
			by = end{pod: w.pods[name]}
		}
		for _, addr := range p.Addresses {
			claim(addr, by)
		}
	}
	for _, prefix := range slices.Concat(w.facts.PodCIDRs, w.facts.NodeCIDRs, w.facts.ServiceCIDRs) {
		w.ipv6 = w.ipv6 || prefix.Addr().Is6()
	}
	w.ipv4 = w.ipv4 || !w.ipv6
}

// collectPrefixes finds the prefixes that Cilium has to know: those of CIDR rules, their exceptions, and CIDR groups
// (pkg/policy/cidr.go, GetCIDRPrefixes). A prefix of length 0 is the world itself.
func (w *world) collectPrefixes(rules []*rule) {
	known := map[netip.Prefix]bool{}
	for _, r := range rules {
		for _, p := range r.peers.list {
			c, ok := p.(*cidrPeer)
			if !ok {
				continue
			}
			if c.group == nil {
				known[c.prefix] = true
			}
			for _, except := range c.except {
				known[except] = true
			}
		}
	}
	w.known = known
	for prefix := range known {
		if prefix.Bits() == 0 {
			continue
		}
		w.prefixes = append(w.prefixes, prefix)
		if !slices.Contains(w.lengths, prefix.Bits()) {
			w.lengths = append(w.lengths, prefix.Bits())
		}
	}
	slices.Sort(w.lengths)
}

// find resolves an end as a connection names it.
func (w *world) find(e verdict.Endpoint) (end, error) {
	switch {
	case e.Pod != "":
		if p := w.pods[e.Pod]; p != nil {
			return end{pod: p}, nil
		}
		if p := w.facts.Pods[e.Pod]; p != nil && w.nodes[p.Node] != nil {
			return end{node: w.nodes[p.Node]}, nil
		} else if p != nil {
			return end{}, fmt.Errorf("pod %s is on the host network of no known node", e.Pod)
		}
		return end{}, fmt.Errorf("pod %s is not in the cluster", e.Pod)
	case e.Node != "":
		if n := w.nodes[e.Node]; n != nil {
			return end{node: n}, nil
		}
		return end{}, fmt.Errorf("node %s is not in the cluster", e.Node)
	case e.Addr.IsValid():
		addr := e.Addr.Unmap()
		if by, ok := w.owners[addr]; ok {
			by.addr = addr
			return by, nil
		}
		return end{addr: addr}, nil
	}
	return end{}, fmt.Errorf("an end of the connection is empty")
}

// same reports whether two ends are one network namespace.
func (e end) same(other end) bool {
	return e.pod != nil && e.pod == other.pod || e.node != nil && e.node == other.node
}

// subject is the end as policies police it; nil outside the cluster.
func (e end) subject() *subject {
	switch {
	case e.pod != nil:
		return &e.pod.policed
	case e.node != nil:
		return &e.node.policed
	}
	return nil
}

// onNode reports whether the end is on a node, or the node itself.
func (e end) onNode(n *node) bool { return e.node == n || e.pod != nil && e.pod.Node == n.Name }

// addresses are those that the end can use; the one that it was named by, if it was named by one.
func (e end) addresses() []netip.Addr {
	switch {
	case e.addr.IsValid():
		return []netip.Addr{e.addr}
	case e.pod != nil:
		return e.pod.Addresses
	}
	return e.node.Addresses
}

// speaks reports whether the end can use a family. One without any address has yet to be given one.
func (e end) speaks(is4 bool) bool {
	if e.addr.IsValid() {
		return e.addr.Unmap().Is4() == is4
	}
	addresses := e.addresses()
	return len(addresses) == 0 || slices.ContainsFunc(addresses, func(a netip.Addr) bool { return a.Unmap().Is4() == is4 })
}

// address is the first address of a family, or else the first.
func (e end) address(is4 bool) netip.Addr {
	addresses := e.addresses()
	for _, a := range addresses {
		if a.Unmap().Is4() == is4 {
			return a.Unmap()
		}
	}
	if len(addresses) > 0 {
		return addresses[0].Unmap()
	}
	return netip.Addr{}
}
