package synthetic

import (
	"strings"

	"github.com/projectcalico/calico/libcalico-go/lib/selector/parser"
)

// expression reads a selector of Calico: every label that it compares is taken to be asked for together with those
// beside it, so that a pod that has them all exists, and one for each alternative.
func (v *vocabulary) expression(text string, to *[]wanted) {
	s, err := parser.Parse(text)
	if err != nil {
		return
	}
	for _, set := range alternatives(s.Root()) {
		v.place(set, to)
	}
}

// most is the number of sets of labels that one selector may ask for before only the first are taken.
const most = 16

// alternatives are sets of labels each of which the selector matches, as far as it says yes to labels.
func alternatives(n any) []labels {
	switch n := n.(type) {
	case *parser.AndNode:
		out := []labels{{}}
		for _, operand := range n.Operands {
			var next []labels
			for _, a := range out {
				for _, b := range alternatives(operand) {
					next = append(next, joined(a, b))
				}
			}
			out = next[:min(len(next), most)]
		}
		return out
	case *parser.OrNode:
		var out []labels
		for _, operand := range n.Operands {
			out = append(out, alternatives(operand)...)
		}
		return out[:min(len(out), most)]
	case *parser.NotNode:
		// Whoever it rules out shall exist as well.
		return append([]labels{{}}, alternatives(n.Operand)...)
	}
	return comparison(n)
}

// comparison are the labels of one comparison. One that says no to a value is met by whoever has none.
func comparison(n any) []labels {
	switch n := n.(type) {
	case *parser.LabelEqValueNode:
		return []labels{{n.LabelName.Value(): n.Value.Value()}}
	case *parser.LabelNeValueNode:
		return []labels{{}, {n.LabelName.Value(): n.Value.Value()}}
	case *parser.LabelInSetNode:
		return each(n.LabelName.Value(), n.Value.StringSlice())
	case *parser.LabelNotInSetNode:
		return append([]labels{{}}, each(n.LabelName.Value(), n.Value.StringSlice())...)
	case *parser.LabelContainsValueNode:
		return []labels{{n.LabelName.Value(): "x" + n.Value.Value() + "x"}}
	case *parser.LabelStartsWithValueNode:
		return []labels{{n.LabelName.Value(): n.Value.Value() + "x"}}
	case *parser.LabelEndsWithValueNode:
		return []labels{{n.LabelName.Value(): "x" + n.Value.Value()}}
	case *parser.HasNode:
		return []labels{{n.LabelName.Value(): "set"}}
	}
	return []labels{{}}
}

func each(key string, values []string) []labels {
	var out []labels
	for _, value := range values {
		out = append(out, labels{key: value})
	}
	return out
}

func joined(a, b labels) labels {
	out := labels{}
	for _, set := range []labels{a, b} {
		for k, value := range set {
			out[k] = value
		}
	}
	return out
}

// place sorts labels by whose they are: Calico gives pods the labels of their namespaces and service accounts under
// prefixes, and labels of its own.
func (v *vocabulary) place(set labels, to *[]wanted) {
	own, space, account := labels{}, labels{}, labels{}
	for key, value := range set {
		switch {
		case key == "projectcalico.org/namespace", key == "projectcalico.org/name", key == "kubernetes.io/metadata.name":
			v.namespaces[value] = true
		case key == "projectcalico.org/serviceaccount":
			v.names[value] = true
		case strings.HasPrefix(key, "projectcalico.org/"):
		case strings.HasPrefix(key, "pcns."):
			v.own(&space, strings.TrimPrefix(key, "pcns."), value)
		case strings.HasPrefix(key, "pcsa."):
			account[strings.TrimPrefix(key, "pcsa.")] = value
		default:
			own[key] = value
		}
	}
	v.add(to, own)
	v.add(&v.spaces, space)
	v.add(&v.accounts, account)
}
