package selector

import (
	"slices"
	"strings"
)

// Requirement is what a clause asks of one label.
type Requirement struct {
	Key    Key
	Values Values
}

// Clause is a conjunction: every requirement and every text must hold. The zero value matches every endpoint.
type Clause struct {
	reqs  []Requirement // sorted by key, none empty, none Any
	texts []Text        // sorted, each once
}

// Requirements returns what the clause asks, ordered by key. The slice must not be changed.
func (c Clause) Requirements() []Requirement { return c.reqs }

// Texts returns the string operators of the clause. The slice must not be changed.
func (c Clause) Texts() []Text { return c.texts }

// Values returns which states the clause leaves to a label.
func (c Clause) Values(k Key) Values {
	if i, ok := c.find(k); ok {
		return c.reqs[i].Values
	}
	v := Any()
	if k.AlwaysPresent() {
		v.absent = false
	}
	return v
}

func (c Clause) find(k Key) (int, bool) {
	return slices.BinarySearchFunc(c.reqs, k, func(r Requirement, k Key) int { return r.Key.Compare(k) })
}

// with returns the clause with one more requirement; false means that nothing can match it any more.
func (c Clause) with(k Key, v Values) (Clause, bool) {
	if k.AlwaysPresent() {
		v.absent = false
	}
	i, found := c.find(k)
	if found {
		v = v.Intersect(c.reqs[i].Values)
	}
	v, texts := settleTexts(k, v, c.texts)
	if v.IsEmpty() {
		return Clause{}, false
	}
	out := Clause{reqs: slices.Clone(c.reqs), texts: texts}
	free := v.IsAny() || (k.AlwaysPresent() && v.not && len(v.list) == 0)
	switch {
	case found && free:
		out.reqs = slices.Delete(out.reqs, i, i+1)
	case found:
		out.reqs[i].Values = v
	case !free:
		out.reqs = slices.Insert(out.reqs, i, Requirement{k, v})
	}
	return out, true
}

// settleTexts decides string operators on labels whose values are known one by one.
func settleTexts(k Key, v Values, texts []Text) (Values, []Text) {
	if v.not {
		return v, texts
	}
	rest := texts
	for _, t := range texts {
		if t.Key != k {
			continue
		}
		v.list = slices.DeleteFunc(slices.Clone(v.list), func(s string) bool { return !t.holds(s, true) })
		v.absent = v.absent && t.holds("", false)
		rest = slices.DeleteFunc(slices.Clone(rest), func(u Text) bool { return u == t })
	}
	return v, rest
}

// withText returns the clause with one more string operator; false means that nothing can match it any more.
func (c Clause) withText(t Text) (Clause, bool) {
	opposite := t
	opposite.Negated = !t.Negated
	if slices.Contains(c.texts, opposite) {
		return Clause{}, false
	}
	i, found := slices.BinarySearchFunc(c.texts, t, Text.compare)
	if found {
		return c, true
	}
	out := Clause{reqs: c.reqs, texts: slices.Insert(slices.Clone(c.texts), i, t)}
	v := out.Values(t.Key)
	if !t.Negated {
		v = v.Intersect(Exists())
	}
	return out.with(t.Key, v)
}

// and returns the clause that asks for both; false means that nothing can match it.
func (c Clause) and(d Clause) (Clause, bool) {
	out, ok := c, true
	for _, r := range d.reqs {
		if out, ok = out.with(r.Key, r.Values); !ok {
			return Clause{}, false
		}
	}
	for _, t := range d.texts {
		if out, ok = out.withText(t); !ok {
			return Clause{}, false
		}
	}
	return out, true
}

// within reports whether everything that c matches is matched by d as well. It may miss cases that depend on
// string operators, never the other way round.
func (c Clause) within(d Clause) bool {
	// Every requirement excludes something, so c must have one for the same key.
	if len(d.reqs) > len(c.reqs) || len(d.texts) > len(c.texts) {
		return false
	}
	i := 0
	for _, r := range d.reqs {
		for i < len(c.reqs) && c.reqs[i].Key != r.Key {
			i++
		}
		if i == len(c.reqs) || !c.reqs[i].Values.Within(r.Values) {
			return false
		}
	}
	for _, t := range d.texts {
		if !slices.Contains(c.texts, t) {
			return false
		}
	}
	return true
}

// merge returns one clause for the union of two that differ in a single requirement.
func (c Clause) merge(d Clause) (Clause, bool) {
	if len(c.reqs) != len(d.reqs) || !slices.Equal(c.texts, d.texts) {
		return Clause{}, false
	}
	differ := -1
	for i := range c.reqs {
		if c.reqs[i].Key != d.reqs[i].Key {
			return Clause{}, false
		}
		if !c.reqs[i].Values.Equal(d.reqs[i].Values) {
			if differ >= 0 {
				return Clause{}, false
			}
			differ = i
		}
	}
	if differ < 0 {
		return c, true
	}
	// A string operator on the key was settled against one of the two sets only.
	key := c.reqs[differ].Key
	if slices.ContainsFunc(c.texts, func(t Text) bool { return t.Key == key }) {
		return Clause{}, false
	}
	out := Clause{texts: c.texts, reqs: slices.Delete(slices.Clone(c.reqs), differ, differ+1)}
	return out.with(key, c.reqs[differ].Values.Union(d.reqs[differ].Values))
}

// Match reports whether an endpoint with these labels matches.
func (c Clause) Match(label func(Key) (string, bool)) bool {
	for _, r := range c.reqs {
		value, present := label(r.Key)
		if present && !r.Values.Has(value) || !present && !r.Values.absent {
			return false
		}
	}
	for _, t := range c.texts {
		if value, present := label(t.Key); !t.holds(value, present) {
			return false
		}
	}
	return true
}

// String is a canonical text: equal clauses have equal texts.
func (c Clause) String() string {
	parts := make([]string, 0, len(c.reqs)+len(c.texts))
	for _, r := range c.reqs {
		parts = append(parts, r.Key.String()+" "+r.Values.String())
	}
	for _, t := range c.texts {
		parts = append(parts, t.String())
	}
	return strings.Join(parts, " && ")
}
