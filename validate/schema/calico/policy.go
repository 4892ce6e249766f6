package calico

import (
	"reflect"
	"slices"
	"strings"

	v3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"

	"github.com/policyferry/policyferry/validate/schema/problem"
)

// policy is a policy of any of the four kinds, read as the one of them that has every field.
type policy struct {
	*problem.List
	Object
	spec *v3.StagedGlobalNetworkPolicySpec
	at   *problem.Path
}

func (p *policy) global() bool {
	return p.Kind == v3.KindGlobalNetworkPolicy || p.Kind == v3.KindStagedGlobalNetworkPolicy
}

func (p *policy) staged() bool {
	return p.Kind == v3.KindStagedNetworkPolicy || p.Kind == v3.KindStagedGlobalNetworkPolicy
}

// policyRules are the rules of a policy as a whole, and since when the definition of the kind has them.
var policyRules = []struct {
	check    func(*policy)
	inSchema Release
}{
	{tierIsKnown, always},
	{hintsAreKnown, always},
	{policyName, never},
	{stagedName, never},
	{tierPrefix, never},
	{tierName, never},
	{policySelectors, never},
	{noGlobalSelector, 33},
	{typeNames, 32},
	{typesDiffer, 32},
	{performanceHints, 32},
	{stagedAction, 32},
	{stagedDelete, never},
	{notBothHostFlags, 32},
	{preDNATWithoutEgress, 32},
	{hostFlagsNeedForward, 32},
	{selectorLength, 33},
	{ruleCount, 33},
}

func judgePolicy(problems *problem.List, o Object) {
	var spec v3.StagedGlobalNetworkPolicySpec
	fresh := func() any { return new(v3.StagedGlobalNetworkPolicySpec) }
	if !read(problems, o, &spec, fresh) {
		return
	}
	p := &policy{List: problems, Object: o, spec: &spec, at: problem.Root("spec")}
	for _, r := range policyRules {
		if !p.Raw || p.Release >= r.inSchema {
			r.check(p)
		}
	}
	for i := range spec.Ingress {
		p.judgeRule(&spec.Ingress[i], p.at.Field("ingress").Item(i), false)
	}
	for i := range spec.Egress {
		p.judgeRule(&spec.Egress[i], p.at.Field("egress").Item(i), true)
	}
	if p.Raw {
		felixPolicy(p)
	}
}

// selectors are the selectors of the policy itself by the names of their fields.
func (p *policy) selectors() []named {
	return []named{
		{"selector", p.spec.Selector},
		{"serviceAccountSelector", p.spec.ServiceAccountSelector},
		{"namespaceSelector", p.spec.NamespaceSelector},
	}
}

func policySelectors(p *policy) {
	for _, s := range p.selectors() {
		parses(p.List, s.text, p.at.Field(s.field))
	}
}

func noGlobalSelector(p *policy) {
	for _, s := range p.selectors() {
		if strings.Contains(s.text, globalSelector) || p.Release >= 33 && strings.Contains(s.text, globalOpening) {
			p.Wrong(p.at.Field(s.field), "global() can stand only in the namespaceSelector of a rule")
		}
	}
}

func typeNames(p *policy) {
	for i, t := range p.spec.Types {
		if t != v3.PolicyTypeIngress && t != v3.PolicyTypeEgress {
			p.Wrong(p.at.Field("types").Item(i), "%q is neither Ingress nor Egress", t)
		}
	}
}

func typesDiffer(p *policy) {
	for i, t := range p.spec.Types {
		if slices.Contains(p.spec.Types[:i], t) {
			p.Wrong(p.at.Field("types").Item(i), "%q stands twice", t)
		}
	}
}

func performanceHints(p *policy) {
	at := p.at.Field("performanceHints")
	for i, hint := range p.spec.PerformanceHints {
		if hint != v3.PerfHintAssumeNeededOnEveryNode {
			p.Wrong(at.Item(i), "%q is not %s", hint, v3.PerfHintAssumeNeededOnEveryNode)
		}
		if slices.Contains(p.spec.PerformanceHints[:i], hint) {
			p.Wrong(at.Item(i), "%q stands twice", hint)
		}
	}
}

func stagedAction(p *policy) {
	if p.staged() {
		stagedActionName(p.List, p.spec.StagedAction, p.at)
	}
}

func stagedActionName(problems *problem.List, action v3.StagedAction, at *problem.Path) {
	switch action {
	case "", v3.StagedActionSet, v3.StagedActionDelete, v3.StagedActionLearn, v3.StagedActionIgnore:
	default:
		problems.Wrong(at.Field("stagedAction"), "%q is none of Set, Delete, Learn and Ignore", action)
	}
}

// stagedDelete: a staged deletion says what is to be deleted by its name. Even an empty list is too much. The types
// are emptied before the object is judged (libcalico-go/lib/clientv3/stagednetworkpolicy.go).
func stagedDelete(p *policy) {
	if !p.staged() || p.spec.StagedAction != v3.StagedActionDelete {
		return
	}
	rest := *p.spec
	rest.StagedAction, rest.Tier, rest.Types = "", "", nil
	if !reflect.DeepEqual(rest, v3.StagedGlobalNetworkPolicySpec{}) {
		p.Wrong(p.at, "with stagedAction Delete nothing but the tier can be given")
	}
}
