// Package cilium says what Cilium's agent makes of an object that the API server has taken.
//
// The agent reads every rule with policy/api.Rule.Sanitize and passes over a policy in which one rule fails: a new
// policy is then not enforced at all (pkg/policy/k8s/cilium_network_policy.go). Sanitize is the judge here too. It
// says what is wrong and not where, so the place is found by asking it again about ever smaller parts.
package cilium

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"

	"github.com/cilium/cilium/pkg/policy/api"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/validate/schema/problem"
)

// Policy judges a CiliumNetworkPolicy, or a CiliumClusterwideNetworkPolicy if clusterwide is set. The text is the spec
// of the object as JSON and may be nil.
func Policy(object map[string]any, text []byte, clusterwide bool, settings cluster.CiliumSettings) problem.List {
	var problems problem.List
	judge := func(rule any, text []byte, at *problem.Path) {
		fields, ok := rule.(map[string]any)
		if !ok {
			return
		}
		withFlags(settings, func() { problems = append(problems, judgeRule(fields, text, at)...) })
		if _, ok := fields["nodeSelector"]; ok && !clusterwide {
			problems.Unenforced(at.Field("nodeSelector"), "only a CiliumClusterwideNetworkPolicy may select nodes")
		}
	}
	if spec, ok := object["spec"]; ok {
		judge(spec, text, problem.Root("spec"))
	}
	specs, _ := object["specs"].([]any)
	for i, spec := range specs {
		judge(spec, nil, problem.Root("specs").Item(i))
	}
	return problems
}

// CIDRGroup judges a CiliumCIDRGroup. The agent logs an entry that it cannot read and goes on without it
// (pkg/policy/k8s/cilium_cidr_group.go), which opens what a deny rule meant to close. The release is given by its
// minor number.
func CIDRGroup(object map[string]any, minor int) problem.List {
	var problems problem.List
	if object["apiVersion"] == "cilium.io/v2" && minor < 18 {
		problems.Wrong(problem.Root("apiVersion"), "Cilium has CiliumCIDRGroup as cilium.io/v2 since 1.18; write cilium.io/v2alpha1")
	}
	spec, _ := object["spec"].(map[string]any)
	entries, _ := spec["externalCIDRs"].([]any)
	for i, entry := range entries {
		text, ok := entry.(string)
		if !ok {
			continue
		}
		if _, err := netip.ParsePrefix(text); err != nil {
			problems.Ignored(problem.Root("spec").Field("externalCIDRs").Item(i), "%q is not a prefix, so the agent leaves it out", text)
		}
	}
	return problems
}

// ruleLists are the fields of a rule that hold its rules.
var ruleLists = []string{"ingress", "ingressDeny", "egress", "egressDeny"}

func judgeRule(rule map[string]any, text []byte, at *problem.Path) problem.List {
	if text != nil && sanitizeText(text) == "" {
		return nil
	}
	message := sanitize(rule)
	if message == "" {
		return nil
	}
	var problems problem.List
	if !slices.ContainsFunc(ruleLists, func(list string) bool { return notEmpty(rule[list]) }) {
		problems.Unenforced(at, "%s", message)
		return problems
	}
	subject, rest := part(rule)
	report := func(at *problem.Path, message string) { problems.Unenforced(at, "%s", message) }
	ofSubject := func(v any) string { return sanitize(with(v, anyRule)) }
	problem.Pinpoint(subject, at, ofSubject, severalLabels, report)
	ofRest := func(v any) string { return sanitize(with(v, anySubject(subject), anyRule)) }
	problem.Pinpoint(rest, at, ofRest, severalLabels, report)
	if len(problems) == 0 {
		problems.Unenforced(at, "%s", message)
	}
	return problems
}

// anyRule makes a rule of a part that has none.
var anyRule = map[string]any{"ingress": []any{map[string]any{}}}

// anySubject selects all of what the subject of a rule selects some of: the rules for nodes are not those for pods.
func anySubject(subject map[string]any) map[string]any {
	if _, nodes := subject["nodeSelector"]; nodes {
		return map[string]any{"nodeSelector": map[string]any{}}
	}
	return map[string]any{"endpointSelector": map[string]any{}}
}

// part separates whom a rule selects from the rest.
func part(rule map[string]any) (subject, rest map[string]any) {
	subject, rest = map[string]any{}, map[string]any{}
	for key, v := range rule {
		if key == "endpointSelector" || key == "nodeSelector" {
			subject[key] = v
		} else {
			rest[key] = v
		}
	}
	return subject, rest
}

// with adds fields to a part of a rule. The rules of the part itself stay.
func with(v any, additions ...map[string]any) map[string]any {
	out := map[string]any{}
	fields, _ := v.(map[string]any)
	for _, add := range append(additions, fields) {
		for key, v := range add {
			out[key] = v
		}
	}
	return out
}

func notEmpty(v any) bool {
	list, ok := v.([]any)
	return ok && len(list) > 0
}

// sanitize asks Cilium about a rule and returns what it says against it.
func sanitize(fields map[string]any) string {
	text, err := json.Marshal(fields)
	if err != nil {
		return err.Error()
	}
	return sanitizeText(text)
}

// sanitizeText is sanitize for a rule as JSON. Cilium may panic at what the API server would have refused, such as an
// ICMP field without a type (pkg/policy/api/icmp.go, UnmarshalJSON).
func sanitizeText(text []byte) (message string) {
	defer func() {
		if fault := recover(); fault != nil {
			message = fmt.Sprintf("json: the agent cannot decode it: %v", fault)
		}
	}()
	var rule api.Rule
	if err := json.Unmarshal(text, &rule); err != nil {
		return canonical(err)
	}
	if err := rule.Sanitize(); err != nil {
		return canonical(err)
	}
	return ""
}
