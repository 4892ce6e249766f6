package cilium

import (
	"maps"
	"slices"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/selector"
)

// fitNamespace replaces a condition on the labels of namespaces by their names.
func (d *dialect) fitNamespace(what string, match func(*cluster.Namespace) bool) fittedSelector {
	if !d.facts.KnowsNamespaces() {
		return unsaid(diag.FilteredLabel, cluster.FactComplete.Hint()+", with the namespaces, to have them listed by name", "%s", what)
	}
	d.env.Relied.On(cluster.FactComplete, cluster.FactNamespaces)
	var hits, misses []string
	for _, ns := range d.facts.NamespacesWith(func(map[string]string) bool { return true }) {
		if match(ns) {
			hits = append(hits, ns.Name)
		} else {
			misses = append(misses, ns.Name)
		}
	}
	return fittedSelector{
		lower: where(namespaceName, selector.In(hits...)),
		upper: selector.Where(namespaceName, selector.NotIn(misses...)),
		why: []reason{{code: diag.Frozen, what: what + ", and is given the names of today's namespaces",
			hint: "translate again when namespaces are added or relabelled"}},
	}
}

// fitServiceAccount replaces what a clause asks of the labels of service accounts by their names.
func (d *dialect) fitServiceAccount(c selector.Clause) fittedSelector {
	var asked selector.Selector
	for _, r := range c.Requirements() {
		if r.Key.Kind == selector.ServiceAccountLabel {
			asked = andSome(asked, selector.Where(r.Key, r.Values))
		}
	}
	for _, t := range c.Texts() {
		if t.Key.Kind == selector.ServiceAccountLabel {
			asked = andSome(asked, selector.WhereText(t))
		}
	}
	if asked.IsNone() {
		return exactly(all)
	}
	what := "Cilium does not know the labels of service accounts"
	if d.facts.ServiceAccounts == nil || !d.facts.Complete || !d.filter.sees(serviceAccountName) {
		return unsaid(diag.ServiceAccountLabels, cluster.FactComplete.Hint()+", with the service accounts, to have them listed by name", "%s", what)
	}
	d.env.Relied.On(cluster.FactComplete, cluster.FactServiceAccounts)
	hits, misses := map[string][]string{}, map[string][]string{}
	for _, sa := range d.facts.ServiceAccountsWith(func(*cluster.ServiceAccount) bool { return true }) {
		in := misses
		if asked.Match(func(k selector.Key) (string, bool) { value, ok := sa.Labels[k.Name]; return value, ok }) {
			in = hits
		}
		in[sa.Namespace] = append(in[sa.Namespace], sa.Name)
	}
	return fittedSelector{lower: accounts(hits), upper: allAccountsBut(misses), why: []reason{{code: diag.Frozen,
		what: what + ", and is given the names of today's service accounts",
		hint: "translate again when service accounts are added or relabelled"}}}
}

func andSome(s, t selector.Selector) selector.Selector {
	if s.IsNone() {
		return t
	}
	return s.And(t)
}

// accounts selects service accounts by namespace and name.
func accounts(byNamespace map[string][]string) selector.Selector {
	out := none
	for _, ns := range slices.Sorted(maps.Keys(byNamespace)) {
		out = out.Or(selector.Where(namespaceName, selector.In(ns)).And(
			selector.Where(serviceAccountName, selector.In(byNamespace[ns]...))))
	}
	return out
}

// allAccountsBut selects every service account but these, one clause a namespace.
func allAccountsBut(byNamespace map[string][]string) selector.Selector {
	names := slices.Sorted(maps.Keys(byNamespace))
	out := selector.Where(namespaceName, selector.NotIn(names...))
	for _, ns := range names {
		out = out.Or(selector.Where(namespaceName, selector.In(ns)).And(
			selector.Where(serviceAccountName, selector.NotIn(byNamespace[ns]...))))
	}
	return out
}
