package snapshot

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
)

// Anonymise renames whatever is the user's own, so that the snapshot can be shown to others: names, labels, DNS names and
// addresses. The same text gets the same new name everywhere, and with the same salt every time. Verdicts stay as they
// were; where that cannot be promised there is a finding.
func (s *Snapshot) Anonymise(salt string) error {
	a := &anonymiser{salt: saltOf(salt), ranked: map[string]string{}, values: map[string]bool{}, tests: map[stringTest]bool{}, memo: map[string]string{}}
	objects := make([]fields, len(s.Objects))
	for i, o := range s.Objects {
		if err := json.Unmarshal(o.JSON, &objects[i]); err != nil {
			return err
		}
	}
	a.gather(s.Objects, objects)
	for i := range s.Objects {
		o := &s.Objects[i]
		renamed := a.object(o, objects[i])
		meta := renamed["metadata"].(fields)
		o.Name, _ = meta["name"].(string)
		o.Namespace = a.word(o.Namespace)
		text, err := json.Marshal(renamed)
		if err != nil {
			return err
		}
		o.JSON = text
	}
	sortObjects(s.Objects)
	a.index(&s.Spec)
	s.doubt(a)
	return nil
}

// doubt reports what may give another answer than before.
func (s *Snapshot) doubt(a *anonymiser) {
	add := func(format string, args ...any) {
		s.Findings.Add(diag.NotAlike.At(diag.Position{File: IndexFile}, diag.Object{}, "", format, args...).
			WithHint("say so with the snapshot, or leave the policies out that need it"))
	}
	for _, t := range a.broken() {
		add("a selector that looks for a part of a label (%s) does not find the same labels after renaming, so verdicts may differ", t.operator)
	}
	for _, o := range s.Objects {
		if strings.Contains(string(o.JSON), lostFilter) {
			add("the label filter of Cilium is not kept, since its patterns cannot be renamed, so verdicts may differ")
		}
	}
}

// gather finds what has to be known before anything is renamed: names whose order counts, and the literals that policies
// look for.
func (a *anonymiser) gather(objects []Object, contents []fields) {
	names := map[string]string{}
	note := func(name, follows string) {
		if !words[name] && name != "" {
			names[name] = cmp.Or(names[name], follows)
		}
	}
	literals, parts := map[string]bool{}, map[string]bool{}
	for i, o := range objects {
		note(o.Namespace, "/")
		switch {
		case o.Kind == "Namespace":
			note(o.Name, "/")
		case o.Kind == "Tier":
			note(o.Name, ".")
		case o.resource.Role == Policy:
			_, parts := partsOf(&o, contents[i], o.Name)
			for i, part := range parts {
				note(part, map[bool]string{false: ".", true: "/"}[i == len(parts)-1])
			}
		}
		visit("", contents[i], func(key, text string) {
			switch {
			case selects(key):
				rewrite(text, func(l string) string { return l }, func(operator, value string) string {
					if strings.HasPrefix(operator, "contains") || strings.HasPrefix(operator, "starts") || strings.HasPrefix(operator, "ends") {
						a.tests[stringTest{operator, value}] = true
						literals[value] = true
					}
					return value
				})
			case domains[key]:
				for label := range strings.SplitSeq(strings.ToLower(text), ".") {
					if strings.Contains(label, "*") {
						for part := range strings.SplitSeq(label, "*") {
							parts[part] = true
						}
					}
				}
			}
		})
	}
	a.literals, a.parts = longerFirst(literals), longerFirst(parts)
	a.rank(names)
}

func longerFirst(texts map[string]bool) []string {
	var out []string
	for l := range texts {
		if l != "" && !words[l] {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(x, y string) int { return cmp.Or(len(y)-len(x), strings.Compare(x, y)) })
	return out
}

// visit calls a function for every text below a value, with the key of the nearest field.
func visit(key string, v any, do func(key, text string)) {
	switch v := v.(type) {
	case fields:
		for k, member := range v {
			visit(k, member, do)
		}
	case []any:
		for _, item := range v {
			visit(key, item, do)
		}
	case string:
		do(key, v)
	}
}

// broken are the tests of parts of labels that come out otherwise after renaming.
func (a *anonymiser) broken() []stringTest {
	var out []stringTest
	for t := range a.tests {
		renamed := stringTest{t.operator, a.value(t.literal)}
		for v := range a.values {
			if t.holds(v) != renamed.holds(a.value(v)) || fit.MatchString(v) && len(a.value(v)) > 63 {
				out = append(out, t)
				break
			}
		}
	}
	slices.SortFunc(out, func(x, y stringTest) int { return strings.Compare(x.operator+x.literal, y.operator+y.literal) })
	return slices.CompactFunc(out, func(x, y stringTest) bool { return x.operator == y.operator })
}

func (t stringTest) holds(value string) bool {
	switch {
	case strings.HasPrefix(t.operator, "starts"):
		return strings.HasPrefix(value, t.literal)
	case strings.HasPrefix(t.operator, "ends"):
		return strings.HasSuffix(value, t.literal)
	}
	return strings.Contains(value, t.literal)
}

// release is the part of a version that says nothing about who runs it.
var release = regexp.MustCompile(`^v?\d+\.\d+\.\d+`)

// index takes out of the index what is the user's.
func (a *anonymiser) index(s *IndexSpec) {
	s.Anonymised, s.Context, s.Kubernetes = true, "", release.FindString(s.Kubernetes)
	for i, ns := range s.Namespaces {
		s.Namespaces[i] = a.word(ns)
	}
	for _, c := range []*CNI{s.Calico, s.Cilium} {
		if c != nil {
			c.From, _, _ = strings.Cut(c.From, " ")
		}
	}
	for i := range s.Resources {
		s.Resources[i].ResourceVersion = ""
	}
}

func (t stringTest) String() string { return fmt.Sprintf("%s %q", t.operator, t.literal) }
