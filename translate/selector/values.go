package selector

import (
	"slices"
	"strings"
)

// Values is a set of states of one label: which values it may have, and whether it may be absent.
//
// The sets of values are finite ("one of") or have a finite complement ("none of"), so that Values are closed under
// intersection, union and complement. The zero value is empty: no state at all.
type Values struct {
	// absent says that a missing label is in the set.
	absent bool
	// not turns list into its complement.
	not bool
	// list is sorted and holds each value once.
	list []string
}

// In is the set of labels that are present with one of the values.
func In(values ...string) Values { return Values{list: sorted(values)} }

// NotIn is the set of labels that are absent or present with none of the values, as in Kubernetes and Calico.
func NotIn(values ...string) Values { return Values{absent: true, not: true, list: sorted(values)} }

// Exists is the set of labels that are present, whatever their value.
func Exists() Values { return Values{not: true} }

// Absent is the set that holds only the missing label.
func Absent() Values { return Values{absent: true} }

// Any is every state of a label.
func Any() Values { return Values{absent: true, not: true} }

func sorted(values []string) []string {
	out := slices.Clone(values)
	slices.Sort(out)
	return slices.Compact(out)
}

// MayBeAbsent reports whether a missing label is in the set.
func (v Values) MayBeAbsent() bool { return v.absent }

// Finite returns the values in the set and true, or the values that are not in it and false.
func (v Values) Finite() ([]string, bool) { return v.list, !v.not }

// IsEmpty reports whether no state is in the set.
func (v Values) IsEmpty() bool { return !v.absent && !v.not && len(v.list) == 0 }

// IsAny reports whether every state is in the set.
func (v Values) IsAny() bool { return v.absent && v.not && len(v.list) == 0 }

// Has reports whether a label with the value is in the set.
func (v Values) Has(value string) bool {
	_, found := slices.BinarySearch(v.list, value)
	return found != v.not
}

// Complement is every state that is not in the set.
func (v Values) Complement() Values {
	return Values{absent: !v.absent, not: !v.not, list: v.list}
}

// Intersect is the set of states that are in both.
func (v Values) Intersect(w Values) Values {
	out := Values{absent: v.absent && w.absent}
	switch {
	case v.not && w.not:
		out.not, out.list = true, sorted(append(slices.Clone(v.list), w.list...))
	case v.not:
		out.list = without(w.list, v.list)
	case w.not:
		out.list = without(v.list, w.list)
	default:
		out.list = slices.DeleteFunc(slices.Clone(v.list), func(s string) bool { return !w.Has(s) })
	}
	return out
}

// Union is the set of states that are in either.
func (v Values) Union(w Values) Values {
	return v.Complement().Intersect(w.Complement()).Complement()
}

// Within reports whether every state of v is in w.
func (v Values) Within(w Values) bool {
	switch {
	case v.absent && !w.absent, v.not && !w.not:
		return false
	case v.not:
		return contains(v.list, w.list)
	case w.not:
		return !slices.ContainsFunc(v.list, func(s string) bool { return !w.Has(s) })
	}
	return contains(w.list, v.list)
}

// contains reports whether a sorted list has everything that another has.
func contains(list, part []string) bool {
	if len(part) > len(list) {
		return false
	}
	for _, s := range part {
		i, found := slices.BinarySearch(list, s)
		if !found {
			return false
		}
		list = list[i+1:]
	}
	return true
}

// Equal reports whether both hold the same states.
func (v Values) Equal(w Values) bool {
	return v.absent == w.absent && v.not == w.not && slices.Equal(v.list, w.list)
}

func without(list, drop []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool {
		_, found := slices.BinarySearch(drop, s)
		return found
	})
}

// String is a compact form for messages and for comparing.
func (v Values) String() string {
	var b strings.Builder
	if v.not {
		b.WriteString("!")
	}
	b.WriteString("{" + strings.Join(v.list, ",") + "}")
	if v.absent {
		b.WriteString("?")
	}
	return b.String()
}
