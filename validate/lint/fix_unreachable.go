package lint

import "github.com/policyferry/policyferry/translate/diag"

// fixUnreachable deletes a rule that is never reached. Where another policy stands before it, that one may go away and
// the rule come into force, so such a rule is not deleted without being asked for.
var fixUnreachable = fixer{diag.Unreachable, func(l *linter, f Finding, at field) *Fix {
	fix := remove(at, "delete the rule that is never reached")
	if len(f.Related) == 0 || at.doc == nil || l.docAt(f.Related[0].Pos) != at.doc {
		return fix.unsafe("the rule that decides before it is another policy's")
	}
	return fix
}}
