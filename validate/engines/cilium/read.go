package cilium

import (
	"fmt"
	"net/netip"

	"github.com/cilium/cilium/pkg/annotation"
	"github.com/cilium/cilium/pkg/k8s"
	v2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"
	slim_corev1 "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/core/v1"
	slim_discoveryv1 "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/discovery/v1"
	"github.com/cilium/cilium/pkg/node/addressing"
)

// readAll takes the documents of a cluster in. The same object twice would make the answer depend on their
// order, so it is an error.
func (c *Cluster) readAll(docs []Document) error {
	seen := map[string]string{}
	for _, doc := range docs {
		used, err := c.read(doc)
		if err != nil {
			return err
		}
		if !used {
			continue
		}
		id := doc.Kind + " " + qualified(doc.Namespace, doc.Name)
		if first, found := seen[id]; found {
			return fmt.Errorf("%s: %s is given twice, first in %s", doc.Place, id, first)
		}
		seen[id] = doc.Place
	}
	return nil
}

// read takes one document in, if its kind is one that the engine uses.
func (c *Cluster) read(doc Document) (used bool, err error) {
	switch doc.group() + "/" + doc.Kind {
	case "/Namespace":
		err = c.readNamespace(doc)
	case "/Pod":
		err = c.readPod(doc)
	case "/Node":
		err = c.readNode(doc)
	case "/Service":
		err = c.readService(doc)
	case "discovery.k8s.io/EndpointSlice":
		err = c.readEndpointSlice(doc)
	case "/Endpoints":
		err = c.readEndpoints(doc)
	case "cilium.io/CiliumNode":
		err = c.readCiliumNode(doc)
	case "cilium.io/CiliumCIDRGroup":
		err = c.readCIDRGroup(doc)
	default:
		return false, nil
	}
	return true, err
}

func (c *Cluster) readNamespace(doc Document) error {
	object := &slim_corev1.Namespace{}
	if err := doc.decode(object); err != nil {
		return err
	}
	c.namespaces[object.Name] = object
	c.namespace(object.Name)
	return nil
}

func (c *Cluster) readPod(doc Document) error {
	object := &slim_corev1.Pod{}
	if err := doc.decode(object); err != nil {
		return err
	}
	object.Namespace = orDefault(object.Namespace)
	p := newPod(object)
	c.podByName[p.name()] = p
	c.pods = append(c.pods, p)
	return nil
}

// readNode takes the addresses that Cilium takes: the internal and the external ones (pkg/k8s/node.go).
func (c *Cluster) readNode(doc Document) error {
	object := &slim_corev1.Node{}
	if err := doc.decode(object); err != nil {
		return err
	}
	n := c.node(object.Name)
	n.labels = object.Labels
	for _, listed := range object.Status.Addresses {
		if listed.Type != slim_corev1.NodeInternalIP && listed.Type != slim_corev1.NodeExternalIP {
			continue
		}
		if address, err := netip.ParseAddr(listed.Address); err == nil {
			n.add(address)
		}
	}
	for _, key := range nodeAnnotations {
		n.published = append(n.published, parseAddresses(object.Annotations[key])...)
	}
	return nil
}

// readCiliumNode adds what Cilium itself publishes: the router address and the endpoints for health checks
// and for its ingress proxy (pkg/node/manager/manager.go, NodeUpdated).
func (c *Cluster) readCiliumNode(doc Document) error {
	object := &v2.CiliumNode{}
	if err := doc.decode(object); err != nil {
		return err
	}
	n := c.node(object.Name)
	for _, listed := range object.Spec.Addresses {
		switch listed.Type {
		case addressing.NodeInternalIP, addressing.NodeExternalIP, addressing.NodeCiliumInternalIP:
			n.published = append(n.published, parseAddresses(listed.IP)...)
		}
	}
	n.health = parseAddresses(object.Spec.HealthAddressing.IPv4, object.Spec.HealthAddressing.IPv6)
	n.ingress = parseAddresses(object.Spec.IngressAddressing.IPV4, object.Spec.IngressAddressing.IPV6)
	return nil
}

// nodeAnnotations hold the router addresses, where the agent annotates nodes (pkg/annotation/k8s.go).
var nodeAnnotations = []string{
	annotation.CiliumHostIP, annotation.CiliumHostIPv6, annotation.CiliumHostIPAlias, annotation.CiliumHostIPv6Alias,
}

func (c *Cluster) readService(doc Document) error {
	object := &slim_corev1.Service{}
	if err := doc.decode(object); err != nil {
		return err
	}
	object.Namespace = orDefault(object.Namespace)
	c.services = append(c.services, object)
	return nil
}

func (c *Cluster) readEndpointSlice(doc Document) error {
	object := &slim_discoveryv1.EndpointSlice{}
	if err := doc.decode(object); err != nil {
		return err
	}
	object.Namespace = orDefault(object.Namespace)
	defaultPorts(object)
	c.slices = append(c.slices, k8s.ParseEndpointSliceV1(discard, object))
	return nil
}

func (c *Cluster) readCIDRGroup(doc Document) error {
	object := &v2.CiliumCIDRGroup{}
	if err := doc.decode(object); err != nil {
		return err
	}
	c.groups = append(c.groups, object)
	return nil
}

func parseAddresses(texts ...string) []netip.Addr {
	var addresses []netip.Addr
	for _, text := range texts {
		if address, err := netip.ParseAddr(text); err == nil {
			addresses = append(addresses, address.Unmap())
		}
	}
	return addresses
}

// orDefault is the namespace of a namespaced object that names none.
func orDefault(namespace string) string {
	if namespace == "" {
		return "default"
	}
	return namespace
}
