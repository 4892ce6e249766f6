package calico

import (
	"cmp"
	"math"
	"slices"
	"strings"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/source"
)

// The tiers that Calico makes itself.
const (
	tierDefault  = "default"
	tierANP      = "adminnetworkpolicy"
	tierBANP     = "baselineadminnetworkpolicy"
	tierAdmin    = "kube-admin"
	tierBaseline = "kube-baseline"
)

// tier is a tier and what stands in it.
type tier struct {
	name  string
	order float64
	// exists is false for a tier that policies name and no document defines.
	exists   bool
	action   model.Action
	policies []placed
}

// placed is a policy and what its place in the tier depends on.
type placed struct {
	*model.Policy
	order float64
	key   string
}

// defaultOrder is the order of the tier "default", and of a tier without one
// (libcalico-go/lib/resources/tier.go, DefaultTierFields).
const defaultOrder = 1_000_000

// builtinTiers is the tiers that every cluster has (libcalico-go/lib/clientv3/client.go, EnsureInitialized).
func builtinTiers(v compat.Version) []*tier {
	out := []*tier{{name: tierDefault, order: defaultOrder, exists: true, action: model.Deny}}
	add := func(name string, order float64) {
		out = append(out, &tier{name: name, order: order, exists: true, action: model.Pass})
	}
	switch {
	case v.AtLeast(3, 32):
		add(tierAdmin, 1_000)
		add(tierBaseline, 10_000_000)
	case v.AtLeast(3, 30):
		add(tierANP, 1_000)
		add(tierBANP, 10_000_000)
	case v.AtLeast(3, 29):
		add(tierANP, 1_000)
	}
	return out
}

// readTier takes in a Tier.
func (l *lowering) readTier(doc *source.Document) {
	var spec apiv3.Tier
	if !l.decode(doc, &spec) {
		return
	}
	id, ok := l.identify(doc, &spec.ObjectMeta)
	if !ok {
		return
	}
	t := l.tier(id.name)
	t.exists, t.order, t.action = true, defaultOrder, model.Deny
	if spec.Spec.Order != nil {
		t.order = *spec.Spec.Order
	}
	if a := spec.Spec.DefaultAction; a != nil && *a == apiv3.Pass {
		t.action = model.Pass
	}
	ledger := l.env.Ledger(doc)
	ledger.Carried("spec.order")
	ledger.Carried("spec.defaultAction")
	if n := doc.Node("spec"); n != nil && len(n.Content) == 0 {
		ledger.Carried("spec")
	}
	l.env.Ledger(doc).Metadata()
}

// tier finds a tier, or makes it as Felix does for one that does not exist: evaluated last, with default Deny
// (felix/calc/policy_resolver.go, policy_sorter.go).
func (l *lowering) tier(name string) *tier {
	for _, t := range l.tiers {
		if t.name == name {
			return t
		}
	}
	t := &tier{name: name, action: model.Deny}
	l.tiers = append(l.tiers, t)
	return t
}

// tierOf is the tier of a policy. Up to 3.31 Felix takes it from the stored name and does not look at spec.tier, which
// the API keeps in step with the name (libcalico-go/lib/names/policy.go, TierFromPolicyName); since 3.32 it is
// spec.tier.
func (l *lowering) tierOf(p *policy) string {
	if !l.env.Source.Version.AtLeast(3, 32) && (isRaw(p.doc) || p.spec.Tier == "") {
		l.env.Ledger(p.doc).NoMeaning("spec.tier", "up to 3.31 the name of a raw object says its tier")
		if prefix, _, found := strings.Cut(p.doc.Object.Name, "."); found && prefix != "ossg" {
			return prefix
		}
		return tierDefault
	}
	if p.spec.Tier != "" {
		return p.spec.Tier
	}
	return tierDefault
}

// place puts lowered policies into the tier of the policy that they come from.
func (l *lowering) place(name string, policies ...*model.Policy) {
	t := l.tier(name)
	for _, p := range policies {
		t.policies = append(t.policies, placed{p, orderOf(p), l.sortKey(p)})
	}
}

func orderOf(p *model.Policy) float64 {
	if p.SourceOrder == nil {
		return math.Inf(1)
	}
	return *p.SourceOrder
}

// sortKey breaks ties between policies of one order. Up to 3.31 it is the name in the datastore, since 3.32 name,
// namespace and kind (felix/calc/policy_sorter.go, PolKVLess).
func (l *lowering) sortKey(p *model.Policy) string {
	o := p.Object
	raw := p.Doc != nil && isRaw(p.Doc)
	if raw {
		o.Name = p.Doc.Object.Name
	}
	if l.env.Source.Version.AtLeast(3, 32) {
		return o.Name + "/" + o.Namespace + "/" + internalKind(o)
	}
	name := o.Name
	switch o.Kind {
	case apiv3.KindGlobalNetworkPolicy, apiv3.KindNetworkPolicy:
		if isKubernetes(o) {
			name = "knp.default." + name
		} else if !raw && !strings.Contains(name, ".") {
			name = "default." + name
		}
	case "AdminNetworkPolicy":
		name = "kanp.adminnetworkpolicy." + name
	case "BaselineAdminNetworkPolicy":
		name = "kbanp.baselineadminnetworkpolicy." + name
	}
	if o.Namespace != "" {
		return o.Namespace + "/" + name
	}
	return name
}

// internalKind is the kind by which Felix knows a policy since 3.32.
func internalKind(o diag.Object) string {
	if isKubernetes(o) {
		return "Kubernetes" + o.Kind
	}
	return o.Kind
}

// isKubernetes reports whether the object is of one of Kubernetes' own policy kinds.
func isKubernetes(o diag.Object) bool {
	return strings.HasPrefix(o.APIVersion, "networking.k8s.io/") || strings.HasPrefix(o.APIVersion, "policy.networking.k8s.io/")
}

// placeKubernetes puts a policy of a Kubernetes kind where Calico enforces it.
func (l *lowering) placeKubernetes(p *model.Policy) {
	switch p.Object.Kind {
	case "AdminNetworkPolicy":
		l.place(tierANP, p)
	case "BaselineAdminNetworkPolicy":
		l.place(tierBANP, p)
	case "ClusterNetworkPolicy":
		name := tierAdmin
		if p.Doc != nil {
			if text, _ := p.Doc.Scalar("spec.tier"); text == "Baseline" {
				name = tierBaseline
			}
		}
		l.place(name, p)
	default:
		if p.SourceOrder == nil {
			order := float64(1000) // libcalico-go/lib/backend/k8s/conversion/conversion.go
			p.SourceOrder = &order
		}
		l.place(tierDefault, p)
	}
}

// set puts tiers and policies into the order in which Felix evaluates them (felix/calc/policy_sorter.go, TierLess).
// Tiers that hold nothing are left out.
func (l *lowering) set() *model.Set {
	slices.SortStableFunc(l.tiers, func(a, b *tier) int {
		switch {
		case a.exists != b.exists && a.exists:
			return -1
		case a.exists != b.exists:
			return 1
		case a.exists && a.order != b.order:
			return cmp.Compare(a.order, b.order)
		}
		return strings.Compare(a.name, b.name)
	})
	out := &model.Set{}
	for _, t := range l.tiers {
		if len(t.policies) == 0 {
			continue
		}
		slices.SortStableFunc(t.policies, func(a, b placed) int {
			if a.order != b.order {
				return cmp.Compare(a.order, b.order)
			}
			return strings.Compare(a.key, b.key)
		})
		if !t.exists {
			l.reportMissing(t)
		}
		tier := &model.Tier{Name: t.name, Default: t.action}
		for _, p := range t.policies {
			tier.Policies = append(tier.Policies, p.Policy)
		}
		out.Tiers = append(out.Tiers, tier)
	}
	return out
}

// reportMissing says that a tier is not defined. Without other tiers its place does not matter, and Deny is the
// safe default; among others, a wrong place may open what the right one denies.
func (l *lowering) reportMissing(t *tier) {
	others := 0
	for _, o := range l.tiers {
		if o != t && len(o.policies) > 0 {
			others++
		}
	}
	p := t.policies[0]
	if p.Doc == nil {
		return
	}
	f := diag.NeedsFact.At(p.Doc.Position("spec.tier"), p.Object, "spec.tier",
		"tier %s is not among the documents, so it is evaluated last and denies what it does not match, as Calico does without it", t.name).
		WithHint("add the Tier %s to the documents", t.name)
	if others > 0 {
		f.Override = diag.Opens
	}
	l.env.Findings.Add(f)
}
