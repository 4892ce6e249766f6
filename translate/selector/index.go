package selector

import "slices"

// Index finds what may meet a selector without looking at everything: most policies are bound to one namespace, so
// the cost of a set grows with its size and not with its square. The zero value is empty.
type Index[T any] struct {
	items     []T
	anywhere  []int
	namespace map[string][]int
}

// Add files an item under the namespaces to which the selectors bind it. Items keep the order in which they come.
func (x *Index[T]) Add(item T, selectors ...Selector) {
	i := len(x.items)
	x.items = append(x.items, item)
	names, bound := namespacesOf(selectors)
	if !bound {
		x.anywhere = append(x.anywhere, i)
		return
	}
	if x.namespace == nil {
		x.namespace = map[string][]int{}
	}
	for _, n := range names {
		x.namespace[n] = append(x.namespace[n], i)
	}
}

// All returns every item in order. The slice must not be changed.
func (x *Index[T]) All() []T { return x.items }

// Near returns, in order, every item of which a selector may overlap s, and perhaps others.
func (x *Index[T]) Near(s Selector) []T {
	names, bound := namespacesOf([]Selector{s})
	if !bound {
		return x.items
	}
	hits := slices.Clone(x.anywhere)
	for _, n := range names {
		hits = append(hits, x.namespace[n]...)
	}
	slices.Sort(hits)
	hits = slices.Compact(hits)
	out := make([]T, len(hits))
	for i, h := range hits {
		out[i] = x.items[h]
	}
	return out
}

// namespacesOf lists the namespaces to which the selectors are bound; false if one is not bound.
func namespacesOf(selectors []Selector) ([]string, bool) {
	var out []string
	for _, s := range selectors {
		if s.TooComplex() {
			return nil, false
		}
		for _, c := range s.Clauses() {
			names, finite := c.Values(Key{Kind: NamespaceName}).Finite()
			if !finite {
				return nil, false
			}
			out = append(out, names...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), true
}
