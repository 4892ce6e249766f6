package cilium

import (
	"net/netip"
	"slices"

	"github.com/cilium/cilium/pkg/k8s"
	slim_corev1 "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/core/v1"
	slim_discoveryv1 "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/discovery/v1"
)

// endpointsObject is the part of a core/v1 Endpoints that is read. Cilium reads EndpointSlices only; Kubernetes
// mirrors one into the other.
type endpointsObject struct {
	Subsets []struct {
		Addresses         []endpointAddress `json:"addresses"`
		NotReadyAddresses []endpointAddress `json:"notReadyAddresses"`
		Ports             []struct {
			Name     string               `json:"name"`
			Port     int32                `json:"port"`
			Protocol slim_corev1.Protocol `json:"protocol"`
		} `json:"ports"`
	} `json:"subsets"`
}

type endpointAddress struct {
	IP string `json:"ip"`
}

// readEndpoints makes of an Endpoints object the slices that Kubernetes would.
func (c *Cluster) readEndpoints(doc Document) error {
	var object endpointsObject
	if err := doc.decode(&object); err != nil {
		return err
	}
	for _, subset := range object.Subsets {
		for _, family := range []slim_discoveryv1.AddressType{slim_discoveryv1.AddressTypeIPv4, slim_discoveryv1.AddressTypeIPv6} {
			slice := &slim_discoveryv1.EndpointSlice{AddressType: family}
			slice.Name, slice.Namespace = doc.Name, orDefault(doc.Namespace)
			slice.Labels = map[string]string{slim_discoveryv1.LabelServiceName: doc.Name}
			for _, port := range subset.Ports {
				slice.Ports = append(slice.Ports, slim_discoveryv1.EndpointPort{Name: &port.Name, Port: &port.Port, Protocol: &port.Protocol})
			}
			for _, listed := range slices.Concat(subset.Addresses, subset.NotReadyAddresses) {
				address, err := netip.ParseAddr(listed.IP)
				if err == nil && address.Is6() == (family == slim_discoveryv1.AddressTypeIPv6) {
					slice.Endpoints = append(slice.Endpoints, slim_discoveryv1.Endpoint{Addresses: []string{listed.IP}})
				}
			}
			defaultPorts(slice)
			c.mirrored = append(c.mirrored, k8s.ParseEndpointSliceV1(discard, slice))
		}
	}
	return nil
}

// mirrorEndpoints takes the Endpoints of services of which no slice was given.
func (c *Cluster) mirrorEndpoints() {
	given := slices.Clone(c.slices)
	for _, mirrored := range c.mirrored {
		if !slices.ContainsFunc(given, func(s *k8s.Endpoints) bool { return s.ServiceName == mirrored.ServiceName }) {
			c.slices = append(c.slices, mirrored)
		}
	}
}

// defaultPorts fills in the protocol as the API server does.
func defaultPorts(slice *slim_discoveryv1.EndpointSlice) {
	for i := range slice.Ports {
		if slice.Ports[i].Protocol == nil || *slice.Ports[i].Protocol == "" {
			tcp := slim_corev1.ProtocolTCP
			slice.Ports[i].Protocol = &tcp
		}
	}
}
