package cilium

import (
	"slices"

	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

// A selector without a positive requirement also selects identities that are no pods, because NotIn and DoesNotExist
// are true for them (pkg/policy/types/requirements.go). Each selector written here therefore asks for something.

var namespaceExists = expression{Key: podNamespaceKey, Operator: "Exists"}

// subjects writes whom a policy is about, one selector for each conjunction.
func (w *writer) subjects(s selector.Selector) []labelSelector {
	var out []labelSelector
	for _, c := range s.Clauses() {
		switch {
		case w.source.Class == model.HostSubjects:
			out = append(out, labelSelectors(c)...)
		case w.namespace != "":
			// Cilium adds the namespace of the policy itself.
			out = append(out, labelSelectors(c, namespaceName)...)
		default:
			for _, sel := range labelSelectors(c) {
				out = append(out, positive(sel))
			}
		}
	}
	return out
}

// peerSelectors writes pods as peers. In a namespaced policy Cilium adds the policy's namespace unless the selector
// speaks of namespaces.
func (w *writer) peerSelectors(c selector.Clause) []labelSelector {
	names, finite := c.Values(namespaceName).Finite()
	own := w.namespace != "" && finite && slices.Equal(names, []string{w.namespace})
	if own && !usesKind(c, selector.NamespaceLabel) {
		return labelSelectors(c, namespaceName)
	}
	var out []labelSelector
	for _, sel := range labelSelectors(c) {
		if w.namespace != "" && !mentions(sel, podNamespaceKey) {
			sel.MatchExpressions = append([]expression{namespaceExists}, sel.MatchExpressions...)
		}
		out = append(out, positive(sel))
	}
	return out
}

func usesKind(c selector.Clause, kind selector.Kind) bool {
	return slices.ContainsFunc(c.Requirements(), func(r selector.Requirement) bool { return r.Key.Kind == kind })
}

func mentions(s labelSelector, key string) bool {
	_, found := s.MatchLabels[key]
	return found || slices.ContainsFunc(s.MatchExpressions, func(e expression) bool { return e.Key == key })
}

// positive adds that there is a namespace to a selector that otherwise only excludes.
func positive(s labelSelector) labelSelector {
	if onlyExcludes(s) {
		s.MatchExpressions = append([]expression{namespaceExists}, s.MatchExpressions...)
	}
	return s
}

func onlyExcludes(s labelSelector) bool {
	asks := func(e expression) bool { return e.Operator == "In" || e.Operator == "Exists" }
	return len(s.MatchLabels) == 0 && !slices.ContainsFunc(s.MatchExpressions, asks)
}

// labelSelectors writes one clause, leaving out keys that go without saying. A label that may be absent or have one
// of some values takes two selectors.
func labelSelectors(c selector.Clause, implied ...selector.Key) []labelSelector {
	out := []labelSelector{{}}
	for _, r := range c.Requirements() {
		if slices.Contains(implied, r.Key) {
			continue
		}
		var next []labelSelector
		for _, alternative := range states(writtenKey(r.Key), r.Values) {
			for _, sel := range out {
				next = append(next, alternative.onto(sel))
			}
		}
		out = next
	}
	return out
}

// states lists the alternatives of a requirement, each a conjunction.
func states(key string, v selector.Values) []conjunction {
	list, finite := v.Finite()
	one := func(e ...expression) conjunction { return conjunction{expressions: e} }
	switch {
	case finite && !v.MayBeAbsent() && len(list) == 1:
		return []conjunction{{key: key, value: list[0], equal: true}}
	case finite && !v.MayBeAbsent():
		return []conjunction{one(expression{key, "In", list})}
	case finite && len(list) == 0:
		return []conjunction{one(expression{key, "DoesNotExist", nil})}
	case finite:
		return append(states(key, selector.In(list...)), one(expression{key, "DoesNotExist", nil}))
	case v.MayBeAbsent():
		return []conjunction{one(expression{key, "NotIn", list})}
	case len(list) == 0:
		return []conjunction{one(expression{key, "Exists", nil})}
	}
	return []conjunction{one(expression{key, "Exists", nil}, expression{key, "NotIn", list})}
}

// conjunction is what one requirement adds to a selector.
type conjunction struct {
	key, value  string
	equal       bool
	expressions []expression
}

func (a conjunction) onto(s labelSelector) labelSelector {
	out := labelSelector{MatchExpressions: append(slices.Clone(s.MatchExpressions), a.expressions...)}
	if len(s.MatchLabels) > 0 || a.equal {
		out.MatchLabels = map[string]string{}
		for k, v := range s.MatchLabels {
			out.MatchLabels[k] = v
		}
	}
	if a.equal {
		out.MatchLabels[a.key] = a.value
	}
	return out
}
