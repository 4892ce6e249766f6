// Package mend writes the fixes that lint proposes into the texts, and only those that may stand there: an edit must
// do to the object what its fix says, and unless it was asked to change what is enforced, the set before and the set
// after must be equivalent under the CNI that enforces them (validate/equiv).
package mend

import (
	"fmt"
	"slices"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/lint"
	"github.com/policyferry/policyferry/validate/lint/edit"
)

// Options says what may be written.
type Options struct {
	// Unsafe takes in fixes that change what is enforced.
	Unsafe bool
	// Cluster and DefaultNamespace are those that lint had.
	Cluster          []*source.Document
	DefaultNamespace string
}

// Outcome is what became of a fix.
type Outcome struct {
	Finding lint.Finding
	// Refused says why the fix is not made; empty if it is.
	Refused string
	// Answer is what a fix that is no equivalence does to what is allowed: less, more, incomparable. It is empty for a
	// proven equivalence.
	Answer string
}

// Result is what was mended.
type Result struct {
	// Texts are the new texts of the files that change.
	Texts map[string][]byte
	// Outcomes are those of all fixes that were tried, in the order of the findings.
	Outcomes []Outcome
	// Synthetic says that the proofs are for a cluster that is made of what the policies name.
	Synthetic bool
}

// Run makes the fixes of the findings. The set must be the one that was linted, with its texts.
func Run(set *source.Set, problems diag.List, linted *lint.Result, opt Options) (*Result, error) {
	m := &mender{set: set, opt: opt, sets: linted.Sets, unreadable: map[string]bool{}, out: &Result{Texts: map[string][]byte{}}}
	for _, p := range problems.All() {
		if p.Code.Severity == diag.Error {
			m.unreadable[p.Pos.File] = true
		}
	}
	var safe, unsafe []*work
	for i := range linted.Findings {
		f := linted.Findings[i]
		if f.Fix == nil || f.Fix.Unsafe != "" && !opt.Unsafe {
			continue
		}
		w := &work{Outcome: Outcome{Finding: f}}
		m.works = append(m.works, w)
		switch {
		case m.unreadable[f.Pos.File]:
			w.Refused = "parts of the file cannot be read"
		case m.meets(w):
			w.Refused = meets
		case f.Fix.Unsafe != "":
			unsafe = append(unsafe, w)
		default:
			safe = append(safe, w)
		}
	}
	for _, group := range m.groups(safe) {
		m.settle(group, nil)
	}
	for _, w := range unsafe {
		m.force(w)
	}
	return m.result()
}

// meets is why a fix has to wait for the next pass.
const meets = "another fix changes the same text"

// work is a fix that is tried.
type work struct {
	Outcome
	made bool
}

type mender struct {
	set        *source.Set
	opt        Options
	sets       []lint.PolicySet
	unreadable map[string]bool
	works      []*work
	out        *Result
}

// meets reports whether an earlier fix changes the same text.
func (m *mender) meets(w *work) bool {
	for _, other := range m.works {
		if other == w || other.Refused != "" || other.Finding.Pos.File != w.Finding.Pos.File {
			continue
		}
		for _, a := range other.Finding.Fix.Edits {
			if slices.ContainsFunc(w.Finding.Fix.Edits, func(b edit.Edit) bool { return edit.Meet(a, b) }) {
				return true
			}
		}
	}
	return false
}

// made are the fixes that are settled on.
func (m *mender) made() []*work {
	return slices.DeleteFunc(slices.Clone(m.works), func(w *work) bool { return !w.made })
}

// result writes the texts.
func (m *mender) result() (*Result, error) {
	after, err := m.edited(m.made())
	if err != nil {
		return nil, fmt.Errorf("the edits were sound one by one: %w", err)
	}
	m.out.Texts = after.texts
	for _, w := range m.works {
		m.out.Outcomes = append(m.out.Outcomes, w.Outcome)
	}
	return m.out, nil
}

// Waits reports whether a fix was only left for another pass.
func (o Outcome) Waits() bool { return o.Refused == meets }
