package lint

import (
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/lint/edit"
)

// fixEmptySection writes the default deny that an empty list of Cilium looks like, where there is no other rule and the
// agent therefore rejects the object.
var fixEmptySection = fixer{diag.NotEnforced, func(_ *linter, f Finding, at field) *Fix {
	if at.node == nil || formOf(at.doc.Object) != ciliumForm || !strings.Contains(f.Message, noRules) {
		return nil
	}
	fix := &Fix{Unsafe: notEnforced}
	for _, name := range []string{"ingress", "egress"} {
		if list := at.get(name); list.emptyList() {
			fix.Changes = append(fix.Changes, edit.Change{Kind: edit.Replace, Path: list.path, Value: `[{}]`})
			fix.Title = strings.TrimPrefix(fix.Title+" and "+name+": [{}]", " and ")
		}
	}
	fix.Title = "write " + fix.Title + ", which denies everything"
	return fix
}}
