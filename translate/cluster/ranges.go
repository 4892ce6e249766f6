package cluster

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/source"
)

// pool is a range that pod addresses are or were taken from.
type pool struct {
	prefix netip.Prefix
	inUse  bool
}

// prefix reads a range as Kubernetes objects hold them, with host bits masked off.
func (l *loader) prefix(doc *source.Document, path, text string) (netip.Prefix, bool) {
	p, err := cidr.ParsePrefix(text)
	if err != nil {
		l.bad(doc, path, "%s", err)
		return netip.Prefix{}, false
	}
	return p, true
}

// ranges derives the ranges of pods, services and nodes from what other objects show.
func (l *loader) ranges() {
	if pods := l.poolRanges(); !pods.IsEmpty() {
		l.facts.PodCIDRs = pods.Prefixes()
	}
	if len(l.facts.ServiceCIDRs) > 0 {
		l.facts.ServiceCIDRs = cidr.Of(l.facts.ServiceCIDRs...).Prefixes()
	}
	if l.facts.Nodes != nil {
		l.facts.NodeCIDRs = cidr.OfAddrs(l.nodeAddresses()...).Prefixes()
	}
}

// poolRanges is the union of all pools in use. A pool that hands out no more addresses counts as long as a pod
// still has one of it. The ranges that Kubernetes gives to nodes count only when no CNI shows its own: a CNI with
// its own address management ignores them.
func (l *loader) poolRanges() cidr.Set {
	var out cidr.Set
	for _, p := range l.pools {
		if s := cidr.Of(p.prefix); p.inUse || l.podIn(s) {
			out = out.Union(s)
		}
	}
	if out.IsEmpty() {
		for _, root := range l.nodeRoots {
			out = out.Union(cidr.Of(root.podCIDRs...))
		}
	}
	return out
}

func (l *loader) podIn(s cidr.Set) bool {
	for _, pod := range l.facts.Pods {
		if !pod.HostNetwork && slices.ContainsFunc(pod.Addresses, s.ContainsAddr) {
			return true
		}
	}
	return false
}

func (l *loader) nodeAddresses() []netip.Addr {
	var out []netip.Addr
	for _, n := range l.facts.Nodes {
		out = append(out, n.Addresses...)
	}
	return out
}

// check finds facts that contradict each other: a range that leaves out an address it must hold would turn rules
// about "outside the cluster" into rules about pods or nodes.
func (l *loader) check() {
	pods, nodes := l.facts.PodSet(), cidr.Of(l.facts.NodeCIDRs...)
	for _, doc := range l.inOrder("/Pod") {
		pod := l.facts.Pods[namespaced(doc)+"/"+doc.Object.Name]
		if pod == nil || pod.HostNetwork || l.facts.PodCIDRs == nil {
			continue
		}
		for _, a := range pod.Addresses {
			if !pods.ContainsAddr(a) {
				l.bad(doc, "status", "%s has the address %s, which lies outside the pods' ranges %s", doc.Object, a, pods).
					hint("state all ranges of pods as spec.podCIDRs in a ClusterFacts document")
			}
		}
	}
	for _, doc := range l.inOrder("/Node") {
		for _, a := range l.reported(doc.Object.Name) {
			// Ranges may be stated for one family only; Facts.NodeSet adds the addresses that are known.
			if stated := nodes.Family(family(a)); !stated.IsEmpty() && !stated.ContainsAddr(a) {
				l.bad(doc, "status.addresses", "%s has the address %s, which lies outside the nodes' ranges %s", doc.Object, a, nodes).
					hint("add it to spec.nodeCIDRs of the ClusterFacts document")
			}
		}
	}
}

func (l *loader) reported(node string) []netip.Addr {
	for _, root := range l.nodeRoots {
		if root.node.Name == node {
			return root.reported
		}
	}
	return nil
}

func family(a netip.Addr) int {
	if a.Is4() {
		return 4
	}
	return 6
}

// inOrder returns the documents of a kind by their position.
func (l *loader) inOrder(kind string) []*source.Document {
	var out []*source.Document
	for key, doc := range l.seen {
		if strings.HasPrefix(key, kind+" ") {
			out = append(out, doc)
		}
	}
	slices.SortFunc(out, compareDocuments)
	return out
}
