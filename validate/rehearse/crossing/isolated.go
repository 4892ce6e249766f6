package crossing

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
)

// isolation are the selectors of standard policies that isolate pods in one direction, by namespace.
type isolation map[string]selectors

// selectors each select pods, by all of their requirements.
type selectors [][]requirement

// requirement is one of a label selector.
type requirement struct {
	Key      string   `json:"key"`
	Operator string   `json:"operator"`
	Values   []string `json:"values"`
}

// isolatedBy finds whom the NetworkPolicies of a state isolate: where connections enter, and where they leave.
func isolatedBy(s *state) [2]isolation {
	out := [2]isolation{{}, {}}
	for _, d := range slices.SortedFunc(maps.Values(s.objects), byKey) {
		if d.Object.Kind != "NetworkPolicy" || owner(d) != "" {
			continue
		}
		var p struct {
			Spec struct {
				PodSelector struct {
					MatchLabels      map[string]string `json:"matchLabels"`
					MatchExpressions []requirement     `json:"matchExpressions"`
				} `json:"podSelector"`
				PolicyTypes []string          `json:"policyTypes"`
				Egress      []json.RawMessage `json:"egress"`
			} `json:"spec"`
		}
		text, err := d.JSON()
		if err != nil || json.Unmarshal(text, &p) != nil {
			continue // the judges refuse it as well, or the guard does not do
		}
		one := slices.Clone(p.Spec.PodSelector.MatchExpressions)
		for _, key := range slices.Sorted(maps.Keys(p.Spec.PodSelector.MatchLabels)) {
			one = append(one, requirement{key, "In", []string{p.Spec.PodSelector.MatchLabels[key]}})
		}
		// what the API server fills in
		types := p.Spec.PolicyTypes
		if len(types) == 0 {
			types = []string{"Ingress"}
			if len(p.Spec.Egress) > 0 {
				types = append(types, "Egress")
			}
		}
		for i, direction := range []string{"Ingress", "Egress"} {
			if slices.Contains(types, direction) {
				namespace := cmp.Or(d.Object.Namespace, "default")
				out[i][namespace] = append(out[i][namespace], one)
			}
		}
	}
	return out
}
