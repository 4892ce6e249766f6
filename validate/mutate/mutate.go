// Package mutate changes one thing in a policy set: drops a rule, swaps an action, moves a port by one. A comparison of
// sets that misses such a change is not to be trusted.
//
// The mutators know the names of fields and nothing of what they mean together, so a mutant may mean the same as the
// set, or be an object that its CNI rejects. The engines judge which mutants count.
package mutate

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// Mutant is a set with one change.
type Mutant struct {
	// Mutator is the name of the kind of change, Place where it was made.
	Mutator, Place string
	// Text is the whole set as YAML.
	Text string
}

// object is a Kubernetes object, or a part of one.
type object = map[string]any

// All makes every mutant of a set that is given as YAML. The same text gives the same mutants in the same order.
func All(text string) ([]Mutant, error) {
	var docs []any
	for _, part := range strings.Split(text, "\n---\n") {
		var o object
		if err := yaml.Unmarshal([]byte(part), &o); err != nil {
			return nil, fmt.Errorf("reading the set: %w", err)
		}
		if len(o) > 0 {
			docs = append(docs, o)
		}
	}
	m := &making{docs: docs, values: labelValues(docs), seen: map[string]bool{}}
	m.seen[m.text(docs)] = true
	for i, d := range docs {
		o := d.(object)
		m.visit(site{syntax: syntaxOf(o), path: []any{i}, name: nameOf(o), value: o, values: m.values})
	}
	return m.mutants, nil
}

// Some makes at most n of the mutants, chosen by a seed so that every mutator has the same chance.
func Some(text string, seed uint64, n int) ([]Mutant, error) {
	all, err := All(text)
	if err != nil {
		return nil, err
	}
	by := map[string][]Mutant{}
	for _, m := range all {
		by[m.Mutator] = append(by[m.Mutator], m)
	}
	chance := rand.New(rand.NewPCG(seed, 11))
	var out []Mutant
	for len(out) < n && len(by) > 0 {
		names := slices.Sorted(maps.Keys(by))
		name := names[chance.IntN(len(names))]
		i := chance.IntN(len(by[name]))
		out = append(out, by[name][i])
		if by[name] = slices.Delete(by[name], i, i+1); len(by[name]) == 0 {
			delete(by, name)
		}
	}
	return out, nil
}

// Names are the names of all mutators.
func Names() []string {
	var out []string
	for _, m := range mutators {
		out = append(out, m.name)
	}
	return out
}

// making is a run over a set.
type making struct {
	docs    []any
	values  []string
	mutants []Mutant
	seen    map[string]bool
}

// visit makes the mutants of a place and of all below it.
func (m *making) visit(s site) {
	for _, mutator := range mutators {
		for _, v := range mutator.change(s) {
			text := m.text(put(m.docs, s.path, v).([]any))
			if !m.seen[text] {
				m.seen[text] = true
				m.mutants = append(m.mutants, Mutant{mutator.name, s.name + place(s.path), text})
			}
		}
	}
	switch v := s.value.(type) {
	case object:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			// Who the object is and what L7 proxies do are no part of a verdict.
			if len(s.path) > 1 && key != "rules" && key != "http" || key == "spec" || key == "specs" {
				m.visit(s.below(key, v[key]))
			}
		}
	case []any:
		for i, item := range v {
			m.visit(s.below(i, item))
		}
	}
}

func (m *making) text(docs []any) string {
	var parts [][]byte
	for _, d := range docs {
		y, err := yaml.Marshal(d)
		if err != nil {
			panic(fmt.Sprintf("mutate: %v", err)) // what was read as YAML can be written as YAML
		}
		parts = append(parts, y)
	}
	return string(bytes.Join(parts, []byte("---\n")))
}

// gone is the value of what is taken out.
type gone struct{}

// put copies v with another value at the path.
func put(v any, path []any, value any) any {
	if len(path) == 0 {
		return value
	}
	switch step := path[0].(type) {
	case int:
		list := slices.Clone(v.([]any))
		next := put(list[step], path[1:], value)
		if next == (gone{}) {
			return slices.Delete(list, step, step+1)
		}
		list[step] = next
		return list
	case string:
		return with(v.(object), step, put(v.(object)[step], path[1:], value))
	}
	panic(fmt.Sprintf("mutate: a path with a step %v", path[0]))
}

// with copies an object with another value of a key.
func with(o object, key string, value any) object {
	out := maps.Clone(o)
	if out == nil {
		out = object{}
	}
	out[key] = value
	if value == (gone{}) {
		delete(out, key)
	}
	return out
}

// place writes a path as a field.
func place(path []any) string {
	var b strings.Builder
	for _, step := range path[1:] {
		if i, ok := step.(int); ok {
			fmt.Fprintf(&b, "[%d]", i)
			continue
		}
		fmt.Fprintf(&b, " %s", step)
	}
	return b.String()
}
