package cluster

import (
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/cidr"
)

// PodSet is the ranges of pod addresses; it is empty when they are not known (FactPodCIDRs).
func (f *Facts) PodSet() cidr.Set { return cidr.Of(f.PodCIDRs...) }

// ServiceSet is the ranges of service addresses; it is empty when they are not known (FactServiceCIDRs).
func (f *Facts) ServiceSet() cidr.Set { return cidr.Of(f.ServiceCIDRs...) }

// NodeSet is every address of a node that is known: the nodes' ranges, and the tunnel addresses that lie outside
// them. It is empty when none is known (FactNodeCIDRs).
func (f *Facts) NodeSet() cidr.Set {
	out := cidr.Of(f.NodeCIDRs...)
	for _, n := range f.Nodes {
		out = out.Union(cidr.OfAddrs(n.Addresses...))
	}
	return out
}

// KnowsPods reports whether the pods given are all pods of the cluster.
func (f *Facts) KnowsPods() bool { return f.Pods != nil && f.Complete }

// KnowsNamespaces reports whether the namespaces given are all namespaces of the cluster.
func (f *Facts) KnowsNamespaces() bool { return f.Namespaces != nil && f.Complete }

// Families are the IP versions, 4 and 6, that pods have. Known is false when that cannot be told.
func (f *Facts) Families() (versions []int, known bool) {
	var in cidr.Set
	switch {
	case f.PodCIDRs != nil:
		in = f.PodSet()
	case f.KnowsPods():
		for _, p := range f.Pods {
			if !p.HostNetwork {
				in = in.Union(cidr.OfAddrs(p.Addresses...))
			}
		}
	}
	for _, v := range []int{4, 6} {
		if !in.Family(v).IsEmpty() {
			versions = append(versions, v)
		}
	}
	return versions, len(versions) > 0
}

// Coverage is how much of a set of addresses lies in ranges.
type Coverage string

// The coverages. The empty set has the coverage CoversNone.
const (
	CoversNone Coverage = "none"
	CoversSome Coverage = "some"
	CoversAll  Coverage = "all"
)

// Covers says how much of the addresses lies in the ranges: with PodSet, whether a CIDR means no pods, pods among
// others, or nothing but pods.
func Covers(addresses, ranges cidr.Set) Coverage {
	switch {
	case !addresses.Overlaps(ranges):
		return CoversNone
	case ranges.ContainsSet(addresses):
		return CoversAll
	}
	return CoversSome
}

// NamespacesWith returns the namespaces whose labels match, by name.
func (f *Facts) NamespacesWith(match func(labels map[string]string) bool) []*Namespace {
	return filter(f.Namespaces, func(n *Namespace) bool { return match(n.Labels) })
}

// ServiceAccountsWith returns the service accounts that match, by namespace and name.
func (f *Facts) ServiceAccountsWith(match func(*ServiceAccount) bool) []*ServiceAccount {
	return filter(f.ServiceAccounts, match)
}

// PodsWith returns the pods that match, by namespace and name. Pods in the host's network are among them.
func (f *Facts) PodsWith(match func(*Pod) bool) []*Pod { return filter(f.Pods, match) }

// NodesWith returns the nodes whose labels match, by name.
func (f *Facts) NodesWith(match func(labels map[string]string) bool) []*Node {
	return filter(f.Nodes, func(n *Node) bool { return match(n.Labels) })
}

// HostEndpointsOf returns the host endpoints of a node, by name: Calico uses the first that fits an interface.
func (f *Facts) HostEndpointsOf(node string) []*HostEndpoint {
	return filter(f.HostEndpoints, func(h *HostEndpoint) bool { return h.Node == node })
}

// filter walks a map in the order of its keys.
func filter[T any](objects map[string]T, match func(T) bool) []T {
	var out []T
	for _, key := range slices.Sorted(maps.Keys(objects)) {
		if match(objects[key]) {
			out = append(out, objects[key])
		}
	}
	return out
}

// Service finds a Service. It is nil when no such Service was given.
func (f *Facts) Service(namespace, name string) *Service { return f.Services[namespace+"/"+name] }

// PodAt finds the pod that has the address, the first by name should two claim it. Pods in the host's network have
// the node's address and are never found.
func (f *Facts) PodAt(a netip.Addr) *Pod {
	found := f.PodsWith(func(p *Pod) bool { return !p.HostNetwork && slices.Contains(p.Addresses, a) })
	if len(found) == 0 {
		return nil
	}
	return found[0]
}

// NodeAt finds the node that has the address.
func (f *Facts) NodeAt(a netip.Addr) *Node {
	found := filter(f.Nodes, func(n *Node) bool { return slices.Contains(n.Addresses, a) })
	if len(found) == 0 {
		return nil
	}
	return found[0]
}

// cutName splits "namespace/name".
func cutName(key string) (namespace, name string, ok bool) { return strings.Cut(key, "/") }
