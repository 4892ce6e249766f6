package lint

import "github.com/policyferry/policyferry/translate/diag"

// fixEmptyRule deletes {} from among other rules, which isolate as well.
var fixEmptyRule = fixer{diag.EmptyRuleDenies, func(_ *linter, _ Finding, at field) *Fix {
	if at.node == nil || len(at.parent().items()) < 2 {
		return nil
	}
	return remove(at, "delete the empty rule")
}}
