package cilium

import (
	"net/netip"

	"github.com/policyferry/policyferry/translate/cluster"
)

// serviceRef is an element of toServices as written.
type serviceRef struct {
	K8sServiceSelector *struct {
		Selector  *labelSelector `json:"selector"`
		Namespace string         `json:"namespace"`
	} `json:"k8sServiceSelector"`
	K8sService *struct {
		ServiceName string `json:"serviceName"`
		Namespace   string `json:"namespace"`
	} `json:"k8sService"`
}

// serviceLabels are the labels of a Service; selectors do not look at their source.
type serviceLabels map[string]string

func (l serviceLabels) lookup(_, key string) (string, bool) {
	value, ok := l[key]
	return value, ok
}

// matches reports whether the element means the Service. A namespace that is left out is any, not the policy's own
// (pkg/policy/k8s/service.go).
func (w *serviceRef) matches(service *cluster.Service) bool {
	if by := w.K8sServiceSelector; by != nil {
		return (by.Namespace == "" || by.Namespace == service.Namespace) &&
			by.Selector.compile(sourceAny).matches(serviceLabels(service.Labels))
	}
	by := w.K8sService
	return by != nil && (by.Namespace == "" || by.Namespace == service.Namespace) && by.ServiceName == service.Name
}

// servicePeers turns the Services that are meant into peers: one with a selector into that selector, which then
// holds for every port; one without into the addresses of its backends (pkg/policy/k8s/service.go, processRule).
// Services with a selector were passed over before 1.17.
func (b *builder) servicePeers(refs []serviceRef) []peer {
	var out []peer
	for _, service := range b.facts.Services {
		for i := range refs {
			if !refs[i].matches(service) {
				continue
			}
			if len(service.Selector) > 0 {
				if b.settings.release.since(1, 17) {
					out = append(out, b.serviceSelector(service))
				}
				continue
			}
			for _, backend := range service.Backends {
				prefix := netip.PrefixFrom(backend.Addr, backend.Addr.BitLen())
				out = append(out, &cidrPeer{settings: b.settings, prefix: prefix})
			}
		}
	}
	return out
}

func (b *builder) serviceSelector(service *cluster.Service) peer {
	s := (&labelSelector{MatchLabels: service.Selector}).compile(sourceK8s)
	return b.labelPeer(b.confine(s.with(sourceK8s, keyNamespace, opIn, service.Namespace)))
}
