package lint

import "github.com/policyferry/policyferry/translate/diag"

// fixMootRules deletes the rule that has no say. That the other one was not meant to allow everything is for the author
// to see.
var fixMootRules = fixer{diag.MootRules, func(_ *linter, _ Finding, at field) *Fix {
	return remove(at, "delete the rule that has no say")
}}
