package calico

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	"github.com/projectcalico/api/pkg/lib/numorstring"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

// kubernetesPolicy reads a NetworkPolicy of Kubernetes: Calico turns it into one of its own, in the default tier at
// order 1000 (libcalico-go/lib/backend/k8s/conversion/conversion.go, K8sNetworkPolicyToCalico).
func (b *builder) kubernetesPolicy(o object) error {
	var np networkingv1.NetworkPolicy
	if ok, err := b.decode(o, &np, o.namespace()+"/"+o.Object.Name); !ok {
		return err
	}
	if problem := refusedKubernetes(&np.Spec); problem != "" {
		b.reject(o, "%s", problem)
		return nil
	}
	d := &draft{
		policy:    policy{object: o.by(), tier: "default", order: 1000},
		namespace: o.namespace(),
		types:     kubernetesTypes(&np.Spec),
	}
	subject := apiv3.NetworkPolicySpec{Selector: podSelector(&np.Spec.PodSelector)}
	d.subject = namespaceSubject(&subject, d.namespace)
	d.tieBreak = qualified(d.namespace, "knp.default."+np.Name)
	if b.version.atLeast(3, 32) {
		d.tieBreak = np.Name + "/" + d.namespace + "/KubernetesNetworkPolicy"
	}
	for _, r := range np.Spec.Ingress {
		for _, rule := range kubernetesRules(r.From, r.Ports) {
			rule.Source, rule.Destination = rule.Destination, rule.Source
			rule.Source.Ports, rule.Destination.Ports = nil, rule.Source.Ports
			d.ingress = append(d.ingress, rule)
		}
	}
	for _, r := range np.Spec.Egress {
		d.egress = append(d.egress, kubernetesRules(r.To, r.Ports)...)
	}
	b.drafts = append(b.drafts, d)
	return nil
}

// kubernetesTypes fills in what the Kubernetes API server fills in.
func kubernetesTypes(spec *networkingv1.NetworkPolicySpec) []apiv3.PolicyType {
	var out []apiv3.PolicyType
	for _, t := range spec.PolicyTypes {
		out = append(out, apiv3.PolicyType(t))
	}
	if len(out) == 0 {
		out = append(out, apiv3.PolicyTypeIngress)
		if len(spec.Egress) > 0 {
			out = append(out, apiv3.PolicyTypeEgress)
		}
	}
	return out
}

// kubernetesRules is every peer with every protocol, the peer as destination. No peers mean anyone, no ports every
// protocol.
func kubernetesRules(peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort) []apiv3.Rule {
	entities := []apiv3.EntityRule{{}}
	if len(peers) > 0 {
		entities = nil
		for _, p := range peers {
			entities = append(entities, kubernetesPeer(p))
		}
	}
	traffic := []apiv3.Rule{{Action: apiv3.Allow}}
	if len(ports) > 0 {
		traffic = nil
		for _, p := range ports {
			traffic = append(traffic, kubernetesPort(p))
		}
	}
	var out []apiv3.Rule
	for _, t := range traffic {
		for _, e := range entities {
			e.Ports = t.Destination.Ports
			out = append(out, apiv3.Rule{Action: apiv3.Allow, Protocol: t.Protocol, Destination: e})
		}
	}
	return out
}

func kubernetesPeer(p networkingv1.NetworkPolicyPeer) apiv3.EntityRule {
	if p.IPBlock != nil {
		return apiv3.EntityRule{Nets: []string{p.IPBlock.CIDR}, NotNets: p.IPBlock.Except}
	}
	e := apiv3.EntityRule{Selector: podSelector(p.PodSelector)}
	if p.NamespaceSelector != nil {
		e.NamespaceSelector = namespaceSelector(p.NamespaceSelector)
	}
	return e
}

func kubernetesPort(p networkingv1.NetworkPolicyPort) apiv3.Rule {
	protocol := corev1.ProtocolTCP
	if p.Protocol != nil {
		protocol = *p.Protocol
	}
	number := numorstring.ProtocolFromString(string(protocol))
	rule := apiv3.Rule{Protocol: &number}
	if p.Port != nil {
		port := numorstring.NamedPort(p.Port.StrVal)
		if p.Port.StrVal == "" {
			port = numorstring.SinglePort(uint16(p.Port.IntVal))
			if p.EndPort != nil {
				port.MaxPort = uint16(*p.EndPort)
			}
		}
		rule.Destination.Ports = []numorstring.Port{port}
	}
	return rule
}

// podSelector writes a label selector for pods: only pods have an orchestrator, so it matches neither host endpoints
// nor network sets, whatever else it says (conversion.go, k8sSelectorToCalico).
func podSelector(s *metav1.LabelSelector) string {
	return strings.Join(append([]string{labelOrchestrator + " == 'k8s'"}, labelTerms(s)...), " && ")
}

// namespaceSelector writes a label selector for namespaces; the empty one means all of them.
func namespaceSelector(s *metav1.LabelSelector) string {
	if terms := labelTerms(s); len(terms) > 0 {
		return strings.Join(terms, " && ")
	}
	return "all()"
}

func labelTerms(s *metav1.LabelSelector) []string {
	if s == nil {
		return nil
	}
	var out []string
	for _, k := range slices.Sorted(maps.Keys(s.MatchLabels)) {
		out = append(out, fmt.Sprintf("%s == '%s'", k, s.MatchLabels[k]))
	}
	for _, e := range s.MatchExpressions {
		values := "{ '" + strings.Join(e.Values, "', '") + "' }"
		switch e.Operator {
		case metav1.LabelSelectorOpIn:
			out = append(out, e.Key+" in "+values)
		case metav1.LabelSelectorOpNotIn:
			out = append(out, e.Key+" not in "+values)
		case metav1.LabelSelectorOpExists:
			out = append(out, "has("+e.Key+")")
		case metav1.LabelSelectorOpDoesNotExist:
			out = append(out, "! has("+e.Key+")")
		}
	}
	return out
}

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
