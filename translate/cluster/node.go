package cluster

import (
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/policyferry/policyferry/translate/source"
)

// calicoNodeAnnotations hold addresses that Calico gives to a node
// (libcalico-go/lib/backend/k8s/resources/node.go).
var calicoNodeAnnotations = []string{
	"projectcalico.org/IPv4Address",
	"projectcalico.org/IPv6Address",
	"projectcalico.org/IPv4IPIPTunnelAddr",
	"projectcalico.org/IPv4VXLANTunnelAddr",
	"projectcalico.org/IPv6VXLANTunnelAddr",
	"projectcalico.org/IPv4WireguardInterfaceAddr",
	"projectcalico.org/IPv6WireguardInterfaceAddr",
}

// ciliumNodeAnnotations hold the addresses of cilium_host (pkg/annotation/k8s.go). The health and ingress addresses
// of a node are identities of their own and no node addresses.
var ciliumNodeAnnotations = []string{
	"network.cilium.io/ipv4-cilium-host",
	"network.cilium.io/ipv6-cilium-host",
	"io.cilium.network.ipv4-cilium-host",
	"io.cilium.network.ipv6-cilium-host",
}

// nodeRoot is what later steps need of a Node beside what Facts keeps.
type nodeRoot struct {
	node     *Node
	podCIDRs []netip.Prefix
	// reported are the addresses that the node itself reports, without those of tunnels.
	reported []netip.Addr
	// calico are the addresses that an automatic host endpoint of the node expects.
	calico []netip.Addr
}

func (l *loader) node(doc *source.Document) {
	var n corev1.Node
	if !l.decode(doc, &n) {
		return
	}
	internal, external := l.statusAddresses(doc, &n)
	calico := l.annotated(doc, &n, calicoNodeAnnotations)
	cilium := l.annotated(doc, &n, ciliumNodeAnnotations)
	node := l.nodeNamed(n.Name)
	node.Labels = copyLabels(n.Labels)
	node.Addresses = distinct(internal, external, calico, cilium, node.Addresses)

	root := nodeRoot{node: node, reported: distinct(internal, external), calico: distinct(calico, internal)}
	texts := n.Spec.PodCIDRs
	if len(texts) == 0 && n.Spec.PodCIDR != "" {
		texts = []string{n.Spec.PodCIDR}
	}
	for _, text := range texts {
		if p, ok := l.prefix(doc, "spec.podCIDRs", text); ok {
			root.podCIDRs = append(root.podCIDRs, p)
		}
	}
	l.nodeRoots = append(l.nodeRoots, root)
}

// nodeNamed finds or makes a node: CiliumNode and Node add to the same one, in either order.
func (l *loader) nodeNamed(name string) *Node {
	if l.facts.Nodes == nil {
		l.facts.Nodes = map[string]*Node{}
	}
	if l.facts.Nodes[name] == nil {
		l.facts.Nodes[name] = &Node{Name: name, Labels: map[string]string{}}
	}
	return l.facts.Nodes[name]
}

func (l *loader) statusAddresses(doc *source.Document, n *corev1.Node) (internal, external []netip.Addr) {
	for i, a := range n.Status.Addresses {
		path := source.Item("status.addresses", i)
		switch a.Type {
		case corev1.NodeInternalIP:
			internal = append(internal, l.addresses(doc, path, []string{a.Address})...)
		case corev1.NodeExternalIP:
			external = append(external, l.addresses(doc, path, []string{a.Address})...)
		}
	}
	return internal, external
}

func (l *loader) annotated(doc *source.Document, n *corev1.Node, keys []string) []netip.Addr {
	var out []netip.Addr
	for _, key := range keys {
		if text := n.Annotations[key]; text != "" {
			out = append(out, l.addresses(doc, source.Field("metadata.annotations", key), []string{text})...)
		}
	}
	return out
}

// distinct concatenates the lists and leaves out what was already there. The first address of a family is the one
// that the node is known by, so order matters: addresses that the node reports come first.
func distinct(lists ...[]netip.Addr) []netip.Addr {
	var out []netip.Addr
	for _, list := range lists {
		for _, a := range list {
			if !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
	}
	return out
}
