package cilium

import (
	"net/netip"

	"github.com/cilium/cilium/pkg/k8s"
	slim_corev1 "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/core/v1"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/labelsfilter"
	ciliumtypes "github.com/cilium/cilium/pkg/types"
)

// pod is a pod with an endpoint of its own, or one on the host network, which has none.
type pod struct {
	object    *slim_corev1.Pod
	addresses []netip.Addr
	// synthetic is set when the pod has no address yet and the engine gave it one.
	synthetic bool
}

// name is the pod's name as connections spell it.
func (p *pod) name() string { return qualified(p.object.Namespace, p.object.Name) }

// hostNetwork tells whether the pod is its node to policies.
func (p *pod) hostNetwork() bool { return p.object.Spec.HostNetwork }

// finished tells whether the pod has run to its end and given its address back.
func (p *pod) finished() bool {
	return p.object.Status.Phase == slim_corev1.PodSucceeded || p.object.Status.Phase == slim_corev1.PodFailed
}

// newPod reads the addresses of a pod and fills in what the API server would have defaulted.
func newPod(object *slim_corev1.Pod) *pod {
	p := &pod{object: object}
	for _, container := range object.Spec.Containers {
		for i := range container.Ports {
			if container.Ports[i].Protocol == "" {
				container.Ports[i].Protocol = slim_corev1.ProtocolTCP
			}
		}
	}
	if p.finished() {
		return p
	}
	seen := map[netip.Addr]bool{}
	texts := []string{object.Status.PodIP}
	for _, ip := range object.Status.PodIPs {
		texts = append(texts, ip.IP)
	}
	for _, text := range texts {
		address, err := netip.ParseAddr(text)
		if err == nil && !seen[address] {
			seen[address] = true
			p.addresses = append(p.addresses, address.Unmap())
		}
	}
	return p
}

// identity returns the pod's named ports and the labels that form its security identity
// (pkg/endpoint/metadata/k8s_metadatafetcher.go).
func (p *pod) identity(namespace *slim_corev1.Namespace, opts Options) (ciliumtypes.NamedPortMap, labels.Labels) {
	ports, all := k8s.GetPodMetadata(discard, namespace, p.object)
	chosen, _ := labelsfilter.Filter(labels.Map2Labels(all, labels.LabelSourceK8s))
	if opts.do(namedPortLabels) {
		for _, label := range k8s.NamedPortsIdentityLabels(ports) {
			chosen[label.Key] = label
		}
	}
	return ports, chosen
}
