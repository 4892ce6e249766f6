package calico

import (
	"slices"
	"strings"
)

// operator is what a node of a selector expression does.
type operator uint8

const (
	opAll operator = iota
	opGlobal
	opHas
	opEqual
	opNotEqual
	opIn
	opNotIn
	opContains
	opStartsWith
	opEndsWith
	opNot
	opAnd
	opOr
)

// comparison is how the operators that take one value are written.
var comparison = map[operator]string{
	opEqual: "==", opNotEqual: "!=", opContains: "contains", opStartsWith: "starts with", opEndsWith: "ends with",
}

// expression is a parsed Calico selector. It is never changed once it is parsed.
type expression struct {
	op       operator
	label    string
	values   []string // one for the comparisons, sorted and unique for in and not in
	operands []*expression
}

// String is the expression as libcalico-go writes it (libcalico-go/lib/selector/parser/ast.go). The text matters:
// Calico puts selectors together as text.
func (x *expression) String() string {
	var b strings.Builder
	x.write(&b)
	return b.String()
}

func (x *expression) write(b *strings.Builder) {
	switch x.op {
	case opAll:
		b.WriteString("all()")
	case opGlobal:
		b.WriteString("global()")
	case opHas:
		b.WriteString("has(" + x.label + ")")
	case opIn, opNotIn:
		b.WriteString(x.label + map[operator]string{opIn: " in {", opNotIn: " not in {"}[x.op])
		for i, v := range x.values {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(quote(v))
		}
		b.WriteString("}")
	case opNot:
		b.WriteString("!")
		x.operands[0].write(b)
	case opAnd, opOr:
		b.WriteString("(")
		for i, o := range x.operands {
			if i > 0 {
				b.WriteString(map[operator]string{opAnd: " && ", opOr: " || "}[x.op])
			}
			o.write(b)
		}
		b.WriteString(")")
	default:
		b.WriteString(x.label + " " + comparison[x.op] + " " + quote(x.values[0]))
	}
}

// quote puts a value into the quotes that it does not contain; the grammar has no escapes.
func quote(value string) string {
	if strings.Contains(value, `"`) {
		return "'" + value + "'"
	}
	return `"` + value + `"`
}

// prefixed is the expression with every label put under a prefix.
func (x *expression) prefixed(prefix string) *expression {
	out := *x
	if x.label != "" {
		out.label = prefix + x.label
	}
	out.operands = slices.Clone(x.operands)
	for i, o := range out.operands {
		out.operands[i] = o.prefixed(prefix)
	}
	return &out
}

// truth is an answer that may have to wait for a fact.
type truth uint8

const (
	no truth = iota
	unknown
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// labelState is what is known of one label of one thing.
type labelState struct {
	value   string
	present bool
	// unknown says that neither value nor presence is known.
	unknown bool
}

// match evaluates the expression for one thing whose labels can be looked up.
func (x *expression) match(label func(string) labelState) truth {
	switch x.op {
	case opAll, opGlobal:
		return yes
	case opNot:
		return yes - x.operands[0].match(label)
	case opAnd:
		out := yes
		for _, o := range x.operands {
			out = min(out, o.match(label))
		}
		return out
	case opOr:
		out := no
		for _, o := range x.operands {
			out = max(out, o.match(label))
		}
		return out
	}
	state := label(x.label)
	if state.unknown {
		return unknown
	}
	return truthOf(x.holds(state.value, state.present))
}

// holds evaluates a node that asks for one label. An absent label satisfies the negative operators only.
func (x *expression) holds(value string, present bool) bool {
	if !present {
		return x.op == opNotEqual || x.op == opNotIn
	}
	switch x.op {
	case opEqual, opIn:
		return slices.Contains(x.values, value)
	case opNotEqual, opNotIn:
		return !slices.Contains(x.values, value)
	case opContains:
		return strings.Contains(value, x.values[0])
	case opStartsWith:
		return strings.HasPrefix(value, x.values[0])
	case opEndsWith:
		return strings.HasSuffix(value, x.values[0])
	}
	return true // opHas
}
