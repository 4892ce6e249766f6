package calico

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/projectcalico/calico/libcalico-go/lib/backend/k8s/conversion"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// A pod as an end of connections. A host-networked pod is its node: Calico gives it no endpoint
// (conversion.go, IsValidCalicoWorkloadEndpoint).
type pod struct {
	name        types.NamespacedName
	node        *node
	hostNetwork bool
	addresses   []netip.Addr
	chain       *chain // nil: Felix has no endpoint for it
}

// A place is where a connection begins or ends: a pod, a node, or neither, which is outside.
type place struct {
	pod     *pod
	node    *node
	service string // the address is a service's, which no packet that policy sees bears
	addr    netip.Addr
}

// index builds the engine's view of who has which address.
func (e *Engine) index(inv *inventory) error {
	e.pods, e.nodes = map[string]*pod{}, map[string]*node{}
	e.addresses, e.services = map[netip.Addr]place{}, map[netip.Addr]string{}
	for _, object := range inv.nodes {
		n, err := e.node(inv, object.Name)
		if err != nil {
			return err
		}
		n.addAddresses(nodeAddresses(object)...)
		n.addOtherAddresses(otherNodeAddresses(object)...)
	}
	for _, object := range inv.pods {
		if err := e.indexPod(inv, object); err != nil {
			return err
		}
	}
	if err := e.indexHostEndpoints(inv); err != nil {
		return err
	}
	if err := e.indexNodeAddresses(); err != nil {
		return err
	}
	for _, service := range inv.services {
		e.indexService(service)
	}
	return nil
}

// indexNodeAddresses gives a node's own addresses precedence over those that host endpoints expect.
func (e *Engine) indexNodeAddresses() error {
	names := slices.Sorted(maps.Keys(e.nodes))
	for _, name := range names {
		n := e.nodes[name]
		for _, addr := range n.addresses {
			if other, taken := e.addresses[addr]; taken && other.node != n {
				return fmt.Errorf("node %s has the address %s of another node or pod\nhint: give the cluster as it is at one moment", name, addr)
			}
			e.addresses[addr] = place{node: n, addr: addr}
		}
	}
	for _, name := range names {
		for _, addr := range e.nodes[name].otherAddresses {
			if _, taken := e.addresses[addr]; !taken {
				e.addresses[addr] = place{node: e.nodes[name], addr: addr}
			}
		}
	}
	return nil
}

func (e *Engine) node(inv *inventory, name string) (*node, error) {
	if n := e.nodes[name]; n != nil {
		return n, nil
	}
	s, err := settingsOf(inv.facts.Calico, inv.felix, name)
	n := &node{name: name, settings: s}
	e.nodes[name] = n
	return n, err
}

func (e *Engine) indexPod(inv *inventory, object *core.Pod) error {
	p := &pod{
		name:        types.NamespacedName{Namespace: object.Namespace, Name: object.Name},
		hostNetwork: object.Spec.HostNetwork,
		addresses:   podAddresses(object),
	}
	if name := object.Spec.NodeName; name != "" {
		n, err := e.node(inv, name)
		if err != nil {
			return err
		}
		p.node = n
		n.addAddresses(hostAddresses(object)...)
	} else {
		p.node = &node{settings: e.global} // alone on a node that nobody named
	}
	e.pods[podKey(p.name)] = p
	if p.hostNetwork || conversion.IsFinished(object) {
		return nil
	}
	for _, addr := range p.addresses {
		if other := e.addresses[addr].pod; other != nil {
			return fmt.Errorf("pods %s and %s have the same address %s\nhint: give the cluster as it is at one moment", podKey(other.name), podKey(p.name), addr)
		}
		e.addresses[addr] = place{pod: p, addr: addr}
	}
	return nil
}

// indexService remembers the addresses that are translated before policy sees them.
func (e *Engine) indexService(service *core.Service) {
	texts := slices.Concat(service.Spec.ClusterIPs, []string{service.Spec.ClusterIP}, service.Spec.ExternalIPs)
	for _, ingress := range service.Status.LoadBalancer.Ingress {
		texts = append(texts, ingress.IP)
	}
	for _, addr := range parseAddresses(texts) {
		e.services[addr] = service.Namespace + "/" + service.Name
	}
}

// find tells who has an address.
func (e *Engine) find(addr netip.Addr) place {
	if known, ok := e.addresses[addr]; ok {
		return known
	}
	p := place{addr: addr, service: e.services[addr]}
	if p.service == "" && inNets(e.facts.ServiceCIDRs, addr) {
		p.service = "in serviceCIDRs"
	}
	return p
}

// podAddresses reads them where Calico does: the annotations of its CNI plugin, then the status
// (conversion.go, getPodIPs).
func podAddresses(object *core.Pod) []netip.Addr {
	var texts []string
	switch {
	case object.Spec.HostNetwork:
	case object.Annotations[conversion.AnnotationPodIPs] != "":
		texts = strings.Split(object.Annotations[conversion.AnnotationPodIPs], ",")
	case object.Annotations[conversion.AnnotationPodIP] != "":
		texts = []string{object.Annotations[conversion.AnnotationPodIP]}
	}
	if len(texts) == 0 {
		for _, ip := range object.Status.PodIPs {
			texts = append(texts, ip.IP)
		}
	}
	if len(texts) == 0 {
		texts = []string{object.Status.PodIP}
	}
	return parseAddresses(texts)
}

func hostAddresses(object *core.Pod) []netip.Addr {
	texts := []string{object.Status.HostIP}
	for _, ip := range object.Status.HostIPs {
		texts = append(texts, ip.IP)
	}
	if object.Spec.HostNetwork {
		texts = append(texts, object.Status.PodIP)
		for _, ip := range object.Status.PodIPs {
			texts = append(texts, ip.IP)
		}
	}
	return parseAddresses(texts)
}

// parseAddresses reads addresses, also written as CIDRs; what is none ("None", a host name) is left out.
func parseAddresses(texts []string) []netip.Addr {
	var list []netip.Addr
	for _, text := range texts {
		text, _, _ = strings.Cut(strings.TrimSpace(text), "/")
		if addr, err := netip.ParseAddr(text); err == nil {
			list = append(list, addr.Unmap())
		}
	}
	return list
}
