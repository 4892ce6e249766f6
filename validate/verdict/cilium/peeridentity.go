package cilium

import (
	"net/netip"
	"strings"

	"github.com/policyferry/policyferry/translate/cluster"
)

// keyMetadataName is the label with its own name that the API server puts on every namespace.
const keyMetadataName = "kubernetes.io/metadata.name"

// podIdentity follows pkg/k8s/utils/utils.go, SanitizePodLabels: a pod's own labels without Cilium's, those of its
// namespace, its namespace, service account and cluster; and then the filter.
func (w *world) podIdentity(p *cluster.Pod) *identity {
	set := labelSet{}
	for key, value := range p.Labels {
		if !strings.HasPrefix(key, keyCiliumPrefix) {
			set.add(sourceK8s, map[string]string{key: value})
		}
	}
	add := func(key, value string) { set.add(sourceK8s, map[string]string{key: value}) }
	if ns := w.facts.Namespaces[p.Namespace]; ns != nil {
		for key, value := range ns.Labels {
			add(keyNamespaceLabels+"."+key, value)
		}
	}
	add(keyNamespaceLabels+"."+keyMetadataName, p.Namespace)
	add(keyNamespace, p.Namespace)
	if p.ServiceAccount != "" {
		add(keyServiceAccount, p.ServiceAccount)
	}
	add(keyCluster, w.settings.clusterName)
	id := &identity{
		labels: w.settings.filter.apply(set), aggregate: aggregateCluster, ports: podPorts(p),
	}
	if w.settings.cidrPods {
		w.addPodCIDRs(id, p.Addresses)
	}
	return id
}

// podPorts are the named ports of a pod, without those of its init containers (pkg/k8s/labels.go). Of two with one
// name, the later counts, whatever its protocol (pkg/types/portmap.go, NamedPortMap.AddPort).
func podPorts(p *cluster.Pod) map[string]namedPort {
	ports := map[string]namedPort{}
	for _, port := range p.Ports {
		if port.Init {
			continue
		}
		ports[strings.ToLower(port.Name)] = namedPort{protocol: protocols[orString(port.Protocol, "TCP")], port: port.Port}
	}
	return ports
}

// addPodCIDRs gives a pod the prefixes that cover its addresses, and 0.0.0.0/0 or ::/0 for an address that no prefix
// covers (pkg/endpoint/endpoint.go, computeCIDRLabelsRLocked).
func (w *world) addPodCIDRs(id *identity, addresses []netip.Addr) {
	for _, addr := range addresses {
		before := len(id.cidrs)
		w.cover(id, addr.Unmap())
		if len(id.cidrs) == before {
			id.cidrs = append(id.cidrs, netip.PrefixFrom(addr.Unmap(), 0).Masked())
		}
	}
}

// cover gives an identity what is known of an address: prefixes and the labels of CIDR groups. The prefixes of groups
// are labels of their group only, not of their own.
func (w *world) cover(id *identity, addr netip.Addr) {
	for _, bits := range w.lengths {
		if prefix, err := addr.Prefix(bits); err == nil && w.known[prefix] {
			id.cidrs = append(id.cidrs, prefix)
		}
	}
	for _, group := range w.groups {
		if group.holds(addr) {
			for key, l := range group.labels {
				id.labels[key] = l
			}
		}
	}
}

// addressIdentity is an address outside the cluster. Once anything is known of it, it has an identity of its own, of
// the sort that a placeholder stands for; until then it is plain world (pkg/ipcache/metadata.go, resolveLabels).
func (w *world) addressIdentity(addr netip.Addr) *identity {
	if id, ok := w.addresses.Load(addr); ok {
		return id.(*identity)
	}
	id := &identity{labels: labelSet{}, address: addr}
	if w.apiServers[addr] {
		id.labels.reserve("kube-apiserver")
	}
	w.cover(id, addr)
	if len(id.labels)+len(id.cidrs) > 0 {
		id.aggregate = aggregateWorld
	}
	switch {
	case !w.ipv4 || !w.ipv6:
		id.labels.reserve("world")
	case addr.Is4():
		id.labels.reserve("world-ipv4")
	default:
		id.labels.reserve("world-ipv6")
	}
	w.addresses.Store(addr, id)
	return id
}

// nodeIdentity is a node as others see it: the host to the pods on it and to itself, a remote node to everyone else
// (pkg/node/manager/manager.go, nodeIdentityLabels). The host is one identity for all its addresses, a remote node one
// for each.
func (w *world) nodeIdentity(n *node, local bool, addr netip.Addr) *identity {
	type key struct {
		name  string
		local bool
		addr  netip.Addr
	}
	at := key{n.Name, local, addr}
	if id, ok := w.peers.Load(at); ok {
		return id.(*identity)
	}
	id := &identity{labels: labelSet{}}
	addresses := []netip.Addr{addr}
	if local {
		id.labels.reserve("host")
		addresses = n.Addresses
	} else {
		id.labels.reserve("remote-node")
		if w.settings.nodeSelectorLabels || w.settings.cidrNodes {
			id.aggregate = aggregateRemoteNode
		}
	}
	for _, a := range addresses {
		a = a.Unmap()
		if w.apiServers[a] {
			id.labels.reserve("kube-apiserver")
		}
		if w.settings.cidrNodes && a.IsValid() {
			id.cidrs = append(id.cidrs, netip.PrefixFrom(a, a.BitLen()))
			w.cover(id, a)
		}
	}
	if w.settings.nodeSelectorLabels {
		id.labels.add(sourceNode, n.Labels)
		id.labels.add(sourceK8s, map[string]string{keyCluster: w.settings.clusterName})
	}
	w.peers.Store(at, id)
	return id
}

// hostSubject is a node as the nodeSelector of a host policy sees it: by its labels as the filter leaves them
// (pkg/endpoint/endpoint.go, InitWithNodeLabels).
func (w *world) hostSubject(n *node) *identity {
	set := labelSet{}
	set.add(sourceK8s, n.Labels)
	id := &identity{labels: w.settings.filter.apply(set)}
	id.labels.reserve("host")
	return id
}
