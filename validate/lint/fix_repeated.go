package lint

import (
	"slices"

	"github.com/policyferry/policyferry/translate/diag"
)

// fixRepeated deletes the rule that another one includes.
var fixRepeated = fixer{diag.RepeatedRule, func(l *linter, _ Finding, at field) *Fix {
	return l.unlessCIDRs(at, remove(at, "delete the rule that another one includes"))
}}

// unlessCIDRs makes a fix unsafe that deletes a rule of Cilium with CIDRs: whether they match nodes and pods is a
// setting, and as long as no fact tells, the rule may match more than the one that takes it in.
func (l *linter) unlessCIDRs(at field, fix *Fix) *Fix {
	named := func(key string) bool { return !at.get(key).empty() }
	if at.node != nil && formOf(at.doc.Object) == ciliumForm && !l.facts.Cilium.CIDRMatchModeKnown &&
		slices.ContainsFunc([]string{"fromCIDR", "fromCIDRSet", "toCIDR", "toCIDRSet"}, named) {
		return fix.unsafe("whether CIDRs match nodes is a setting, and spec.cilium.policyCIDRMatchMode of the cluster facts does not tell")
	}
	return fix
}
