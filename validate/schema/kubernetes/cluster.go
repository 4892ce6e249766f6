package kubernetes

import (
	_ "embed"
	"encoding/json"
	"maps"
	"slices"
	"strings"

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
// BaselineAdminNetworkPolicy. Their schemas take any text for a label. Cilium does not enforce a policy with one that
// is none; it takes keys that are led by where a label comes from, as in reserved:host, and sources says that it is
// Cilium who reads. Calico makes some selector of its own of any text, and enforces that.
func ClusterPolicy(object map[string]any, sources bool) problem.List {
	var problems problem.List
	spec := object["spec"]
	if sources {
		spec = withoutSources(spec)
	}
	selectorsWithin(&problems, spec, problem.Root("spec"))
	for i := range problems {
		if sources {
			problems[i].Cause = problem.NotEnforced
		}
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

// withoutSources copies a value without the sources before the keys of labels.
func withoutSources(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, v := range v {
			if text, ok := v.(string); ok && key == "key" {
				out[key] = withoutSource(text)
				continue
			}
			out[withoutSource(key)] = withoutSources(v)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = withoutSources(v[i])
		}
		return out
	}
	return v
}

func withoutSource(key string) string {
	if _, rest, found := strings.Cut(key, ":"); found {
		return rest
	}
	return key
}
