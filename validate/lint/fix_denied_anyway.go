package lint

import "github.com/policyferry/policyferry/translate/diag"

// fixDeniedAnyway deletes the rule. If it is the only one that allows in its direction, the text keeps less of what its
// author wanted than there is to gain.
var fixDeniedAnyway = fixer{diag.DeniedAnyway, func(l *linter, _ Finding, at field) *Fix {
	if at.node == nil || len(at.parent().items()) < 2 {
		return nil
	}
	return l.unlessCIDRs(at, remove(at, "delete the rule that allows nothing"))
}}
