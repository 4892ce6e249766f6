package lint

import (
	"strings"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/lint/edit"
)

// fixInertRules deletes rules in a direction that the policy does not list. Cilium enforces those of a NetworkPolicy
// all the same, so there the direction is listed.
var fixInertRules = fixer{diag.InertRules, func(l *linter, f Finding, at field) *Fix {
	if at.node == nil {
		return nil
	}
	types := root(at.doc).at("spec", "policyTypes")
	if l.readsOnly(at, compat.Cilium) && len(types.items()) > 0 {
		var names []string
		for _, t := range types.items() {
			names = append(names, t.text())
		}
		_, direction := splitPath(at.path)
		names = append(names, strings.ToUpper(direction[:1])+direction[1:])
		value := edit.JSON(names)
		return replace(types, value)
	}
	if !l.readsOnly(at, compat.Calico) {
		return nil // what the one enforces and the other does not cannot be said so that both do
	}
	return remove(at, "delete the rules that are not enforced")
}}

// readsOnly reports whether a CNI is the only one that reads a policy.
func (l *linter) readsOnly(at field, cni compat.CNI) bool {
	if owner := ownerOf(at.doc.Object); owner != "" {
		return owner == cni
	}
	for _, s := range l.sets {
		if s.release.CNI != cni && s.hasDoc(at.doc) {
			return false
		}
	}
	return true
}
