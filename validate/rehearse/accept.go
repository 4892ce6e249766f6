package rehearse

import (
	"slices"
	"strings"
	"time"

	"github.com/policyferry/policyferry/translate/diag"
)

// dayForm is how days are written.
const dayForm = "2006-01-02"

// acceptancesAt says of each acceptance whether it still holds at a moment: until the end of its day, in UTC.
func acceptancesAt(given []Acceptance, now time.Time) []Acceptance {
	out := append([]Acceptance{}, given...)
	for i := range out {
		until, err := time.Parse(dayForm, out[i].Until)
		out[i].Expired = err != nil || !now.UTC().Before(until.AddDate(0, 0, 1))
		out[i].Accepted = 0
	}
	return out
}

// covers reports whether an acceptance is about a finding of an estate, expired or not.
func (a *Acceptance) covers(f *Finding, estate string) bool {
	return a.Code == f.Code && (a.Estate == "" || a.Estate == estate) && (a.Object == "" || a.Object == f.Object.String())
}

// accept looks for an acceptance of every finding that blocks. One that has expired accepts nothing, but is told so.
func (e *estate) accept() {
	for i := range e.Findings {
		f := &e.Findings[i]
		if !f.Blocks || f.ourFault() {
			continue
		}
		for n := range e.given {
			a := &e.given[n]
			if !a.covers(f, e.Name) {
				continue
			}
			a.Accepted++
			if !a.Expired {
				f.Acceptance = n + 1
				break
			}
		}
	}
}

// aboutAcceptances are the findings about acceptances that have expired or accept nothing.
func aboutAcceptances(given []Acceptance) []Finding {
	out := []Finding{}
	for _, a := range given {
		about := a.Code
		if a.Object != "" {
			about += " of " + a.Object
		}
		if a.Estate != "" {
			about += " in " + a.Estate
		}
		var f diag.Finding
		switch {
		case a.Accepted == 0:
			f = diag.AcceptanceUnused.At(a.Position, diag.Object{}, "", "the acceptance of %s accepts nothing", about).
				WithHint("take it away, so that it does not accept what comes later")
		case a.Expired:
			f = diag.AcceptanceExpired.At(a.Position, diag.Object{}, "", "the acceptance of %s has expired on %s, and %s in the way again",
				about, a.Until, stands(a.Accepted)).
				WithHint("mend what it accepts, or decide again and write a later day: %s", a.Reason)
		default:
			continue
		}
		out = append(out, newFinding(found{f, "acceptances"}))
	}
	fingerprint(out)
	return out
}

func stands(n int) string {
	if n == 1 {
		return "1 finding stands"
	}
	return plural(n, "finding") + " stand"
}

// acceptedIn counts the findings of an estate that are accepted, and gives the first day on which one of their
// acceptances ends.
func (e *estate) acceptedIn() (n int, next *Acceptance) {
	for _, f := range e.Findings {
		if f.Acceptance == 0 {
			continue
		}
		n++
		if a := &e.given[f.Acceptance-1]; next == nil || strings.Compare(a.Until, next.Until) < 0 {
			next = a
		}
	}
	return n, next
}

// ourFault reports whether a finding is a fault of policyferry, which nobody can accept.
func (f Finding) ourFault() bool { return strings.HasPrefix(f.Code, "PF9") }

// blocks reports whether a finding stands in the way of leaving.
func blocks(f diag.Finding) bool {
	return slices.Contains([]diag.Effect{diag.Narrows, diag.Opens, diag.Refused}, f.Effect())
}
