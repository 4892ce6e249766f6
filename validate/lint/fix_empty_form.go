package lint

import (
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
)

// fixEmptyForm deletes what has no effect, and writes the default deny that an empty list beside other rules looks
// like.
var fixEmptyForm = fixer{diag.EmptyForm, func(_ *linter, f Finding, at field) *Fix {
	_, key := splitPath(at.path)
	switch {
	case at.node == nil || formOf(at.doc.Object) != ciliumForm:
		return nil
	case strings.Contains(f.Message, "does not isolate") && (key == "ingress" || key == "egress") && at.emptyList():
		return replace(at, `[{}]`).unsafe("the direction stays as it is without a rule")
	case strings.Contains(f.Message, "counts as absent"):
		return remove(at, "delete the empty list")
	case strings.Contains(f.Message, "endPort has no effect"):
		if key != "endPort" {
			at = at.get("endPort")
		}
		return remove(at, "delete endPort, which has no effect")
	case strings.Contains(f.Message, "enableDefaultDeny has no effect"):
		if around := at.parent(); len(around.keys()) == 1 {
			at = around
		}
		return remove(at, "delete the setting, which has no effect")
	}
	return nil
}}
