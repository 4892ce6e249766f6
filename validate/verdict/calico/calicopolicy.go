package calico

import (
	"fmt"
	"strings"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func (b *builder) networkPolicy(o object) error {
	var np apiv3.NetworkPolicy
	if ok, err := b.decode(o, &np, o.namespace()+"/"+o.Object.Name); !ok {
		return err
	}
	d := &draft{
		policy:  policy{order: orderOf(np.Spec.Order), doc: o.Document, namespace: o.namespace()},
		subject: namespaceSubject(&np.Spec, o.namespace()),
		types:   np.Spec.Types, ingress: np.Spec.Ingress, egress: np.Spec.Egress,
	}
	problem := b.refuse(o, np.Name, namespacedNameForm, specOf(&np.Spec))
	b.calicoPolicy(o, d, &np.ObjectMeta, np.Spec.Tier, problem)
	return nil
}

func (b *builder) globalPolicy(o object) error {
	var gnp apiv3.GlobalNetworkPolicy
	if ok, err := b.decode(o, &gnp, o.Object.Name); !ok {
		return err
	}
	s := &gnp.Spec
	d := &draft{
		policy: policy{
			order: orderOf(s.Order), doc: o.Document,
			doNotTrack: s.DoNotTrack, preDNAT: s.PreDNAT, applyOnForward: s.ApplyOnForward,
		},
		subject: globalSubject(s),
		types:   s.Types, ingress: s.Ingress, egress: s.Egress,
	}
	problem := b.refuse(o, gnp.Name, globalNameForm, globalSpecOf(s))
	b.calicoPolicy(o, d, &gnp.ObjectMeta, s.Tier, problem)
	return nil
}

// calicoPolicy finishes what both kinds have in common, in a form of API that has validated and defaulted the policy
// or in the raw one.
func (b *builder) calicoPolicy(o object, d *draft, meta *metav1.ObjectMeta, specTier, problem string) {
	m, err := o.metadata(meta)
	if err != nil {
		b.reject(o, "%s", err)
		return
	}
	if strings.HasPrefix(meta.Name, "knp.default.") || strings.HasPrefix(m.name, "knp.default.") {
		b.reject(o, "the name knp.default.* is that of Calico's copy of a Kubernetes NetworkPolicy")
		return
	}
	d.object = o.by()
	d.tier, d.tieBreak = b.place(o, d.namespace, meta.Name, m.name, specTier)
	if problem == "" && !o.raw && b.tiers[d.tier] == nil {
		problem = fmt.Sprintf("tier %q does not exist", d.tier)
	}
	if problem != "" {
		b.reject(o, "%s", problem)
		return
	}
	if !o.raw && len(d.types) == 0 {
		d.types = defaultTypes(d.ingress, d.egress)
	}
	b.drafts = append(b.drafts, d)
}

// defaultTypes is what calicoctl and the API server fill in (libcalico-go/lib/clientv3/globalnetworkpolicy.go,
// defaultPolicyTypesField).
func defaultTypes(ingress, egress []apiv3.Rule) []apiv3.PolicyType {
	switch {
	case len(egress) == 0:
		return []apiv3.PolicyType{apiv3.PolicyTypeIngress}
	case len(ingress) == 0:
		return []apiv3.PolicyType{apiv3.PolicyTypeEgress}
	}
	return []apiv3.PolicyType{apiv3.PolicyTypeIngress, apiv3.PolicyTypeEgress}
}

// place finds a policy's tier and its key among equal orders. Up to 3.31 the stored name tells both: it begins with
// the tier, and Felix sorts by it (libcalico-go/lib/names/policy.go, felix/calc/policy_sorter.go). From 3.32 the tier
// is spec.tier, and "name/namespace/kind" is the key (v3.32.1, felix/calc/policy_sorter.go, PolKVLess).
func (b *builder) place(o object, namespace, stored, name, specTier string) (tier, key string) {
	if specTier == "" {
		specTier = "default"
	}
	if b.version.atLeast(3, 32) {
		return specTier, name + "/" + namespace + "/" + o.Object.Kind
	}
	if !o.raw && !strings.Contains(stored, ".") {
		stored = "default." + stored
	}
	return tierOfName(stored), qualified(namespace, stored)
}

func tierOfName(name string) string {
	if before, _, dotted := strings.Cut(name, "."); dotted && before != "ossg" {
		return before
	}
	return "default"
}

func qualified(namespace, name string) string {
	if namespace == "" {
		return name
	}
	return namespace + "/" + name
}
