package calico

import (
	"fmt"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/selector"
)

// fittedSelector is a selector between two bounds that Calico can write.
type fittedSelector struct {
	lower, upper selector.Selector
	why          []reason
	// foreign says that pods of other clusters are meant besides, which Calico knows as addresses only.
	foreign bool
}

// selector fits a choice of pods. Calico knows one cluster, and gives some labels a meaning of its own.
func (t *target) selector(s selector.Selector) fittedSelector {
	if s.TooComplex() {
		return fittedSelector{upper: selector.All(), why: []reason{{diag.SelectorForm, "the selector has too many alternatives to be followed",
			"split the rule into several with simpler selectors"}}}
	}
	var out fittedSelector
	for _, c := range s.Clauses() {
		if states := c.Values(selector.Key{Kind: selector.Cluster}); !states.Has(t.clusterName()) {
			out.foreign = true
			continue
		}
		local := without(c, func(k selector.Key) bool { return k.Kind == selector.Cluster })
		out.upper = out.upper.Or(without(local.Clauses()[0], reserved))
		if local.Uses(reserved) {
			out.why = append(out.why, reason{diag.SelectorForm, "the selector asks for a label to which Calico gives a meaning of its own",
				"give the pods another label"})
			continue
		}
		if long, ok := t.tooLong(local); ok {
			out.why = append(out.why, reason{diag.SelectorForm, fmt.Sprintf("Calico takes selectors of up to %d characters, and this one excludes more", maxSelector),
				"select the pods by what they have"})
			out.upper = out.upper.Or(without(local.Clauses()[0], func(k selector.Key) bool { return k == long }))
			continue
		}
		out.lower = out.lower.Or(local)
	}
	return out
}

// tooLong finds the label of which a clause excludes so many values that no selector of Calico can say it, which is
// limited since 3.33 (api/pkg/apis/projectcalico/v3/policy_common.go). Values that are meant can be cut in parts.
func (t *target) tooLong(s selector.Selector) (selector.Key, bool) {
	if !t.env.Target.Version.AtLeast(3, 33) {
		return selector.Key{}, false
	}
	for _, c := range shortClauses(s) {
		if clauseFits(c) {
			continue
		}
		var longest selector.Requirement
		most := -1
		for _, r := range c.Requirements() {
			if n := len(requirementText(plainLabel(r.Key), r.Values)); n > most {
				longest, most = r, n
			}
		}
		return longest.Key, true
	}
	return selector.Key{}, false
}

func (t *target) clusterName() string {
	t.env.Relied.On(cluster.FactClusterName)
	if name := t.space.facts.Cilium.ClusterName; name != "" {
		return name
	}
	return "default"
}

// reserved reports whether Calico does not see the pod's own label: it drops those with the prefixes of inherited
// labels and overwrites three others
// (libcalico-go/lib/backend/syncersv1/updateprocessors/workloadendpointprocessor.go).
func reserved(k selector.Key) bool {
	return k.Kind == selector.PodLabel && (ofPods(k.Name) || len(k.Name) > maxLabel)
}
