package calico

import (
	v3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/policyferry/policyferry/validate/schema/problem"
)

// builtIn is a tier that Calico makes itself.
type builtIn struct {
	order float64
	// action is the only default action since Calico 3.32.
	action v3.Action
}

// builtInTiers are the tiers of a release that have a fixed place.
func builtInTiers(release Release) map[string]builtIn {
	if release >= 32 {
		return map[string]builtIn{
			"default": {1e6, v3.Deny}, "kube-admin": {1e3, v3.Pass}, "kube-baseline": {1e7, v3.Pass},
		}
	}
	return map[string]builtIn{
		"default":                    {order: v3.DefaultTierOrder},
		"adminnetworkpolicy":         {order: v3.AdminNetworkPolicyTierOrder},
		"baselineadminnetworkpolicy": {order: v3.BaselineAdminNetworkPolicyTierOrder},
	}
}

func judgeTier(problems *problem.List, o Object) {
	var spec v3.TierSpec
	if !read(problems, o, &spec, func() any { return new(v3.TierSpec) }) {
		return
	}
	if !o.Raw {
		tierLabel(problems, o)
		tierAction(problems, &spec)
	}
	// The definition of the kind has the actions since 3.32 and the orders since 3.33.
	if !o.Raw || o.Release >= 33 {
		tierOrder(problems, o, &spec)
	}
	if o.Release >= 32 {
		tierFixedAction(problems, o, &spec)
	}
}

// tierLabel: the name of a tier has no dot, because policies are named after it, and fits into a label.
func tierLabel(problems *problem.List, o Object) {
	at := problem.Root("metadata").Field("name")
	if !isLabel(o.Name) || len(o.Name) > validation.DNS1123LabelMaxLength {
		problems.Wrong(at, "%q: the name of a tier is up to %d lower case letters, digits and -", o.Name, validation.DNS1123LabelMaxLength)
	}
}

// tierOrder: an order that is not given is that of the default tier (libcalico-go/lib/resources/tier.go).
func tierOrder(problems *problem.List, o Object, spec *v3.TierSpec) {
	fixed, ok := builtInTiers(o.Release)[o.Name]
	if !ok {
		return
	}
	order := v3.DefaultTierOrder
	if spec.Order != nil {
		order = *spec.Order
	}
	if order != fixed.order {
		problems.Wrong(problem.Root("spec").Field("order"), "the order of tier %s is always %v", o.Name, fixed.order)
	}
}

func tierAction(problems *problem.List, spec *v3.TierSpec) {
	if spec.DefaultAction != nil && *spec.DefaultAction != v3.Deny && *spec.DefaultAction != v3.Pass {
		problems.Wrong(problem.Root("spec").Field("defaultAction"), "%q is neither Deny nor Pass", *spec.DefaultAction)
	}
}

func tierFixedAction(problems *problem.List, o Object, spec *v3.TierSpec) {
	fixed, ok := builtInTiers(o.Release)[o.Name]
	if !ok {
		return
	}
	action := v3.Deny
	if spec.DefaultAction != nil {
		action = *spec.DefaultAction
	}
	if action != fixed.action {
		problems.Wrong(problem.Root("spec").Field("defaultAction"), "the default action of tier %s is always %s", o.Name, fixed.action)
	}
}
