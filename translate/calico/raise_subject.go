package calico

import (
	"slices"

	"github.com/policyferry/policyferry/translate/selector"
)

// subjectFields are the fields of a policy that say whom it selects.
type subjectFields struct {
	selector, namespaceSelector, serviceAccountSelector string
}

// podSubject writes which pods a policy selects. In a namespace, the namespace is a matter of course; a global policy
// always gets a namespaceSelector, because without one it would select host endpoints as well.
func podSubject(s selector.Selector, namespace string) subjectFields {
	own := selector.Key{Kind: selector.NamespaceName}
	var pods, spaces, accounts []string
	for _, c := range s.Clauses() {
		if namespace != "" {
			c = rest(c, own)
		}
		pods = append(pods, clauseText(c, fieldLabel, podPart))
		spaces = append(spaces, clauseText(c, fieldLabel, namespacePart))
		accounts = append(accounts, clauseText(c, fieldLabel, accountPart))
	}
	if same(accounts) && (same(spaces) || same(pods)) && !(namespace != "" && slices.ContainsFunc(spaces, notEmpty)) {
		out := subjectFields{selector: anyOf(pods), serviceAccountSelector: anyOf(accounts)}
		if namespace == "" {
			out.namespaceSelector = namespacesOf(s)
		}
		return out.complete()
	}
	// The parts do not come apart, so the whole goes into one selector over all labels.
	var texts []string
	for _, c := range s.Clauses() {
		if namespace != "" {
			c = rest(c, own)
		}
		texts = append(texts, clauseText(c, plainLabel, podPart, namespacePart, accountPart))
	}
	out := subjectFields{selector: anyOf(texts)}
	if namespace == "" {
		out.namespaceSelector = "all()"
	}
	return out.complete()
}

// complete gives a selector to fields that have none, so that a reader sees that everything is meant.
func (f subjectFields) complete() subjectFields {
	if f.selector == "" && f.namespaceSelector == "" && f.serviceAccountSelector == "" {
		f.selector = "all()"
	}
	return f
}

// namespacesOf is the namespaceSelector of a whole selector.
func namespacesOf(s selector.Selector) string {
	var texts []string
	for _, c := range s.Clauses() {
		text := namespaceText(c)
		if text == "all()" {
			return text
		}
		texts = append(texts, text)
	}
	return anyOf(texts)
}

func rest(c selector.Clause, key selector.Key) selector.Clause {
	out := without(c, func(k selector.Key) bool { return k == key })
	return out.Clauses()[0]
}

func same(texts []string) bool {
	for _, t := range texts {
		if t != texts[0] {
			return false
		}
	}
	return true
}

func notEmpty(s string) bool { return s != "" }
