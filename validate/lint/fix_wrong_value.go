package lint

import (
	"regexp"
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/lint/edit"
)

// number matches a port that is a number; in quotes it is the name of one.
var number = regexp.MustCompile(`^[1-9][0-9]{0,4}$`)

// portName is how the API server refuses a number that is written as a name.
const portName = "must contain at least one letter"

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
	case (key == "port" || key == "endPort") && number.MatchString(at.text()) && strings.Contains(f.Message, portName):
		fix := replace(at, at.text()).unsafe(notEnforced)
		fix.Title = "write " + at.text() + " without quotes"
		return fix
	case key == "protocol" && at.text() != upper && (upper == "TCP" || upper == "UDP" || upper == "SCTP" || upper == "ANY" && formOf(at.doc.Object) == ciliumForm):
		return replace(at, `"`+upper+`"`).unsafe(notEnforced)
	}
	return nil
}}
