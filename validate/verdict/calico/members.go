package calico

import (
	"slices"

	"github.com/projectcalico/calico/libcalico-go/lib/selector"
)

// memberIndex holds the members by namespace: most selectors ask for one, and a large cluster has many.
type memberIndex struct {
	all         []member
	byNamespace map[string][]member
}

func (x *memberIndex) add(m member) {
	if x.byNamespace == nil {
		x.byNamespace = map[string][]member{}
	}
	x.all = append(x.all, m)
	if ns, ok := m.labels[labelNamespace]; ok {
		x.byNamespace[ns] = append(x.byNamespace[ns], m)
	}
}

// matched are the members that a selector matches; all of them for nil.
func (w *world) matched(s *selector.Selector) []member {
	if s == nil {
		return w.members.all
	}
	var out []member
	evaluate := func(list []member) {
		for _, m := range list {
			if s.Evaluate(m.labels) {
				out = append(out, m)
			}
		}
	}
	namespaces, limited := namespacesOf(s)
	if !limited {
		evaluate(w.members.all)
	}
	for _, ns := range namespaces {
		evaluate(w.members.byNamespace[ns])
	}
	return out
}

// namespacesOf are the namespaces outside of which a selector matches nobody, if it says so.
func namespacesOf(s *selector.Selector) (names []string, limited bool) {
	for key, r := range s.LabelRestrictions() {
		if key.Value() != labelNamespace || r.MustHaveOneOfValues == nil {
			continue
		}
		for _, v := range r.MustHaveOneOfValues {
			names = append(names, v.Value())
		}
		slices.Sort(names)
		return slices.Compact(names), true
	}
	return nil, false
}
