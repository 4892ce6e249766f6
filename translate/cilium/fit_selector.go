package cilium

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

var (
	all  = selector.All()
	none = selector.None()

	namespaceName      = selector.Key{Kind: selector.NamespaceName}
	serviceAccountName = selector.Key{Kind: selector.ServiceAccountName}
	clusterName        = selector.Key{Kind: selector.Cluster}
)

// fittedSelector is a selector between two bounds that Cilium can write.
type fittedSelector struct {
	lower, upper selector.Selector
	why          []reason
}

func exactly(s selector.Selector) fittedSelector { return fittedSelector{lower: s, upper: s} }

func unsaid(code *diag.Code, hint, format string, args ...any) fittedSelector {
	return fittedSelector{lower: none, upper: all, why: []reason{{code: code, what: fmt.Sprintf(format, args...), hint: hint}}}
}

// and combines two requirements of one clause.
func (f fittedSelector) and(g fittedSelector) fittedSelector {
	return fittedSelector{f.lower.And(g.lower), f.upper.And(g.upper), append(slices.Clone(f.why), g.why...)}
}

func (d *dialect) fitSelector(s selector.Selector, class model.Class) fittedSelector {
	if s.TooComplex() {
		return unsaid(diag.SelectorForm, "split the selector", "the selector is too complex to be written out")
	}
	out := exactly(none)
	for _, c := range s.Clauses() {
		f := d.fitClause(c, class)
		if f.upper.IsNone() {
			continue // nothing can match the clause in a real cluster
		}
		out.lower, out.upper, out.why = out.lower.Or(f.lower), out.upper.Or(f.upper), append(out.why, f.why...)
	}
	if out.lower.TooComplex() {
		out.lower = none
	}
	if out.upper.TooComplex() {
		out.upper = all
	}
	return out
}

func (d *dialect) fitClause(c selector.Clause, class model.Class) fittedSelector {
	out := exactly(all)
	for _, r := range c.Requirements() {
		if r.Key.Kind != selector.ServiceAccountLabel {
			out = out.and(d.fitRequirement(r, class))
		}
	}
	for _, t := range c.Texts() {
		if t.Key.Kind != selector.ServiceAccountLabel {
			out = out.and(d.fitText(t))
		}
	}
	return out.and(d.fitServiceAccount(c))
}

// fitRequirement fits what a clause asks of one label.
func (d *dialect) fitRequirement(r selector.Requirement, class model.Class) fittedSelector {
	k, v := r.Key, r.Values
	switch k.Kind {
	case selector.NamespaceName:
		if v = onlyValid(v); v.IsEmpty() {
			return exactly(none) // no namespace can be called that
		}
	case selector.ServiceAccountName:
		if !onlyValid(v).Equal(v) {
			return unsaid(diag.SelectorForm, "give the service account a name of at most 63 characters",
				"the name of a service account is longer than a label can be")
		}
	case selector.NodeName:
		return unsaid(diag.NodeLabels, "label the nodes and select them by that label", "Cilium does not select nodes by name")
	case selector.PodLabel, selector.NamespaceLabel, selector.NodeLabel:
		if !plainLabel(k.Name) && len(validation.IsQualifiedName(k.Name)) > 0 {
			return impossible(v) // no object can bear such a label
		}
		if v = onlyValid(v); v.IsEmpty() {
			return exactly(none)
		}
	}
	if v.IsAny() {
		return exactly(all)
	}
	switch {
	case k.Kind == selector.NamespaceLabel && (!keyIsValid(k) || !d.filter.sees(k)):
		return d.fitNamespace(fmt.Sprintf("Cilium cannot select by %s", k),
			func(ns *cluster.Namespace) bool { value, present := ns.Labels[k.Name]; return has(v, value, present) })
	case !d.filter.sees(k):
		return unsaid(diag.FilteredLabel,
			fmt.Sprintf("select by another label, or add %q to the setting \"labels\" of the target", k.Name),
			"Cilium leaves %s out of identities", k)
	}
	return exactly(selector.Where(k, v))
}

// impossible fits a requirement on a label that nothing can have.
func impossible(v selector.Values) fittedSelector {
	if v.MayBeAbsent() {
		return exactly(all)
	}
	return exactly(none)
}

// onlyValid drops values that no label can have; Cilium rejects a selector that names one.
func onlyValid(v selector.Values) selector.Values {
	list, finite := v.Finite()
	invalid := func(s string) bool { return !plainLabel(s) && len(validation.IsValidLabelValue(s)) > 0 }
	if !slices.ContainsFunc(list, invalid) {
		return v
	}
	valid := slices.DeleteFunc(slices.Clone(list), invalid)
	out := selector.In(valid...)
	if !finite {
		out = selector.NotIn(valid...).Intersect(selector.Exists())
	}
	if v.MayBeAbsent() {
		out = out.Union(selector.Absent())
	}
	return out
}

// plainLabel reports whether a text is surely fit for the key and for the value of a label: at most 63 letters and
// digits, with dashes between them. Most are, and the regular expressions of Kubernetes take their time.
func plainLabel(s string) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '-' && i > 0 && i+1 < len(s):
		default:
			return false
		}
	}
	return s != "" && len(s) <= validation.LabelValueMaxLength
}

// has reports whether a label is in one of the states.
func has(v selector.Values, value string, present bool) bool {
	if present {
		return v.Has(value)
	}
	return v.MayBeAbsent()
}

// fitText fits a string operator. A complete inventory says which values there are; a value that comes up later is
// on the safe side of both bounds.
func (d *dialect) fitText(t selector.Text) fittedSelector {
	if t.Key.Kind == selector.PodLabel && !d.filter.sees(t.Key) {
		return unsaid(diag.FilteredLabel, "select by another label", "Cilium leaves %s out of identities", t.Key)
	}
	what := fmt.Sprintf("Cilium has no operator for %s", t)
	values, known := d.labelValues(t.Key)
	if !known {
		return unsaid(diag.StringOperator, cluster.FactComplete.Hint()+", with pods and namespaces, to have the values listed", "%s", what)
	}
	d.env.Relied.On(cluster.FactComplete, cluster.FactPods, cluster.FactNamespaces)
	var hits, misses []string
	for _, value := range values {
		if selector.WhereText(t).Match(func(selector.Key) (string, bool) { return value, true }) {
			hits = append(hits, value)
		} else {
			misses = append(misses, value)
		}
	}
	f := fittedSelector{why: []reason{{code: diag.Frozen, what: what + ", and is given the values of today's inventory",
		hint: "translate again when new values come up, or label the pods with a value that can be compared"}}}
	lower, upper := selector.In(hits...), selector.NotIn(misses...)
	if t.Negated {
		lower = lower.Union(selector.Absent())
	} else {
		upper = upper.Intersect(selector.Exists())
	}
	f.lower, f.upper = where(t.Key, lower), where(t.Key, upper)
	return f
}

// where is selector.Where for values that may be empty.
func where(k selector.Key, v selector.Values) selector.Selector {
	if v.IsEmpty() {
		return none
	}
	return selector.Where(k, v)
}

// labelValues lists the values of a label in a complete inventory.
func (d *dialect) labelValues(k selector.Key) ([]string, bool) {
	var out []string
	switch k.Kind {
	case selector.PodLabel:
		for _, p := range d.facts.PodsWith(func(p *cluster.Pod) bool { return !p.HostNetwork }) {
			if value, ok := p.Labels[k.Name]; ok {
				out = append(out, value)
			}
		}
		slices.Sort(out)
		return slices.Compact(out), d.facts.KnowsPods()
	case selector.NamespaceName, selector.NamespaceLabel:
		for _, ns := range d.facts.NamespacesWith(func(map[string]string) bool { return true }) {
			if k.Kind == selector.NamespaceName {
				out = append(out, ns.Name)
			} else if value, ok := ns.Labels[k.Name]; ok {
				out = append(out, value)
			}
		}
		slices.Sort(out)
		return slices.Compact(out), d.facts.KnowsNamespaces()
	}
	return nil, false
}
