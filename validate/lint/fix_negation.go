package lint

import (
	"strings"

	"github.com/projectcalico/calico/libcalico-go/lib/selector/parser"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/lint/edit"
)

// fixNegation writes the negation of an expression of Calico without parentheses: !(a == 'b' || has(c)) is
// a != 'b' && !has(c). The standard APIs have a word for each comparison and none for the negation of several.
var fixNegation = fixer{diag.NotStandard, func(_ *linter, f Finding, at field) *Fix {
	if at.node == nil || !strings.Contains(f.Message, negatedExpression) || strings.ContainsAny(at.text(), `"`) && strings.Contains(at.text(), "'") {
		return nil
	}
	parsed, err := parser.Parse(at.text())
	if err != nil {
		return nil
	}
	text, ok := expression(parsed.Root(), false, 0)
	if !ok || text == at.text() {
		return nil
	}
	value := edit.JSON(text)
	return replace(at, value)
}}

// The ranks of operators: what binds weaker needs parentheses inside of what binds stronger.
const (
	rankOr = iota
	rankAnd
)

// expression writes an expression, or its negation, without the negation of anything but has().
func expression(n any, negated bool, inside int) (string, bool) {
	quoted := func(s string) string { return "'" + s + "'" }
	switch n := n.(type) {
	case *parser.NotNode:
		return expression(n.Operand, !negated, inside)
	case *parser.AndNode:
		return joined(n.Operands, negated, negated, inside)
	case *parser.OrNode:
		return joined(n.Operands, !negated, negated, inside)
	case *parser.LabelEqValueNode:
		return n.LabelName.Value() + comparison(negated, " != ", " == ") + quoted(n.Value.Value()), true
	case *parser.LabelNeValueNode:
		return n.LabelName.Value() + comparison(negated, " == ", " != ") + quoted(n.Value.Value()), true
	case *parser.LabelInSetNode:
		return n.LabelName.Value() + comparison(negated, " not in ", " in ") + setOf(n.Value.StringSlice()), true
	case *parser.LabelNotInSetNode:
		return n.LabelName.Value() + comparison(negated, " in ", " not in ") + setOf(n.Value.StringSlice()), true
	case *parser.HasNode:
		return comparison(negated, "!", "") + "has(" + n.LabelName.Value() + ")", true
	case *parser.AllNode:
		return "all()", !negated
	}
	return "", false // contains and the like, which stay as they are
}

func comparison(negated bool, no, yes string) string {
	if negated {
		return no
	}
	return yes
}

func setOf(values []string) string {
	text := ""
	for _, v := range values {
		text += ", '" + v + "'"
	}
	return "{" + text[min(2, len(text)):] + "}"
}

// joined writes operands with || or &&.
func joined(operands []parser.Node, or, negated bool, inside int) (string, bool) {
	rank, sign := rankAnd, " && "
	if or {
		rank, sign = rankOr, " || "
	}
	text := ""
	for _, operand := range operands {
		part, ok := expression(operand, negated, rank)
		if !ok {
			return "", false
		}
		if text != "" {
			text += sign
		}
		text += part
	}
	if rank < inside && len(operands) > 1 {
		text = "(" + text + ")"
	}
	return text, true
}
