package replay

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/validate/replay/flow"
	"github.com/policyferry/policyferry/validate/verdict"
)

// place is where ends of flows are put together: those of one party that no policy tells apart.
type place struct {
	party Party
	// key is the same for the same place.
	key string
	// ends are who it may be, if a log does not say it exactly: one of each class. Empty if each flow says it.
	ends []verdict.Endpoint
	// why says that nobody knows who it is, or is empty.
	why string
	// names are the DNS names of an address.
	names []string
}

// placed is an end of a flow.
type placed struct {
	*place
	// end is who it is, unless the place has several.
	end verdict.Endpoint
	// node is the node itself, or that of the pod.
	node string
	// service says that it is the address of a Service.
	service bool
	// standsIn says that the end is a pod like the one that was seen, which is gone.
	standsIn bool
}

// at finds or makes a place.
func (p *placer) at(party Party, class string, ends []verdict.Endpoint, why string) *place {
	key := fmt.Sprint(party.Kind, "|", party, "|", class)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.places[key] == nil {
		p.places[key] = &place{party: party, key: key, ends: ends, why: why}
	}
	return p.places[key]
}

// nobody is a place that cannot be judged.
func (p *placer) nobody(party Party, why string) *placed {
	return &placed{place: p.at(party, "?"+why, nil, why)}
}

func (p *placer) pod(name string, pod *cluster.Pod) *placed {
	party := Party{Kind: Workload, Namespace: pod.Namespace, Name: workloadOf(pod)}
	class, known := p.classes.Pod(name)
	switch {
	case pod.HostNetwork && p.facts.Nodes[pod.Node] != nil:
		return p.node(pod.Node)
	case pod.HostNetwork:
		return p.nobody(party, "it is on the network of a node that the cluster facts do not show")
	case !known:
		return p.nobody(party, "the cluster facts show no address of it")
	}
	return &placed{place: p.at(party, fmt.Sprint("pod", class), nil, ""), end: verdict.Endpoint{Pod: name}, node: pod.Node}
}

func (p *placer) node(name string) *placed {
	class, known := p.classes.Node(name)
	if !known {
		return p.nobody(Party{Kind: NodeKind, Name: name}, "the cluster facts show no address of the node")
	}
	// Nodes that nothing tells apart are one party: every node speaks with every pod of its own.
	party := Party{Kind: NodeKind, Name: "*"}
	return &placed{place: p.at(party, fmt.Sprint("node", class), nil, ""), end: verdict.Endpoint{Node: name}, node: name}
}

// find tells who an end of a flow is. The node is where the flow was seen.
func (p *placer) find(e *flow.End, node string) *placed {
	switch e.Role {
	case flow.Pod:
		return p.podOf(e)
	case flow.Host, flow.Node:
		return p.nodeOf(e, node)
	case flow.APIServer:
		return p.apiServer(e)
	case flow.IngressProxy:
		return p.nobody(Party{Kind: Nobody, Name: "ingress proxy"}, "the ingress proxy of Cilium is no pod, and the cluster facts do not show it")
	case flow.Remote:
		return p.nobody(Party{Kind: Nobody, Namespace: e.Namespace, Name: gone(e)}, "it is in another cluster of the mesh")
	case flow.Set:
		return p.setOf(e)
	case flow.Public, flow.Private:
		return p.network(e.Role)
	}
	if !e.Addr.IsValid() {
		return p.nobody(Party{Kind: Nobody, Name: "an unknown end"}, "the log tells neither its name nor its address")
	}
	return p.address(e.Addr, e.Names...)
}

// address places an address, perhaps with its DNS names.
func (p *placer) address(a netip.Addr, names ...string) *placed {
	a = a.Unmap()
	if owner := p.owners[a]; owner != nil {
		return owner
	}
	party := Party{Kind: Outside, Name: a.String()}
	switch {
	case p.services[a]:
		return &placed{place: p.at(party, "service", nil, ""), service: true}
	case p.podSet.ContainsAddr(a):
		return p.nobody(Party{Kind: Nobody, Name: "an address of pods"}, "no pod in the cluster facts has the address")
	case p.serviceSet.ContainsAddr(a):
		return p.nobody(Party{Kind: Nobody, Name: "an address of Services"}, "no Service in the cluster facts has the address")
	case p.nodeSet.ContainsAddr(a):
		return p.nobody(Party{Kind: Nobody, Name: "an address of nodes"}, "no node in the cluster facts has the address")
	}
	party = Party{Kind: Outside, Name: "outside"}
	class := fmt.Sprint("address", p.classes.Address(a))
	if p.names.Has(a) { // what it may have for names is known, and not the same as of others
		class = a.String()
	}
	var at *place
	if len(names) > 0 {
		names = slices.Sorted(slices.Values(names))
		party.Name = names[0]
		at = p.at(party, class+"|"+strings.Join(names, "|"), nil, "")
		p.mu.Lock()
		at.names = names
		p.mu.Unlock()
	} else {
		at = p.at(party, class, nil, "")
	}
	return &placed{place: at, end: verdict.Endpoint{Addr: a}}
}

func (p *placer) nodeOf(e *flow.End, seenAt string) *placed {
	if owner := p.owners[e.Addr]; owner != nil && owner.end.Node != "" {
		return owner
	}
	name := e.Name
	if name == "" && e.Role == flow.Host {
		name = seenAt
	}
	switch {
	case p.facts.Nodes[name] != nil:
		return p.node(name)
	case p.facts.HostEndpoints[name] != nil && p.facts.Nodes[p.facts.HostEndpoints[name].Node] != nil:
		return p.node(p.facts.HostEndpoints[name].Node)
	case name == "" && !e.Addr.IsValid():
		return p.anyOf(Party{Kind: NodeKind, Name: "*"}, p.nodeEnds(), "the log does not tell the node")
	}
	return p.nobody(Party{Kind: NodeKind, Name: "unknown"}, "the cluster facts do not show the node")
}

// apiServer places the API server by its address, or else as any of its backends.
func (p *placer) apiServer(e *flow.End) *placed {
	if e.Addr.IsValid() {
		return p.address(e.Addr)
	}
	var ends []verdict.Endpoint
	for _, server := range p.facts.APIServers {
		ends = append(ends, p.address(server.Addr()).end)
	}
	return p.anyOf(Party{Kind: Nobody, Name: "kube-apiserver"}, ends, "neither the log nor the cluster facts tell an address of the API server")
}

// setOf places what a log names as a network set. Goldmane says so of nodes as well when Whisker leaves out the types.
func (p *placer) setOf(e *flow.End) *placed {
	if e.Addr.IsValid() {
		return p.address(e.Addr)
	}
	if p.facts.Nodes[e.Name] != nil {
		return p.node(e.Name)
	}
	party := Party{Kind: Outside, Namespace: e.Namespace, Name: e.Name}
	prefixes, known := p.sets[e.Namespace+"/"+e.Name]
	if !known {
		return p.nobody(party, "no network set of this name is among the policies")
	}
	var ends []verdict.Endpoint
	for _, a := range p.classes.Outside() {
		if slices.ContainsFunc(prefixes, func(prefix netip.Prefix) bool { return prefix.Contains(a) }) {
			ends = append(ends, verdict.Endpoint{Addr: a})
		}
	}
	return p.anyOf(party, ends, "the network set holds no address outside the cluster")
}

// network places what a log only knows as public or private addresses. Nodes without host endpoint are among the
// private ones (felix/collector/types/endpoint/endpoint.go, GetMetadata).
func (p *placer) network(role flow.Role) *placed {
	party := Party{Kind: Outside, Name: "public network"}
	var ends []verdict.Endpoint
	for _, a := range p.classes.Outside() {
		if a.Is4() && a.IsPrivate() == (role == flow.Private) || a.Is6() && role == flow.Public {
			ends = append(ends, verdict.Endpoint{Addr: a})
		}
	}
	if role == flow.Private {
		party.Name = "private network"
		ends = append(ends, p.nodeEnds()...)
	}
	return p.anyOf(party, ends, "the log does not tell the address")
}

func (p *placer) nodeEnds() []verdict.Endpoint {
	var ends []verdict.Endpoint
	for _, name := range slices.Sorted(maps.Keys(p.facts.Nodes)) {
		if n := p.node(name); n.why == "" {
			ends = append(ends, n.end)
		}
	}
	return ends
}

// anyOf is a place that may be any of some ends.
func (p *placer) anyOf(party Party, ends []verdict.Endpoint, why string) *placed {
	if len(ends) == 0 {
		return p.nobody(party, why)
	}
	var names []string
	for _, e := range ends {
		names = append(names, e.String())
	}
	return &placed{place: p.at(party, strings.Join(names, ","), ends, "")}
}
