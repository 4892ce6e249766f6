package calico

import (
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/selector"
)

// part says which of Calico's selector fields can hold a requirement.
type part uint8

const (
	podPart part = iota
	namespacePart
	accountPart
)

func partOf(k selector.Key) part {
	switch k.Kind {
	case selector.NamespaceName, selector.NamespaceLabel:
		return namespacePart
	case selector.ServiceAccountName, selector.ServiceAccountLabel:
		return accountPart
	}
	return podPart
}

// fieldLabel is how a key is called in the selector field of its part.
func fieldLabel(k selector.Key) string {
	switch k.Kind {
	case selector.NamespaceName, selector.ServiceAccountName:
		return labelName
	}
	return k.Name
}

// plainLabel is how a key is called in a plain selector, where all labels of an endpoint meet.
func plainLabel(k selector.Key) string {
	switch k.Kind {
	case selector.NamespaceName:
		return labelNamespace
	case selector.NamespaceLabel:
		return namespacePrefix + k.Name
	case selector.ServiceAccountName:
		return serviceAccountPrefix + labelName
	case selector.ServiceAccountLabel:
		return serviceAccountPrefix + k.Name
	}
	return k.Name
}

// clauseText writes the requirements of a clause that belong to the parts; empty if there are none.
func clauseText(c selector.Clause, label func(selector.Key) string, parts ...part) string {
	var out []string
	for _, r := range c.Requirements() {
		if slices.Contains(parts, partOf(r.Key)) {
			out = append(out, requirementText(label(r.Key), r.Values))
		}
	}
	for _, t := range c.Texts() {
		if slices.Contains(parts, partOf(t.Key)) {
			text := label(t.Key) + " " + t.Op.String() + " " + quoted(t.Arg)
			if t.Negated {
				text = "!(" + text + ")"
			}
			out = append(out, text)
		}
	}
	return strings.Join(out, " && ")
}

// requirementText writes what a clause asks of one label. An absent label satisfies != and not in
// (libcalico-go/lib/selector/parser/ast.go).
func requirementText(label string, v selector.Values) string {
	list, finite := v.Finite()
	switch {
	case finite && len(list) == 0: // only absent is left
		return "!has(" + label + ")"
	case finite && v.MayBeAbsent():
		return "(!has(" + label + ") || " + oneOf(label, list, "==", "in") + ")"
	case finite:
		return oneOf(label, list, "==", "in")
	case len(list) == 0:
		return "has(" + label + ")"
	case v.MayBeAbsent():
		return oneOf(label, list, "!=", "not in")
	}
	return "has(" + label + ") && " + oneOf(label, list, "!=", "not in")
}

func oneOf(label string, values []string, single, several string) string {
	if len(values) == 1 {
		return label + " " + single + " " + quoted(values[0])
	}
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = quoted(v)
	}
	return label + " " + several + " {" + strings.Join(texts, ", ") + "}"
}

// quoted writes a value the way people do. The grammar has no escapes; labels of Kubernetes contain no quotes.
func quoted(v string) string {
	if strings.Contains(v, "'") {
		return `"` + v + `"`
	}
	return "'" + v + "'"
}

// anyOf joins alternatives; an empty one matches everything.
func anyOf(texts []string) string {
	slices.Sort(texts)
	texts = slices.Compact(texts)
	if len(texts) == 0 || texts[0] == "" {
		return ""
	}
	if len(texts) == 1 {
		return texts[0]
	}
	for i, t := range texts {
		if strings.Contains(t, " && ") {
			texts[i] = "(" + t + ")"
		}
	}
	return strings.Join(texts, " || ")
}

// positiveNamespace reports whether the clause's namespace part can only match what has a namespace. A negative one
// also matches host endpoints and global network sets, which have no namespace labels.
func positiveNamespace(c selector.Clause) bool {
	for _, r := range c.Requirements() {
		if partOf(r.Key) == namespacePart && !r.Values.MayBeAbsent() {
			return true
		}
	}
	for _, t := range c.Texts() {
		if partOf(t.Key) == namespacePart && !t.Negated {
			return true
		}
	}
	return false
}

// namespaceText is the namespaceSelector of a clause. It matches pods only, never what has no namespace.
func namespaceText(c selector.Clause) string {
	text := clauseText(c, fieldLabel, namespacePart)
	switch {
	case text == "":
		return "all()"
	case positiveNamespace(c):
		return text
	}
	return "has(" + labelName + ") && " + text
}

// without is the clause without some of its requirements.
func without(c selector.Clause, drop func(selector.Key) bool) selector.Selector {
	out := selector.All()
	for _, r := range c.Requirements() {
		if !drop(r.Key) {
			out = out.And(selector.Where(r.Key, r.Values))
		}
	}
	for _, t := range c.Texts() {
		if !drop(t.Key) {
			out = out.And(selector.WhereText(t))
		}
	}
	return out
}
