package calico

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	"github.com/projectcalico/api/pkg/lib/numorstring"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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
		policy: policy{object: o.by(), doc: o.Document, tier: "default", order: 1000, namespace: o.namespace()},
		types:  kubernetesTypes(&np.Spec),
	}
	subject := apiv3.NetworkPolicySpec{Selector: podSelector(&np.Spec.PodSelector)}
	d.subject = namespaceSubject(&subject, d.namespace)
	d.tieBreak = qualified(d.namespace, "knp.default."+np.Name)
	if b.version.atLeast(3, 32) {
		d.tieBreak = np.Name + "/" + d.namespace + "/KubernetesNetworkPolicy"
	}
	for i, r := range np.Spec.Ingress {
		for _, rule := range kubernetesRules(r.From, r.Ports) {
			rule.Source, rule.Destination = rule.Destination, rule.Source
			rule.Source.Ports, rule.Destination.Ports = nil, rule.Source.Ports
			d.ingress, d.written[ingress] = append(d.ingress, rule), append(d.written[ingress], i)
		}
	}
	for i, r := range np.Spec.Egress {
		for _, rule := range kubernetesRules(r.To, r.Ports) {
			d.egress, d.written[egress] = append(d.egress, rule), append(d.written[egress], i)
		}
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
