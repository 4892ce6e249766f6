package mutate

import (
	"slices"
	"strings"
)

// dropNot says of whom a negation was about. A field of Calico's that begins with not is taken out or turned around.
func dropNot(s site) (out []any) {
	if o, ok := s.value.(object); ok {
		for key, value := range o {
			rest, negated := strings.CutPrefix(key, "not")
			if !negated || rest == "" {
				continue
			}
			positive := strings.ToLower(rest[:1]) + rest[1:]
			if rest == "ICMP" {
				positive = "icmp"
			}
			if o[positive] == nil {
				out = append(out, with(with(o, key, gone{}), positive, value))
			}
		}
		slices.SortFunc(out, func(a, b any) int { return strings.Compare(keysOf(a.(object)), keysOf(b.(object))) })
		return out
	}
	return s.replaced([][2]string{{" != ", " == "}, {" not in ", " in "}, {"!has(", "has("}}, [][2]string{{"NotIn", "In"}, {"DoesNotExist", "Exists"}})
}

// keysOf tells objects apart that differ in their fields.
func keysOf(o object) string {
	var keys []string
	for key := range o {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return strings.Join(keys, " ")
}

// addNot negates a term.
func addNot(s site) []any {
	return s.replaced([][2]string{{" == ", " != "}, {" in {", " not in {"}, {"has(", "!has("}, {"all()", "!all()"}}, [][2]string{{"In", "NotIn"}, {"Exists", "DoesNotExist"}})
}

// replaced changes each occurrence of a text in a selector of Calico, or an operator of the others.
func (s site) replaced(texts, operators [][2]string) (out []any) {
	text, _ := s.value.(string)
	for _, o := range operators {
		if s.key() == "operator" && text == o[0] {
			out = append(out, o[1])
		}
	}
	if s.syntax != calico || !isSelector(s.key()) {
		return out
	}
	for _, t := range texts {
		for at := 0; ; {
			i := strings.Index(text[at:], t[0])
			if i < 0 {
				break
			}
			at += i
			out = append(out, text[:at]+t[1]+text[at+len(t[0]):])
			at += len(t[0])
		}
	}
	return out
}

// ofNamespace reports whether the key of a label is about namespaces.
func ofNamespace(key string) bool {
	return strings.Contains(key, "pod.namespace") || strings.Contains(key, "k8s.namespace.labels") || strings.Contains(key, "projectcalico.org/name") ||
		strings.Contains(key, "kubernetes.io/metadata.name")
}

// loseNamespace forgets in which namespaces somebody is.
func loseNamespace(s site) (out []any) {
	switch v := s.value.(type) {
	case object:
		if s.key() == "matchLabels" {
			return without(v, true)
		}
		key, _ := v["key"].(string)
		if s.key() == "matchExpressions[]" && ofNamespace(key) {
			out = append(out, gone{})
		}
	case string:
		out = s.lessTerm(v, true)
	}
	if s.key() == "namespaceSelector" {
		out = append(out, gone{})
	}
	return out
}

// loseLabel forgets a label that somebody must have.
func loseLabel(s site) []any {
	switch v := s.value.(type) {
	case object:
		if s.key() == "matchLabels" {
			return without(v, false)
		}
	case string:
		return s.lessTerm(v, false)
	}
	return nil
}

func without(labels object, namespaces bool) (out []any) {
	for _, key := range strings.Fields(keysOf(labels)) {
		if ofNamespace(key) == namespaces {
			out = append(out, with(labels, key, gone{}))
		}
	}
	return out
}

// lessTerm leaves a term of a conjunction out of a selector of Calico.
func (s site) lessTerm(selector string, namespaces bool) (out []any) {
	terms := strings.Split(selector, " && ")
	if s.syntax != calico || !isSelector(s.key()) || len(terms) < 2 || strings.ContainsAny(selector, "|") {
		return nil
	}
	for i, term := range terms {
		if ofNamespace(term) == namespaces {
			out = append(out, strings.Join(slices.Delete(slices.Clone(terms), i, i+1), " && "))
		}
	}
	return out
}

// anotherLabelValue puts a value in the place of another.
func anotherLabelValue(s site) (out []any) {
	text, ok := s.value.(string)
	if !ok {
		return nil
	}
	_, parentIsLabel := s.path[len(s.path)-1].(string)
	switch {
	case s.key() == "values[]", s.within("matchLabels") && parentIsLabel:
		for _, v := range s.other(text) {
			out = append(out, v)
		}
	case s.syntax == calico && isSelector(s.key()):
		for _, at := range literal.FindAllStringIndex(text, -1) {
			for _, v := range s.other(text[at[0]+1 : at[1]-1]) {
				out = append(out, text[:at[0]+1]+v+text[at[1]-1:])
			}
		}
	}
	return out
}

// emptySelector selects everybody.
func emptySelector(s site) []any {
	switch {
	case s.syntax == calico && isSelector(s.key()):
		return []any{"all()"}
	case slices.Contains([]string{"endpointSelector", "nodeSelector", "podSelector", "namespaceSelector", "fromEndpoints[]", "toEndpoints[]"}, s.key()):
		return []any{object{}}
	}
	return nil
}
