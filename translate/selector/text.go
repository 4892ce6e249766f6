package selector

import "strings"

// Operator is a string operator on a label value, which Calico has and label selectors of Kubernetes and Cilium
// have not. Labels that are absent never match (libcalico-go/lib/selector/parser/ast.go).
type Operator uint8

// The string operators.
const (
	Contains Operator = iota
	StartsWith
	EndsWith
)

// String returns the operator as Calico writes it.
func (o Operator) String() string { return [...]string{"contains", "starts with", "ends with"}[o] }

// Text is a string operator applied to a label, or its negation.
type Text struct {
	Key     Key
	Op      Operator
	Arg     string
	Negated bool
}

// holds reports whether the text is true for a label with this value.
func (t Text) holds(value string, present bool) bool {
	match := false
	if present {
		switch t.Op {
		case Contains:
			match = strings.Contains(value, t.Arg)
		case StartsWith:
			match = strings.HasPrefix(value, t.Arg)
		case EndsWith:
			match = strings.HasSuffix(value, t.Arg)
		}
	}
	return match != t.Negated
}

func (t Text) compare(u Text) int {
	if c := t.Key.Compare(u.Key); c != 0 {
		return c
	}
	if t.Op != u.Op {
		return int(t.Op) - int(u.Op)
	}
	if c := strings.Compare(t.Arg, u.Arg); c != 0 {
		return c
	}
	switch {
	case t.Negated == u.Negated:
		return 0
	case u.Negated:
		return -1
	}
	return 1
}

// String is the text as Calico writes it.
func (t Text) String() string {
	s := t.Key.String() + " " + t.Op.String() + " '" + t.Arg + "'"
	if t.Negated {
		return "!(" + s + ")"
	}
	return s
}
