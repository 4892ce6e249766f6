package cluster

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"github.com/policyferry/policyferry/translate/source"
)

func (l *loader) service(doc *source.Document) {
	var svc corev1.Service
	if !l.decode(doc, &svc) {
		return
	}
	ns := namespaced(doc)
	out := l.serviceNamed(ns, svc.Name)
	out.Labels = copyLabels(svc.Labels)
	if len(svc.Spec.Selector) > 0 {
		out.Selector = copyLabels(svc.Spec.Selector)
	}
	out.Addresses = l.serviceAddresses(doc, &svc)
	for _, p := range svc.Spec.Ports {
		target := p.TargetPort.String()
		if target == "" || target == "0" { // the API server fills in the port itself
			target = strconv.Itoa(int(p.Port))
		}
		out.Ports = append(out.Ports, ServicePort{
			Name: p.Name, Protocol: protocolOrTCP(p.Protocol), Port: uint16(p.Port), TargetPort: target,
		})
	}
}

func (l *loader) serviceAddresses(doc *source.Document, svc *corev1.Service) []netip.Addr {
	texts := svc.Spec.ClusterIPs
	if len(texts) == 0 && svc.Spec.ClusterIP != "" {
		texts = []string{svc.Spec.ClusterIP}
	}
	var balancer []string
	for _, ingress := range svc.Status.LoadBalancer.Ingress {
		if ingress.IP != "" {
			balancer = append(balancer, ingress.IP)
		}
	}
	headless := func(text string) bool { return text == corev1.ClusterIPNone }
	return distinct(
		l.addresses(doc, "spec.clusterIPs", slices.DeleteFunc(slices.Clone(texts), headless)),
		l.addresses(doc, "spec.externalIPs", svc.Spec.ExternalIPs),
		l.addresses(doc, "status.loadBalancer", balancer),
	)
}

func (l *loader) serviceNamed(ns, name string) *Service {
	if l.facts.Services == nil {
		l.facts.Services = map[string]*Service{}
	}
	key := ns + "/" + name
	if l.facts.Services[key] == nil {
		l.facts.Services[key] = &Service{Namespace: ns, Name: name, Labels: map[string]string{}}
	}
	return l.facts.Services[key]
}

// endpoints is one EndpointSlice or Endpoints object.
type endpoints struct {
	service  string
	slice    bool
	backends []Backend
}

func (l *loader) endpointSlice(doc *source.Document) {
	var s discoveryv1.EndpointSlice
	if !l.decode(doc, &s) {
		return
	}
	name := s.Labels[discoveryv1.LabelServiceName]
	if name == "" || s.AddressType == discoveryv1.AddressTypeFQDN {
		return // a slice of no Service, or one that names no addresses
	}
	e := endpoints{service: namespaced(doc) + "/" + name, slice: true}
	for i, ep := range s.Endpoints {
		path := source.Field(source.Item("endpoints", i), "addresses")
		for _, addr := range l.addresses(doc, path, ep.Addresses) {
			for _, p := range s.Ports {
				if p.Port == nil { // Calico passes over ports without a number (felix/serviceindex)
					continue
				}
				protocol := corev1.ProtocolTCP
				if p.Protocol != nil {
					protocol = *p.Protocol
				}
				e.backends = append(e.backends, Backend{
					Addr: addr, Protocol: protocolOrTCP(protocol), Port: uint16(*p.Port), Pod: targetPod(namespaced(doc), ep.TargetRef),
				})
			}
		}
	}
	l.slices = append(l.slices, e)
}

func (l *loader) endpoints(doc *source.Document) {
	//nolint:staticcheck // Endpoints is deprecated, and still what many exports hold.
	var s corev1.Endpoints
	if !l.decode(doc, &s) {
		return
	}
	e := endpoints{service: namespaced(doc) + "/" + s.Name}
	for i, subset := range s.Subsets {
		for _, a := range slices.Concat(subset.Addresses, subset.NotReadyAddresses) {
			for _, addr := range l.addresses(doc, source.Item("subsets", i), []string{a.IP}) {
				for _, p := range subset.Ports {
					e.backends = append(e.backends, Backend{
						Addr: addr, Protocol: protocolOrTCP(p.Protocol), Port: uint16(p.Port), Pod: targetPod(namespaced(doc), a.TargetRef),
					})
				}
			}
		}
	}
	l.slices = append(l.slices, e)
}

func targetPod(namespace string, ref *corev1.ObjectReference) string {
	if ref == nil || ref.Kind != "Pod" {
		return ""
	}
	if ref.Namespace != "" {
		namespace = ref.Namespace
	}
	return namespace + "/" + ref.Name
}

// services hands the backends to their Services. Kubernetes mirrors Endpoints into EndpointSlices, so Endpoints
// count only where no slice was given.
func (l *loader) services() {
	sliced := map[string]bool{}
	for _, e := range l.slices {
		sliced[e.service] = sliced[e.service] || e.slice
	}
	for _, e := range l.slices {
		if sliced[e.service] && !e.slice {
			continue
		}
		ns, name, _ := cutName(e.service)
		svc := l.serviceNamed(ns, name)
		svc.BackendsKnown = true
		svc.Backends = append(svc.Backends, e.backends...)
	}
	for _, svc := range l.facts.Services {
		slices.SortFunc(svc.Backends, compareBackends)
		svc.Backends = slices.Compact(svc.Backends)
	}
	if api := l.facts.Services["default/kubernetes"]; api != nil && api.BackendsKnown {
		l.facts.APIServers = []netip.AddrPort{}
		for _, b := range api.Backends {
			l.facts.APIServers = append(l.facts.APIServers, netip.AddrPortFrom(b.Addr, b.Port))
		}
	}
}

func compareBackends(a, b Backend) int {
	return cmp.Or(a.Addr.Compare(b.Addr), cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.Port, b.Port), cmp.Compare(a.Pod, b.Pod))
}
