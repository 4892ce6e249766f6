package diag

import (
	"slices"
	"strings"
)

// List collects findings. The zero value is ready for use. It is not safe for concurrent use.
type List struct {
	findings []Finding
}

// Add appends a finding.
func (l *List) Add(f ...Finding) { l.findings = append(l.findings, f...) }

// Append adds all findings of another list.
func (l *List) Append(other List) { l.findings = append(l.findings, other.findings...) }

// Len is the number of findings.
func (l *List) Len() int { return len(l.findings) }

// All returns the findings in the order in which they were added. The slice must not be changed.
func (l *List) All() []Finding { return l.findings }

// Update changes the findings for which which is true, and returns how many they are.
func (l *List) Update(which func(*Finding) bool, change func(*Finding)) int {
	n := 0
	for i := range l.findings {
		if which(&l.findings[i]) {
			change(&l.findings[i])
			n++
		}
	}
	return n
}

// Sorted returns the findings ordered by position, code, path and message, each once.
// The order depends on nothing but the findings themselves (law 5).
func (l *List) Sorted() []Finding {
	out := slices.Clone(l.findings)
	slices.SortStableFunc(out, compare)
	return slices.CompactFunc(out, func(a, b Finding) bool { return compare(a, b) == 0 })
}

func compare(a, b Finding) int {
	if a.Pos != b.Pos {
		if a.Pos.Before(b.Pos) {
			return -1
		}
		return 1
	}
	return cmpOr(
		strings.Compare(a.Object.String(), b.Object.String()),
		strings.Compare(a.Code.ID, b.Code.ID),
		strings.Compare(a.Path, b.Path),
		strings.Compare(a.Message, b.Message),
	)
}

func cmpOr(results ...int) int {
	for _, r := range results {
		if r != 0 {
			return r
		}
	}
	return 0
}

// Worst returns the highest severity in the list, or Note when it is empty.
func (l *List) Worst() Severity {
	worst := Note
	for i := range l.findings {
		worst = max(worst, l.findings[i].Code.Severity)
	}
	return worst
}

// Has reports whether any finding has the effect.
func (l *List) Has(e Effect) bool {
	return slices.ContainsFunc(l.findings, func(f Finding) bool { return f.Effect() == e })
}
