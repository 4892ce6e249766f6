package lint

import "github.com/policyferry/policyferry/translate/diag"

// fixKindName corrects a kind that is nearly one of policy.
var fixKindName = fixer{diag.UnknownKind, func(_ *linter, f Finding, at field) *Fix {
	m := meantName.FindStringSubmatch(f.Hint)
	if m == nil {
		return nil
	}
	return replace(at, `"`+m[1]+`"`).unsafe(notEnforced)
}}
