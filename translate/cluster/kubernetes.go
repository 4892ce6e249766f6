package cluster

import (
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// nameLabel is set on every namespace by the API server.
const nameLabel = "kubernetes.io/metadata.name"

func (l *loader) namespace(doc *source.Document) {
	var ns corev1.Namespace
	if !l.decode(doc, &ns) {
		return
	}
	if l.facts.Namespaces == nil {
		l.facts.Namespaces = map[string]*Namespace{}
	}
	labels := copyLabels(ns.Labels)
	labels[nameLabel] = ns.Name
	l.facts.Namespaces[ns.Name] = &Namespace{Name: ns.Name, Labels: labels}
}

func (l *loader) serviceAccount(doc *source.Document) {
	var sa corev1.ServiceAccount
	if !l.decode(doc, &sa) {
		return
	}
	if l.facts.ServiceAccounts == nil {
		l.facts.ServiceAccounts = map[string]*ServiceAccount{}
	}
	ns := namespaced(doc)
	l.facts.ServiceAccounts[ns+"/"+sa.Name] = &ServiceAccount{Namespace: ns, Name: sa.Name, Labels: copyLabels(sa.Labels)}
}

// decodedPod is a Pod on its way from the document. Of a large cluster most documents are Pods, which are decoded side
// by side.
type decodedPod struct {
	pod      corev1.Pod
	findings diag.List
}

func decodePod(doc *source.Document) *decodedPod {
	if kindKey(doc) != "/Pod" {
		return nil
	}
	d := &decodedPod{}
	d.findings = doc.DecodeKnown(&d.pod)
	return d
}

func (l *loader) pod(doc *source.Document) {
	pod := &l.ahead.pod
	if !l.taken(l.ahead.findings) {
		return
	}
	if l.facts.Pods == nil {
		l.facts.Pods = map[string]*Pod{}
	}
	// Both CNIs forget a pod that has finished: its address may belong to another pod by now.
	if pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
		return
	}
	ns := namespaced(doc)
	account := pod.Spec.ServiceAccountName
	if account == "" {
		account = pod.Spec.DeprecatedServiceAccount
	}
	if account == "" {
		account = "default"
	}
	l.facts.Pods[ns+"/"+pod.Name] = &Pod{
		Namespace:      ns,
		Name:           pod.Name,
		Pos:            doc.Pos,
		Labels:         copyLabels(pod.Labels),
		ServiceAccount: account,
		Node:           pod.Spec.NodeName,
		Addresses:      l.podAddresses(doc, pod),
		Ports:          podPorts(pod),
		HostNetwork:    pod.Spec.HostNetwork,
	}
}

// calicoPodAnnotations hold the addresses of a pod before its status does.
var calicoPodAnnotations = []string{"cni.projectcalico.org/podIPs", "cni.projectcalico.org/podIP"}

// podAddresses reads the addresses in the order in which Calico looks for them
// (libcalico-go/lib/backend/k8s/conversion/conversion.go, getPodIPs).
func (l *loader) podAddresses(doc *source.Document, pod *corev1.Pod) []netip.Addr {
	var texts []string
	path := "status.podIPs"
	switch {
	case len(pod.Status.PodIPs) > 0:
		for _, ip := range pod.Status.PodIPs {
			texts = append(texts, ip.IP)
		}
	case pod.Status.PodIP != "":
		path, texts = "status.podIP", []string{pod.Status.PodIP}
	default:
		for _, key := range calicoPodAnnotations {
			if list := pod.Annotations[key]; list != "" {
				path, texts = source.Field("metadata.annotations", key), strings.Split(list, ",")
				break
			}
		}
	}
	return l.addresses(doc, path, texts)
}

// addresses reads addresses that may carry a prefix length, as the CNIs' annotations do.
func (l *loader) addresses(doc *source.Document, path string, texts []string) []netip.Addr {
	var out []netip.Addr
	for _, text := range texts {
		bare, _, _ := strings.Cut(text, "/")
		a, err := netip.ParseAddr(bare)
		if err != nil {
			l.bad(doc, path, "%q is not an IP address", text)
			continue
		}
		if a = a.Unmap().WithZone(""); !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

func podPorts(pod *corev1.Pod) []NamedPort {
	var out []NamedPort
	for i, c := range slices.Concat(pod.Spec.Containers, pod.Spec.InitContainers) {
		for _, p := range c.Ports {
			if p.Name == "" || p.ContainerPort < 1 || p.ContainerPort > 65535 {
				continue
			}
			out = append(out, NamedPort{Name: p.Name, Protocol: protocolOrTCP(p.Protocol), Port: uint16(p.ContainerPort),
				Init: i >= len(pod.Spec.Containers)})
		}
	}
	return out
}

func protocolOrTCP(p corev1.Protocol) string {
	if p == "" {
		return string(corev1.ProtocolTCP)
	}
	return string(p)
}

// serviceCIDR reads the ranges that Kubernetes 1.33 and later shows as objects.
func (l *loader) serviceCIDR(doc *source.Document) {
	var c networkingv1.ServiceCIDR
	if !l.decode(doc, &c) {
		return
	}
	for i, text := range c.Spec.CIDRs {
		if p, ok := l.prefix(doc, source.Item("spec.cidrs", i), text); ok {
			l.facts.ServiceCIDRs = append(l.facts.ServiceCIDRs, p)
		}
	}
}

func copyLabels(labels map[string]string) map[string]string {
	out := make(map[string]string, len(labels)+1)
	for k, v := range labels {
		out[k] = v
	}
	return out
}
