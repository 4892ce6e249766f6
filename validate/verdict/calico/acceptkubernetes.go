package calico

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

// refusedKubernetes is the main part of the Kubernetes API server's validation of a NetworkPolicy.
func refusedKubernetes(s *networkingv1.NetworkPolicySpec) string {
	if problem := refusedLabels(&s.PodSelector); problem != "" {
		return problem
	}
	for i, t := range s.PolicyTypes {
		if t != networkingv1.PolicyTypeIngress && t != networkingv1.PolicyTypeEgress || slices.Contains(s.PolicyTypes[:i], t) {
			return "policyTypes holds Ingress and Egress, each once"
		}
	}
	for _, r := range s.Ingress {
		if problem := refusedKubernetesRule(r.From, r.Ports); problem != "" {
			return problem
		}
	}
	for _, r := range s.Egress {
		if problem := refusedKubernetesRule(r.To, r.Ports); problem != "" {
			return problem
		}
	}
	return ""
}

func refusedKubernetesRule(peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort) string {
	for _, p := range peers {
		selectors := p.PodSelector != nil || p.NamespaceSelector != nil
		if selectors == (p.IPBlock != nil) {
			return "a peer has selectors or an ipBlock"
		}
		for _, s := range []*metav1.LabelSelector{p.PodSelector, p.NamespaceSelector} {
			if problem := refusedLabels(s); problem != "" {
				return problem
			}
		}
		if p.IPBlock != nil {
			if problem := refusedBlock(p.IPBlock); problem != "" {
				return problem
			}
		}
	}
	for _, p := range ports {
		if problem := refusedKubernetesPort(p); problem != "" {
			return problem
		}
	}
	return ""
}

func refusedBlock(b *networkingv1.IPBlock) string {
	block, err := netip.ParsePrefix(b.CIDR)
	if err != nil {
		return fmt.Sprintf("ipBlock.cidr: %q is not a CIDR", b.CIDR)
	}
	for _, text := range b.Except {
		except, err := netip.ParsePrefix(text)
		if err != nil || except.Bits() <= block.Bits() || !block.Contains(except.Addr()) {
			return fmt.Sprintf("ipBlock.except: %q is not a part of %s", text, b.CIDR)
		}
	}
	return ""
}

func refusedKubernetesPort(p networkingv1.NetworkPolicyPort) string {
	if p.Protocol != nil && !slices.Contains([]corev1.Protocol{corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP}, *p.Protocol) {
		return fmt.Sprintf("protocol %q is none of TCP, UDP, SCTP", *p.Protocol)
	}
	numeric := p.Port != nil && p.Port.StrVal == ""
	switch {
	case numeric && (p.Port.IntVal < 1 || p.Port.IntVal > 65535), !numeric && p.Port != nil && refusedPortName(p.Port.StrVal):
		return fmt.Sprintf("%q is not a port", p.Port.String())
	case p.EndPort != nil && (!numeric || *p.EndPort < p.Port.IntVal || *p.EndPort > 65535):
		return "endPort needs a port by number, and is not below it"
	}
	return ""
}

func refusedLabel(key string, values ...string) string {
	if len(validation.IsQualifiedName(key)) > 0 || slices.ContainsFunc(values, func(v string) bool { return len(validation.IsValidLabelValue(v)) > 0 }) {
		return fmt.Sprintf("%q with %q is not a label", key, values)
	}
	return ""
}

// refusedLabels checks that labels are labels and that operators have the values they need.
func refusedLabels(s *metav1.LabelSelector) string {
	if s == nil {
		return ""
	}
	for _, k := range slices.Sorted(maps.Keys(s.MatchLabels)) {
		if problem := refusedLabel(k, s.MatchLabels[k]); problem != "" {
			return problem
		}
	}
	for _, e := range s.MatchExpressions {
		if problem := refusedLabel(e.Key, e.Values...); problem != "" {
			return problem
		}
		switch e.Operator {
		case metav1.LabelSelectorOpIn, metav1.LabelSelectorOpNotIn:
			if len(e.Values) == 0 {
				return fmt.Sprintf("matchExpressions: %s %s needs values", e.Key, e.Operator)
			}
		case metav1.LabelSelectorOpExists, metav1.LabelSelectorOpDoesNotExist:
			if len(e.Values) > 0 {
				return fmt.Sprintf("matchExpressions: %s %s has no values", e.Key, e.Operator)
			}
		default:
			return fmt.Sprintf("matchExpressions: %q is not an operator", e.Operator)
		}
	}
	return ""
}
