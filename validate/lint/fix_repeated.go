package lint

import "github.com/policyferry/policyferry/translate/diag"

// fixRepeated deletes the rule that another one includes.
var fixRepeated = fixer{diag.RepeatedRule, func(_ *linter, _ Finding, at field) *Fix {
	return remove(at, "delete the rule that another one includes")
}}
