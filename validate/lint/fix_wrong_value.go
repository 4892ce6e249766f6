package lint

import (
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/lint/edit"
)

// fixWrongValue quotes a number or boolean that has to be text, and writes protocols as they are written.
var fixWrongValue = fixer{diag.WrongValue, func(_ *linter, f Finding, at field) *Fix {
	if at.node == nil || at.node.Kind != source.Scalar {
		return nil
	}
	_, key := splitPath(at.path)
	upper := strings.ToUpper(at.text())
	switch {
	case at.node.Type != source.String && strings.Contains(f.Message, "of type string"):
		value := edit.JSON(at.node.Value)
		fix := replace(at, value).unsafe(notEnforced)
		fix.Title = "quote " + at.node.Value
		return fix
	case key == "protocol" && at.text() != upper && (upper == "TCP" || upper == "UDP" || upper == "SCTP"):
		return replace(at, `"`+upper+`"`).unsafe(notEnforced)
	}
	return nil
}}
