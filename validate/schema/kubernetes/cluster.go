package kubernetes

import (
	_ "embed"
	"encoding/json"
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/policyferry/policyferry/validate/schema/problem"
)

// ClusterNetworkPolicyDefinition is what an API server asks of a ClusterNetworkPolicy, as a definition of the kind.
//
//go:embed clusternetworkpolicy.yaml
var ClusterNetworkPolicyDefinition []byte

// selectorFields are the fields of cluster-wide policies that hold a label selector.
var selectorFields = []string{"namespaces", "namespaceSelector", "podSelector", "nodes"}

// ClusterPolicy judges the label selectors of a ClusterNetworkPolicy, AdminNetworkPolicy or
// BaselineAdminNetworkPolicy. Their schemas take any text for a label; no CNI can work with one that is none.
func ClusterPolicy(object map[string]any) problem.List {
	var problems problem.List
	selectorsWithin(&problems, object["spec"], problem.Root("spec"))
	for i := range problems {
		problems[i].Cause = problem.NotEnforced
	}
	return problems
}

func selectorsWithin(problems *problem.List, v any, at *problem.Path) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if slices.Contains(selectorFields, key) {
				rawSelector(problems, v[key], at.Field(key))
			} else {
				selectorsWithin(problems, v[key], at.Field(key))
			}
		}
	case []any:
		for i := range v {
			selectorsWithin(problems, v[i], at.Item(i))
		}
	}
}

func rawSelector(problems *problem.List, v any, at *problem.Path) {
	raw, err := json.Marshal(v)
	if err != nil {
		return
	}
	var selector metav1.LabelSelector
	if json.Unmarshal(raw, &selector) == nil {
		Selector(problems, selector, at)
	}
}
