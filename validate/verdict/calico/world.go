package calico

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/validate/verdict"
)

// Labels that Calico itself gives to endpoints (libcalico-go/lib/backend/k8s/conversion/constants.go).
const (
	labelNamespace      = "projectcalico.org/namespace"
	labelOrchestrator   = "projectcalico.org/orchestrator"
	labelServiceAccount = "projectcalico.org/serviceaccount"
	labelName           = "projectcalico.org/name"
	prefixNamespace     = "pcns."
	prefixAccount       = "pcsa."
)

// member is what a selector in a rule can match: a pod, a host endpoint or a network set.
type member struct {
	labels    map[string]string
	addresses cidr.Set
	ports     []cluster.NamedPort
}

// endpoint is what a policy can govern: a pod or a host endpoint.
type endpoint struct {
	name   string
	labels map[string]string
	node   string
	// host is nil for a pod.
	host *cluster.HostEndpoint

	once    sync.Once
	applied [][]*policy // for each tier the policies that select the endpoint
}

// world is the cluster as policy sees it.
type world struct {
	facts   *cluster.Facts
	members memberIndex
	pods    map[string]*endpoint
	hosts   map[string][]*endpoint // by node, sorted by name
	nodes   map[string]bool
	// addressesOf are those of the nodes.
	addressesOf map[string][]netip.Addr
	// services are the addresses that stand for Services.
	services cidr.Set
	// owners finds the pod or node that has an address.
	owners func() map[netip.Addr]place
}

func newWorld(facts *cluster.Facts, hostEndpoints []*cluster.HostEndpoint, sets []networkSet) *world {
	w := &world{facts: facts, pods: map[string]*endpoint{}, hosts: map[string][]*endpoint{}, nodes: map[string]bool{}}
	w.owners = sync.OnceValue(w.findOwners)
	for name := range facts.Nodes {
		w.nodes[name] = true
	}
	w.services = facts.ServiceSet()
	for _, svc := range facts.Services {
		w.services = w.services.Union(cidr.OfAddrs(svc.Addresses...))
	}
	for _, key := range slices.Sorted(maps.Keys(facts.Pods)) {
		w.addPod(facts.Pods[key])
	}
	for _, h := range hostEndpoints {
		w.addHost(h)
	}
	w.addressesOf = make(map[string][]netip.Addr, len(w.nodes))
	for name := range w.nodes {
		w.addressesOf[name] = w.findNodeAddresses(name)
	}
	for _, s := range sets {
		labels := maps.Clone(s.labels)
		if labels == nil {
			labels = map[string]string{}
		}
		if s.namespace != "" {
			labels[labelNamespace] = s.namespace
			w.inherit(labels, w.namespaceLabels(s.namespace))
		}
		w.members.add(member{labels: labels, addresses: s.nets})
	}
	return w
}

// addPod gives a pod the labels of libcalico-go/lib/backend/k8s/conversion/workload_endpoint_default.go and of its
// profiles. A pod in the host's network is no endpoint, only an address of its node.
func (w *world) addPod(pod *cluster.Pod) {
	if pod.Node != "" {
		w.nodes[pod.Node] = true
	}
	if pod.HostNetwork {
		return
	}
	labels := map[string]string{}
	for k, v := range pod.Labels {
		// A pod must not pass for one of another namespace (updateprocessors/workloadendpointprocessor.go).
		if !strings.HasPrefix(k, prefixNamespace) && !strings.HasPrefix(k, prefixAccount) {
			labels[k] = v
		}
	}
	labels[labelNamespace] = pod.Namespace
	labels[labelOrchestrator] = "k8s"
	labels[labelServiceAccount] = pod.ServiceAccount
	w.inherit(labels, w.namespaceLabels(pod.Namespace))
	w.inherit(labels, w.accountLabels(pod.Namespace, pod.ServiceAccount))
	key := pod.Namespace + "/" + pod.Name
	w.pods[key] = &endpoint{name: key, labels: labels, node: pod.Node}
	w.members.add(member{labels: labels, addresses: cidr.OfAddrs(pod.Addresses...), ports: pod.Ports})
}

func (w *world) addHost(h *cluster.HostEndpoint) {
	w.nodes[h.Node] = true
	labels := maps.Clone(h.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	for _, profile := range h.Profiles {
		if ns, ok := strings.CutPrefix(profile, "kns."); ok {
			w.inherit(labels, w.namespaceLabels(ns))
		} else if account, ok := strings.CutPrefix(profile, "ksa."); ok {
			ns, name, _ := strings.Cut(account, ".")
			w.inherit(labels, w.accountLabels(ns, name))
		}
	}
	w.hosts[h.Node] = append(w.hosts[h.Node], &endpoint{name: h.Name, labels: labels, node: h.Node, host: h})
	w.members.add(member{labels: labels, addresses: cidr.OfAddrs(h.ExpectedIPs...), ports: h.Ports})
}

// inherit adds labels of a profile; own labels win (felix/labelindex/named_port_index.go).
func (w *world) inherit(labels, profile map[string]string) {
	for k, v := range profile {
		if _, own := labels[k]; !own {
			labels[k] = v
		}
	}
}

// namespaceLabels are those of the profile of a namespace. A namespace that the facts do not show has its name.
func (w *world) namespaceLabels(name string) map[string]string {
	out := map[string]string{
		prefixNamespace + labelName:                     name,
		prefixNamespace + "kubernetes.io/metadata.name": name,
	}
	if ns := w.facts.Namespaces[name]; ns != nil {
		for k, v := range ns.Labels {
			if k != labelName {
				out[prefixNamespace+k] = v
			}
		}
	}
	return out
}

func (w *world) accountLabels(namespace, name string) map[string]string {
	out := map[string]string{prefixAccount + labelName: name}
	if sa := w.facts.ServiceAccounts[namespace+"/"+name]; sa != nil {
		for k, v := range sa.Labels {
			if k != labelName {
				out[prefixAccount+k] = v
			}
		}
	}
	return out
}

// place is one end of a connection: a pod, a node, or neither, which lies outside.
type place struct {
	// kind and key name the end; both are empty for an address.
	kind, key string
	pod       *endpoint
	node      string
	addresses []netip.Addr
}

// name is how messages name the end.
func (p place) name() string {
	if p.kind == "" {
		return p.addresses[0].String()
	}
	return p.kind + p.key
}

func (p place) address(family int) netip.Addr {
	for _, a := range p.addresses {
		if a.Is4() == (family == 4) {
			return a
		}
	}
	return netip.Addr{}
}

// place finds an end. An address of a pod or node means that pod or node.
func (w *world) place(e verdict.Endpoint) (place, error) {
	switch {
	case e.Pod != "":
		pod := w.facts.Pods[e.Pod]
		if pod == nil {
			return place{}, fmt.Errorf("no pod %s in the cluster", e.Pod)
		}
		return w.podPlace(e.Pod, pod, pod.Addresses), nil
	case e.Node != "":
		if !w.nodes[e.Node] {
			return place{}, fmt.Errorf("no node %s in the cluster", e.Node)
		}
		return place{kind: "node:", key: e.Node, node: e.Node, addresses: w.nodeAddresses(e.Node)}, nil
	case e.Addr.IsValid():
		return w.addressPlace(e.Addr.Unmap()), nil
	}
	return place{}, fmt.Errorf("an end of the connection is missing")
}

func (w *world) podPlace(key string, pod *cluster.Pod, addresses []netip.Addr) place {
	if !pod.HostNetwork {
		return place{kind: "pod ", key: key, pod: w.pods[key], addresses: addresses}
	}
	if known := w.nodeAddresses(pod.Node); len(known) > 0 {
		addresses = known
	}
	return place{kind: "pod ", key: key, node: pod.Node, addresses: addresses}
}

func (w *world) addressPlace(a netip.Addr) place {
	if owner, ok := w.owners()[a]; ok {
		owner.addresses = []netip.Addr{a}
		return owner
	}
	return place{addresses: []netip.Addr{a}}
}

// findOwners finds whose the addresses of the cluster are. Pods go before nodes, nodes before pods of their network.
func (w *world) findOwners() map[netip.Addr]place {
	out := map[netip.Addr]place{}
	claim := func(by place, addresses ...netip.Addr) {
		for _, a := range addresses {
			if _, taken := out[a]; !taken {
				out[a] = by
			}
		}
	}
	pods := slices.Sorted(maps.Keys(w.facts.Pods))
	for _, key := range pods {
		if pod := w.facts.Pods[key]; !pod.HostNetwork {
			claim(w.podPlace(key, pod, nil), pod.Addresses...)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(w.facts.Nodes)) {
		claim(place{kind: "node ", key: name, node: name}, w.facts.Nodes[name].Addresses...)
	}
	for _, name := range slices.Sorted(maps.Keys(w.hosts)) {
		claim(place{kind: "node ", key: name, node: name}, w.nodeAddresses(name)...)
	}
	for _, key := range pods {
		if pod := w.facts.Pods[key]; pod.HostNetwork {
			claim(place{kind: "node ", key: pod.Node, node: pod.Node}, pod.Addresses...)
		}
	}
	return out
}

// nodeAddresses are the addresses of a node, and those that its host endpoints expect.
func (w *world) nodeAddresses(name string) []netip.Addr { return w.addressesOf[name] }

// findNodeAddresses finds them once, since every packet of a node is looked up.
func (w *world) findNodeAddresses(name string) []netip.Addr {
	var out []netip.Addr
	if n := w.facts.Nodes[name]; n != nil {
		out = slices.Clone(n.Addresses)
	}
	for _, h := range w.hosts[name] {
		out = append(out, h.host.ExpectedIPs...)
	}
	return out
}
