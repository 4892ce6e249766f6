package cilium

import (
	"fmt"
	"net/netip"
	"strings"
)

// endpoint is one end of a connection: a pod, a node's host network, or an address outside the cluster.
type endpoint struct {
	pod     *pod
	node    *node
	address netip.Addr
}

// endpoint finds what a connection calls NAMESPACE/POD, node:NAME or an address. A pod on the host network
// is its node.
func (c *Cluster) endpoint(text string) (endpoint, error) {
	if name, found := strings.CutPrefix(text, "node:"); found {
		n := c.nodeByName[name]
		if n == nil {
			return endpoint{}, fmt.Errorf("node %q is not in the cluster", name)
		}
		return endpoint{node: n}, nil
	}
	if address, err := netip.ParseAddr(text); err == nil {
		address = address.Unmap()
		if owner, found := c.owner[address]; found {
			return endpoint{pod: owner.pod, node: owner.node, address: address}, nil
		}
		return endpoint{address: address}, nil
	}
	p := c.podByName[text]
	if p == nil {
		return endpoint{}, fmt.Errorf("%q is no pod (NAMESPACE/NAME), node (node:NAME) or address of the cluster", text)
	}
	if !p.hostNetwork() {
		return endpoint{pod: p}, nil
	}
	if p.object.Spec.NodeName == "" {
		return endpoint{}, fmt.Errorf("pod %s is on the host network of no node", text)
	}
	return endpoint{node: c.node(p.object.Spec.NodeName)}, nil
}

// outside tells whether nothing of the cluster has the address.
func (e endpoint) outside() bool { return e.pod == nil && e.node == nil }

// same tells whether two ends are one network namespace.
func (e endpoint) same(other endpoint) bool {
	return e.pod != nil && e.pod == other.pod || e.node != nil && e.node == other.node
}

// home is the node whose agent knows the end as its own.
func (e endpoint) home(c *Cluster) *node {
	if e.pod != nil {
		return c.nodeByName[e.pod.object.Spec.NodeName]
	}
	return e.node
}

// speaks tells whether the end can use a family. An end without any address can use both: it has yet to be
// given one.
func (e endpoint) speaks(ipv6 bool) bool {
	if e.address.IsValid() {
		return e.address.Is6() == ipv6
	}
	var addresses []netip.Addr
	switch {
	case e.pod != nil && !e.pod.synthetic:
		addresses = e.pod.addresses
	case e.node != nil:
		addresses = e.node.addresses
	}
	for _, address := range addresses {
		if address.Is6() == ipv6 {
			return true
		}
	}
	return len(addresses) == 0
}
