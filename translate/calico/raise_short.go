package calico

import (
	"slices"

	"github.com/policyferry/policyferry/translate/selector"
)

// shortClauses are the clauses of a selector, those that are too long for one field cut at their longest list of
// values: together they match the same.
func shortClauses(s selector.Selector) []selector.Clause {
	var out []selector.Clause
	for _, c := range s.Clauses() {
		out = append(out, shortClause(c)...)
	}
	return out
}

func shortClause(c selector.Clause) []selector.Clause {
	if clauseFits(c) {
		return []selector.Clause{c}
	}
	longest, ok := longestList(c)
	if !ok {
		return []selector.Clause{c}
	}
	list, _ := longest.Values.Finite()
	around := without(c, func(k selector.Key) bool { return k == longest.Key })
	var out []selector.Clause
	for half := range slices.Chunk(list, (len(list)+1)/2) {
		values := selector.In(half...)
		if longest.Values.MayBeAbsent() {
			values = values.Union(selector.Absent())
		}
		for _, part := range around.And(selector.Where(longest.Key, values)).Clauses() {
			out = append(out, shortClause(part)...)
		}
	}
	return out
}

// longestList is the requirement with the most values among those that can be cut: a list of values that are meant,
// not one of values that are not.
func longestList(c selector.Clause) (selector.Requirement, bool) {
	var out selector.Requirement
	most := 1
	for _, r := range c.Requirements() {
		if list, finite := r.Values.Finite(); finite && len(list) > most {
			out, most = r, len(list)
		}
	}
	return out, most > 1
}

// clauseFits reports whether each field that says a part of the clause is short enough, and the plain selector that
// says all of it.
func clauseFits(c selector.Clause) bool {
	return len(clauseText(c, fieldLabel, podPart)) <= maxSelector && len(namespaceText(c)) <= maxSelector &&
		len(clauseText(c, plainLabel, podPart, namespacePart, accountPart)) <= maxSelector
}

// shortTexts puts alternatives together as far as they fit into one field.
func shortTexts(texts []string) [][]string {
	slices.Sort(texts)
	texts = slices.Compact(texts)
	if len(texts) > 0 && texts[0] == "" {
		return [][]string{{""}}
	}
	var out [][]string
	for _, text := range texts {
		last := len(out) - 1
		if last >= 0 && len(anyOf(append(slices.Clone(out[last]), text))) <= maxSelector {
			out[last] = append(out[last], text)
			continue
		}
		out = append(out, []string{text})
	}
	return out
}

// shortSubjects cuts a subject until each part can be said in the fields of one policy.
func shortSubjects(s selector.Selector, namespace string) []selector.Selector {
	if podSubject(s, namespace).fit() {
		return []selector.Selector{s}
	}
	var out []selector.Selector
	for _, c := range shortClauses(s) {
		one := selector.FromClause(c)
		if last := len(out) - 1; last >= 0 {
			if both := out[last].Or(one); podSubject(both, namespace).fit() {
				out[last] = both
				continue
			}
		}
		out = append(out, one)
	}
	return out
}

func (f subjectFields) fit() bool {
	return len(f.selector) <= maxSelector && len(f.namespaceSelector) <= maxSelector && len(f.serviceAccountSelector) <= maxSelector
}
