package calico

import (
	"fmt"
	"net/netip"

	networking "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	adminpolicy "sigs.k8s.io/network-policy-api/apis/v1alpha1"
)

// admitNetworkPolicy refuses what the Kubernetes API server refuses. Calico relies on that: its
// conversion reads, for instance, an unparseable ipBlock as "anyone"
// (libcalico-go/lib/backend/k8s/conversion/conversion.go, k8sPeerToCalicoFields).
func admitNetworkPolicy(policy *networking.NetworkPolicy) error {
	if policy.Name == "" {
		return fmt.Errorf("metadata.name: is required")
	}
	if err := admitLabelSelector("spec.podSelector", &policy.Spec.PodSelector); err != nil {
		return err
	}
	for i, rule := range policy.Spec.Ingress {
		if err := admitRule(fmt.Sprintf("spec.ingress[%d]", i), "from", rule.From, rule.Ports); err != nil {
			return err
		}
	}
	for i, rule := range policy.Spec.Egress {
		if err := admitRule(fmt.Sprintf("spec.egress[%d]", i), "to", rule.To, rule.Ports); err != nil {
			return err
		}
	}
	for i, policyType := range policy.Spec.PolicyTypes {
		if policyType != networking.PolicyTypeIngress && policyType != networking.PolicyTypeEgress {
			return fmt.Errorf("spec.policyTypes[%d]: %q is neither Ingress nor Egress", i, policyType)
		}
	}
	return nil
}

// defaultPolicyTypes is the API server's default: ingress always, egress if there are egress rules
// (k8s.io/kubernetes/pkg/apis/networking/v1/defaults.go).
func defaultPolicyTypes(policy *networking.NetworkPolicy) {
	if len(policy.Spec.PolicyTypes) > 0 {
		return
	}
	policy.Spec.PolicyTypes = []networking.PolicyType{networking.PolicyTypeIngress}
	if len(policy.Spec.Egress) > 0 {
		policy.Spec.PolicyTypes = append(policy.Spec.PolicyTypes, networking.PolicyTypeEgress)
	}
}

func admitRule(path, peersField string, peers []networking.NetworkPolicyPeer, ports []networking.NetworkPolicyPort) error {
	for i, port := range ports {
		if err := admitPort(port); err != nil {
			return fmt.Errorf("%s.ports[%d]: %w", path, i, err)
		}
	}
	for i, peer := range peers {
		if err := admitPeer(peer); err != nil {
			return fmt.Errorf("%s.%s[%d]: %w", path, peersField, i, err)
		}
	}
	return nil
}

func admitPort(port networking.NetworkPolicyPort) error {
	if port.Protocol != nil {
		switch *port.Protocol {
		case "TCP", "UDP", "SCTP":
		default:
			return fmt.Errorf("protocol %q is not TCP, UDP or SCTP", *port.Protocol)
		}
	}
	switch {
	case port.Port == nil:
		if port.EndPort != nil {
			return fmt.Errorf("endPort needs a port")
		}
	case port.Port.StrVal != "":
		if problems := validation.IsValidPortName(port.Port.StrVal); len(problems) > 0 {
			return fmt.Errorf("port name %q: %s", port.Port.StrVal, problems[0])
		}
		if port.EndPort != nil {
			return fmt.Errorf("endPort needs a numeric port")
		}
	default:
		if problems := validation.IsValidPortNum(port.Port.IntValue()); len(problems) > 0 {
			return fmt.Errorf("port %d: %s", port.Port.IntValue(), problems[0])
		}
		if end := port.EndPort; end != nil && (*end < port.Port.IntVal || *end > 65535) {
			return fmt.Errorf("endPort %d does not end a range that begins with %d", *end, port.Port.IntVal)
		}
	}
	return nil
}

func admitPeer(peer networking.NetworkPolicyPeer) error {
	if block := peer.IPBlock; block != nil {
		if peer.PodSelector != nil || peer.NamespaceSelector != nil {
			return fmt.Errorf("ipBlock excludes selectors")
		}
		return admitBlock(block)
	}
	if peer.PodSelector == nil && peer.NamespaceSelector == nil {
		return fmt.Errorf("a peer needs ipBlock, podSelector or namespaceSelector")
	}
	if err := admitLabelSelector("podSelector", peer.PodSelector); err != nil {
		return err
	}
	return admitLabelSelector("namespaceSelector", peer.NamespaceSelector)
}

func admitBlock(block *networking.IPBlock) error {
	outer, err := netip.ParsePrefix(block.CIDR)
	if err != nil {
		return fmt.Errorf("ipBlock.cidr: %w", err)
	}
	for i, text := range block.Except {
		inner, err := netip.ParsePrefix(text)
		if err != nil {
			return fmt.Errorf("ipBlock.except[%d]: %w", i, err)
		}
		if inner.Bits() <= outer.Bits() || !outer.Contains(inner.Addr()) {
			return fmt.Errorf("ipBlock.except[%d]: %s is not a strict subset of %s", i, text, block.CIDR)
		}
	}
	return nil
}

func admitLabelSelector(path string, selector *metav1.LabelSelector) error {
	if selector == nil {
		return nil
	}
	if _, err := metav1.LabelSelectorAsSelector(selector); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// admitAdminSubject refuses a subject that the CRD's schema refuses: exactly one of its two forms.
func admitAdminSubject(subject adminpolicy.AdminNetworkPolicySubject) error {
	if (subject.Namespaces == nil) == (subject.Pods == nil) {
		return fmt.Errorf("spec.subject: needs either namespaces or pods")
	}
	return nil
}

// admitAdminPolicy refuses what the AdminNetworkPolicy CRD refuses before Calico sees it.
func admitAdminPolicy(policy *adminpolicy.AdminNetworkPolicy) error {
	if policy.Name == "" {
		return fmt.Errorf("metadata.name: is required")
	}
	if policy.Spec.Priority < 0 || policy.Spec.Priority > 1000 {
		return fmt.Errorf("spec.priority: %d is not between 0 and 1000", policy.Spec.Priority)
	}
	return admitAdminSubject(policy.Spec.Subject)
}

// admitBaselinePolicy does the same for the one BaselineAdminNetworkPolicy.
func admitBaselinePolicy(policy *adminpolicy.BaselineAdminNetworkPolicy) error {
	if policy.Name != "default" {
		return fmt.Errorf("metadata.name: %q is not \"default\", the only name allowed", policy.Name)
	}
	return admitAdminSubject(policy.Spec.Subject)
}
