package calico

import (
	"strings"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/policyferry/policyferry/translate/source"
)

// decode reads the document as its kind; what a NetworkPolicy has is a part of what a GlobalNetworkPolicy has.
func (p *policy) decode(l *lowering) (*metav1.ObjectMeta, bool) {
	if p.doc.Object.Kind == apiv3.KindGlobalNetworkPolicy {
		var gnp apiv3.GlobalNetworkPolicy
		ok := l.decode(p.doc, &gnp)
		p.spec = gnp.Spec
		return &gnp.ObjectMeta, ok
	}
	var np apiv3.NetworkPolicy
	ok := l.decode(p.doc, &np)
	p.spec = apiv3.GlobalNetworkPolicySpec{
		Tier: np.Spec.Tier, Order: np.Spec.Order, Ingress: np.Spec.Ingress, Egress: np.Spec.Egress, Selector: np.Spec.Selector,
		Types: np.Spec.Types, ServiceAccountSelector: np.Spec.ServiceAccountSelector, PerformanceHints: np.Spec.PerformanceHints,
	}
	return &np.ObjectMeta, ok
}

// kubernetesPrefixes begin the names under which Calico keeps its copies of Kubernetes policies
// (libcalico-go/lib/names/policy.go).
var kubernetesPrefixes = []string{"knp.default.", "kanp.adminnetworkpolicy.", "kbanp.baselineadminnetworkpolicy.", "kcnp."}

// isKubernetesCopy reports whether the policy is one that Calico made from a Kubernetes one.
func isKubernetesCopy(doc *source.Document) bool {
	for _, prefix := range kubernetesPrefixes {
		if strings.HasPrefix(doc.Object.Name, prefix) {
			return true
		}
	}
	return false
}
