package order

import (
	"slices"

	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

// index finds what may meet a subject without looking at everything: most policies are bound to one namespace, so
// the cost of a set grows with its size and not with its square.
type index[T any] struct {
	items     []T
	anywhere  []int
	namespace map[string][]int
}

// add files an item under the namespaces of its subjects. Items keep the order in which they were added.
func (x *index[T]) add(item T, subjects ...selector.Selector) {
	i := len(x.items)
	x.items = append(x.items, item)
	names, bound := namespacesOf(subjects)
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

// near returns, in order, every item whose subjects may overlap the given one.
func (x *index[T]) near(subject selector.Selector) []T {
	names, bound := namespacesOf([]selector.Selector{subject})
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

// namespacesOf lists the namespaces to which the subjects are bound; false if one is not bound.
func namespacesOf(subjects []selector.Selector) ([]string, bool) {
	var out []string
	for _, s := range subjects {
		if s.TooComplex() {
			return nil, false
		}
		for _, c := range s.Clauses() {
			names, finite := c.Values(selector.Key{Kind: selector.NamespaceName}).Finite()
			if !finite {
				return nil, false
			}
			out = append(out, names...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), true
}

func subjectsOf(boxes []model.Box) []selector.Selector {
	out := make([]selector.Selector, len(boxes))
	for i, b := range boxes {
		out[i] = b.Subject
	}
	return out
}
