package calico

import (
	"net/netip"
	"slices"

	core "k8s.io/api/core/v1"
)

// A node is the host network of one node.
type node struct {
	name           string
	settings       settings
	addresses      []netip.Addr    // as the Kubernetes node has them, internal ones first
	otherAddresses []netip.Addr    // tunnels and what host endpoints expect
	endpoints      []*hostEndpoint // sorted by name
}

func (n *node) addAddresses(list ...netip.Addr) {
	for _, addr := range list {
		if !slices.Contains(n.addresses, addr) {
			n.addresses = append(n.addresses, addr)
		}
	}
}

func (n *node) addOtherAddresses(list ...netip.Addr) {
	for _, addr := range list {
		if !slices.Contains(n.addresses, addr) && !slices.Contains(n.otherAddresses, addr) {
			n.otherAddresses = append(n.otherAddresses, addr)
		}
	}
}

// nodeAddresses gives the addresses of the node's status, internal before external.
func nodeAddresses(object *core.Node) []netip.Addr {
	var texts []string
	for _, wanted := range []core.NodeAddressType{core.NodeInternalIP, core.NodeExternalIP} {
		for _, address := range object.Status.Addresses {
			if address.Type == wanted {
				texts = append(texts, address.Address)
			}
		}
	}
	return parseAddresses(texts)
}

// otherNodeAddresses gives those that calico-node writes into annotations
// (libcalico-go/lib/backend/k8s/resources/node.go): packets between nodes bear the tunnel's when
// Calico encapsulates.
func otherNodeAddresses(object *core.Node) []netip.Addr {
	var texts []string
	for _, name := range []string{
		"projectcalico.org/IPv4Address", "projectcalico.org/IPv6Address",
		"projectcalico.org/IPv4IPIPTunnelAddr",
		"projectcalico.org/IPv4VXLANTunnelAddr", "projectcalico.org/IPv6VXLANTunnelAddr",
		"projectcalico.org/IPv4WireguardInterfaceAddr", "projectcalico.org/IPv6WireguardInterfaceAddr",
	} {
		texts = append(texts, object.Annotations[name])
	}
	return parseAddresses(texts)
}
