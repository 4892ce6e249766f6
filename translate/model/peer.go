package model

import (
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/selector"
)

// Peer is who may be at the other end of a connection: a union over disjoint classes. "Anyone" is the union of all
// classes, spelled out, so that nothing is lost between a CNI that matches addresses (Calico: nets match pods and
// nodes too) and one that matches identities (Cilium: CIDRs match neither). The zero value is nobody.
type Peer struct {
	// Pods are pods of this cluster that have an address of their own, by the labels of pod, namespace and
	// service account.
	Pods selector.Selector
	// Host is the policed pod's own node (processes and pods in its host network), by node name and labels.
	Host selector.Selector
	// Nodes are the other nodes of the cluster, likewise.
	Nodes selector.Selector
	// World is the addresses that belong to neither a pod nor a node of the cluster.
	World cidr.Set
	// Names are DNS names whose learned addresses are meant, as Cilium writes them. They add to World and cannot be
	// computed with.
	Names []string
	// Special are the classes that only Cilium knows.
	Special Special
}

// Special is a set of peer classes that only Cilium knows.
type Special uint8

// The special classes.
const (
	// APIServer is the backends of Service default/kubernetes, wherever they are; it overlaps Host, Nodes and World
	// and cannot be computed with.
	APIServer Special = 1 << iota
	// IngressProxy is the source address of Cilium's Ingress and Gateway proxy.
	IngressProxy
	// Health is the cilium-health endpoints.
	Health
	// Init is endpoints whose labels are not known yet.
	Init
	// Unmanaged is pods that Cilium does not manage.
	Unmanaged
	// MeshPods is pods of the other clusters of a mesh.
	MeshPods
)

// AllSpecial is every special class that is a class of its own; APIServer is not, since its members are also nodes
// or outside addresses.
const AllSpecial = IngressProxy | Health | Init | Unmanaged | MeshPods

// Anyone is every peer.
func Anyone() Peer {
	return Peer{Pods: selector.All(), Host: selector.All(), Nodes: selector.All(), World: cidr.All(), Special: AllSpecial}
}

// Pods is the peer of some pods only.
func Pods(s selector.Selector) Peer { return Peer{Pods: s} }

// World is the peer of some outside addresses only.
func World(s cidr.Set) Peer { return Peer{World: s} }

// IsNobody reports whether no peer is meant.
func (p Peer) IsNobody() bool {
	return p.Pods.IsNone() && p.Host.IsNone() && p.Nodes.IsNone() && p.World.IsEmpty() && len(p.Names) == 0 && p.Special == 0
}

// IsAnyone reports whether every peer is meant.
func (p Peer) IsAnyone() bool {
	return p.Pods.IsAll() && p.Host.IsAll() && p.Nodes.IsAll() && p.World.Equal(cidr.All()) && p.Special&AllSpecial == AllSpecial
}

// Countable reports whether the peer consists of classes that can be computed with.
func (p Peer) Countable() bool { return len(p.Names) == 0 && p.Special&APIServer == 0 }

// Union is everyone who is in either.
func (p Peer) Union(q Peer) Peer {
	return Peer{
		Pods: p.Pods.Or(q.Pods), Host: p.Host.Or(q.Host), Nodes: p.Nodes.Or(q.Nodes), World: p.World.Union(q.World),
		Names: mergeNames(p.Names, q.Names), Special: p.Special | q.Special,
	}
}

// Intersect is everyone who is in both; false when that cannot be computed, and the result is then an upper bound.
func (p Peer) Intersect(q Peer) (Peer, bool) {
	out := Peer{
		Pods: p.Pods.And(q.Pods), Host: p.Host.And(q.Host), Nodes: p.Nodes.And(q.Nodes),
		World: p.World.Intersect(q.World), Special: p.Special & q.Special,
	}
	if p.Countable() && q.Countable() {
		return out, true
	}
	switch {
	case q.IsAnyone():
		return p, true
	case p.IsAnyone():
		return q, true
	}
	if p.outside() && q.outside() || p.Special&APIServer != 0 || q.Special&APIServer != 0 {
		out.Names = mergeNames(p.Names, q.Names)
		out.Special |= (p.Special | q.Special) & APIServer
	}
	return out, false
}

func (p Peer) outside() bool { return !p.World.IsEmpty() || len(p.Names) > 0 }

// Subtract is everyone in p who is not in q; false when that cannot be computed.
func (p Peer) Subtract(q Peer) (Peer, bool) {
	if !p.Overlaps(q) {
		return p, true
	}
	if q.IsAnyone() {
		return Peer{}, true
	}
	if !p.Countable() || !q.Countable() {
		return p, false
	}
	return Peer{
		Pods: p.Pods.Minus(q.Pods), Host: p.Host.Minus(q.Host), Nodes: p.Nodes.Minus(q.Nodes),
		World: p.World.Subtract(q.World), Special: p.Special &^ q.Special,
	}, true
}

// Overlaps reports whether someone may be in both.
func (p Peer) Overlaps(q Peer) bool {
	if p.Pods.Overlaps(q.Pods) || p.Host.Overlaps(q.Host) || p.Nodes.Overlaps(q.Nodes) || p.World.Overlaps(q.World) ||
		p.Special&q.Special != 0 {
		return true
	}
	if len(p.Names) > 0 && q.outside() || len(q.Names) > 0 && p.outside() {
		return true
	}
	return p.Special&APIServer != 0 && q.mayHoldAPIServer() || q.Special&APIServer != 0 && p.mayHoldAPIServer()
}

func (p Peer) mayHoldAPIServer() bool {
	return p.outside() || !p.Host.IsNone() || !p.Nodes.IsNone() || p.Special&APIServer != 0
}

// TooComplex reports whether a selector in the peer outgrew its limit.
func (p Peer) TooComplex() bool {
	return p.Pods.TooComplex() || p.Host.TooComplex() || p.Nodes.TooComplex()
}

// Equal reports whether both mean the same peers.
func (p Peer) Equal(q Peer) bool {
	return p.Pods.Equal(q.Pods) && p.Host.Equal(q.Host) && p.Nodes.Equal(q.Nodes) && p.World.Equal(q.World) &&
		slices.Equal(p.Names, q.Names) && p.Special == q.Special
}

func mergeNames(a, b []string) []string {
	out := append(slices.Clone(a), b...)
	slices.Sort(out)
	return slices.Compact(out)
}

// String is a compact form for messages.
func (p Peer) String() string {
	if p.IsAnyone() {
		return "anyone"
	}
	var parts []string
	add := func(name string, s selector.Selector) {
		if !s.IsNone() {
			parts = append(parts, name+" ("+s.String()+")")
		}
	}
	add("pods", p.Pods)
	add("own node", p.Host)
	add("nodes", p.Nodes)
	if !p.World.IsEmpty() {
		parts = append(parts, "outside "+p.World.String())
	}
	parts = append(parts, p.Names...)
	for i, name := range [...]string{"kube-apiserver", "ingress proxy", "health", "init", "unmanaged", "mesh pods"} {
		if p.Special&(1<<i) != 0 {
			parts = append(parts, name)
		}
	}
	if len(parts) == 0 {
		return "nobody"
	}
	return strings.Join(parts, ", ")
}
