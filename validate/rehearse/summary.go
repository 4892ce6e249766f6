package rehearse

import (
	"fmt"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate"
	"github.com/policyferry/policyferry/translate/diag"
)

func summaryOf(r *translate.Result) Summary {
	s := r.Summary()
	return Summary{Read: s.Read, Exact: s.Exact, PartlyInert: s.PartlyInert, Narrowed: s.Narrowed, Opened: s.Opened,
		Inert: s.Inert, Refused: s.Refused, Written: s.Written}
}

// translated is the outcome of a translation.
func translated(s Summary) Outcome {
	switch {
	case s.Read == 0:
		return Skipped
	case s.Refused+s.Opened > 0:
		return Failed
	case s.Narrowed > 0:
		return Differs
	}
	return Passed
}

func (s Summary) text(target string) string {
	parts := []string{fmt.Sprintf("%d of %s exactly", s.Exact, plural(s.Read, "object"))}
	if s.PartlyInert > 0 {
		parts[0] += fmt.Sprintf(" (%d in part without effect)", s.PartlyInert)
	}
	for _, p := range []struct {
		n    int
		what string
	}{{s.Narrowed, "narrowed"}, {s.Opened - s.OpenedAccepted, "would open"}, {s.OpenedAccepted, s.OpensAsAccepted()},
		{s.Inert, "without effect"}, {s.Refused, "refused"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	return fmt.Sprintf("%s; %s for %s", strings.Join(parts, ", "), plural(s.Written, "object"), target)
}

// OpensAsAccepted are the words for objects that open and are accepted.
func (s Summary) OpensAsAccepted() string {
	if s.OpenedAccepted == 1 {
		return "opens as accepted"
	}
	return "open as accepted"
}

// summarize tells the step of the translation again, once it is known what of it is accepted: what is accepted opens, and
// does not only threaten to, and a translation in which nothing else stands in the way has not failed.
func (e *estate) summarize() {
	left := map[diag.Object]bool{}
	failed := false
	for _, f := range e.Findings {
		if f.Step != stepTranslate || f.Effect != string(diag.Opens) && f.Effect != string(diag.Refused) {
			continue
		}
		failed = failed || f.Acceptance == 0
		left[f.Object] = left[f.Object] || f.Acceptance == 0
	}
	for _, o := range e.forward.Objects {
		if o.Effect == diag.Opens && !left[o.Object] {
			e.Summary.OpenedAccepted++
		}
	}
	step := &e.Steps[slices.IndexFunc(e.Steps, func(s Step) bool { return s.Name == stepTranslate })]
	step.Text = e.Summary.text(e.forward.Target.Name())
	if step.Outcome == Failed && !failed {
		step.Outcome = Differs
	}
}
