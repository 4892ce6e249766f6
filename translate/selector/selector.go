package selector

import (
	"slices"
	"strings"
)

// MaxClauses bounds the size of a selector. Real policies stay below ten; the limit keeps a hostile one from
// eating the machine.
const MaxClauses = 256

// Selector is a union of clauses. The zero value matches nothing. Selectors are immutable.
type Selector struct {
	clauses []Clause
	complex bool
}

// All matches every endpoint, None no endpoint.
func All() Selector  { return Selector{clauses: []Clause{{}}} }
func None() Selector { return Selector{} }

// Where matches the endpoints whose label has one of the states.
func Where(k Key, v Values) Selector {
	if c, ok := (Clause{}).with(k, v); ok {
		return Selector{clauses: []Clause{c}}
	}
	return None()
}

// WhereText matches the endpoints whose label satisfies a string operator.
func WhereText(t Text) Selector {
	if c, ok := (Clause{}).withText(t); ok {
		return Selector{clauses: []Clause{c}}
	}
	return None()
}

// Clauses returns the clauses whose union the selector is. The slice must not be changed.
func (s Selector) Clauses() []Clause { return s.clauses }

// TooComplex reports whether the expression outgrew MaxClauses. Nothing else about such a selector means anything.
func (s Selector) TooComplex() bool { return s.complex }

// IsNone reports whether nothing matches. String operators may hide that; then the answer is false.
func (s Selector) IsNone() bool { return !s.complex && len(s.clauses) == 0 }

// IsAll reports whether everything matches.
func (s Selector) IsAll() bool {
	return !s.complex && len(s.clauses) == 1 && len(s.clauses[0].reqs) == 0 && len(s.clauses[0].texts) == 0
}

// And matches what both match.
func (s Selector) And(t Selector) Selector {
	switch {
	case s.complex || t.complex || len(s.clauses)*len(t.clauses) > MaxClauses*4:
		return Selector{complex: true}
	case s.IsAll():
		return t
	case t.IsAll():
		return s
	}
	var out []Clause
	for _, c := range s.clauses {
		for _, d := range t.clauses {
			if e, ok := c.and(d); ok {
				out = append(out, e)
			}
		}
	}
	return normal(out)
}

// Or matches what either matches.
func (s Selector) Or(t Selector) Selector {
	switch {
	case s.complex || t.complex:
		return Selector{complex: true}
	case s.IsNone():
		return t
	case t.IsNone():
		return s
	}
	return normal(append(slices.Clone(s.clauses), t.clauses...))
}

// Not matches what the selector does not match.
func (s Selector) Not() Selector {
	if s.complex {
		return s
	}
	out := All()
	for _, c := range s.clauses {
		out = out.And(c.not())
	}
	return out
}

// not is the union of the negated requirements. The pieces are disjoint: each keeps what the earlier ones negate,
// so that later intersections stay small.
func (c Clause) not() Selector {
	var out []Clause
	rest := Clause{}
	for _, r := range c.reqs {
		if d, ok := rest.with(r.Key, r.Values.Complement()); ok {
			out = append(out, d)
		}
		var ok bool
		if rest, ok = rest.with(r.Key, r.Values); !ok {
			return normal(out)
		}
	}
	for _, t := range c.texts {
		negated := t
		negated.Negated = !t.Negated
		if d, ok := rest.withText(negated); ok {
			out = append(out, d)
		}
		var ok bool
		if rest, ok = rest.withText(t); !ok {
			break
		}
	}
	return normal(out)
}

// Minus matches what s matches and t does not.
func (s Selector) Minus(t Selector) Selector {
	if s.And(t).IsNone() {
		return s
	}
	return s.And(t.Not())
}

// Overlaps reports whether something may match both.
func (s Selector) Overlaps(t Selector) bool {
	if s.complex || t.complex {
		return true
	}
	for _, c := range s.clauses {
		for _, d := range t.clauses {
			if _, ok := c.and(d); ok {
				return true
			}
		}
	}
	return false
}

// Covers reports whether everything that t matches is matched by s. A false may be wrong where string operators
// are involved; a true never is.
func (s Selector) Covers(t Selector) bool {
	if s.complex || t.complex {
		return false
	}
	simple := true
	for _, c := range t.clauses {
		simple = simple && slices.ContainsFunc(s.clauses, c.within)
	}
	return simple || t.Minus(s).IsNone()
}

// Equal reports whether both match the same endpoints, with the same reservation as Covers.
func (s Selector) Equal(t Selector) bool { return s.Covers(t) && t.Covers(s) }

// Match reports whether an endpoint with these labels matches.
func (s Selector) Match(label func(Key) (string, bool)) bool {
	return slices.ContainsFunc(s.clauses, func(c Clause) bool { return c.Match(label) })
}

// Uses reports whether any clause asks for a key that satisfies the predicate.
func (s Selector) Uses(pred func(Key) bool) bool {
	for _, c := range s.clauses {
		if slices.ContainsFunc(c.reqs, func(r Requirement) bool { return pred(r.Key) }) ||
			slices.ContainsFunc(c.texts, func(t Text) bool { return pred(t.Key) }) {
			return true
		}
	}
	return false
}

// FromClause is the selector of one clause.
func FromClause(c Clause) Selector { return Selector{clauses: []Clause{c}} }

// String is a canonical text for messages and comparison of equal forms.
func (s Selector) String() string {
	if s.complex {
		return "too complex"
	}
	if len(s.clauses) == 0 {
		return "none"
	}
	if s.IsAll() {
		return "all"
	}
	parts := make([]string, len(s.clauses))
	for i, c := range s.clauses {
		parts[i] = c.String()
	}
	return strings.Join(parts, " || ")
}

// normal drops clauses that others cover, merges those that differ in one label, and puts them in order.
func normal(clauses []Clause) Selector {
	for changed := true; changed; {
		changed = false
		for i := 0; i < len(clauses); i++ {
			for j := i + 1; j < len(clauses); j++ {
				c, ok := combine(clauses[i], clauses[j])
				if !ok {
					continue
				}
				clauses = slices.Delete(slices.Clone(clauses), j, j+1)
				clauses[i] = c
				changed = true
				j = i
			}
		}
	}
	if len(clauses) > MaxClauses {
		return Selector{complex: true}
	}
	return Selector{clauses: inOrder(clauses)}
}

// inOrder sorts clauses by their texts, each of which is made once.
func inOrder(clauses []Clause) []Clause {
	if len(clauses) < 2 {
		return clauses
	}
	type named struct {
		clause Clause
		text   string
	}
	all := make([]named, len(clauses))
	for i, c := range clauses {
		all[i] = named{c, c.String()}
	}
	slices.SortFunc(all, func(a, b named) int { return strings.Compare(a.text, b.text) })
	out := make([]Clause, len(all))
	for i := range all {
		out[i] = all[i].clause
	}
	return out
}

func combine(c, d Clause) (Clause, bool) {
	switch {
	case d.within(c):
		return c, true
	case c.within(d):
		return d, true
	}
	return c.merge(d)
}
