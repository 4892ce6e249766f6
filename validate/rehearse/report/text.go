// Package report writes a rehearsal down for people: on a terminal, in a pull request or ticket, and as a runbook.
package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"

	"github.com/policyferry/policyferry/validate/rehearse"
)

// Text writes the verdict, its reasons and the steps, with the blockers of every estate.
func Text(w io.Writer, r *rehearse.Result) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "rehearsal of leaving for %s: %s\n", cniName(r.To), r.Verdict)
	for _, reason := range r.Reasons {
		fmt.Fprintf(out, "  %s\n", reason.Text)
	}
	if len(r.Estates) > 1 {
		table(out, r)
	}
	for _, e := range r.Estates {
		estateText(out, e)
	}
	if r.Baseline {
		fmt.Fprintf(out, "\n%d of the blockers are new since the baseline\n", r.New)
	}
	return out.Flush()
}

func cniName(cni string) string {
	if cni == "calico" {
		return "Calico"
	}
	return "Cilium"
}

// table has a row for each estate.
func table(out *bufio.Writer, r *rehearse.Result) {
	fmt.Fprintf(out, "\n%-20s %-32s %9s %6s %9s %9s %6s %6s\n", "estate", "verdict", "policies", "exact", "blockers", "accepted", "opens", "closes")
	for _, e := range r.Estates {
		last := e.History[len(e.History)-1]
		fmt.Fprintf(out, "%-20s %-32s %9d %5d%% %9d %9d %6d %6d\n", e.Name, e.Verdict, last.Policies, last.PolicyShare, last.Blockers, last.Accepted, last.Opens, last.Closes)
	}
}

func estateText(out *bufio.Writer, e *rehearse.Estate) {
	fmt.Fprintf(out, "\n%s: %s, from %s %s to %s %s\n", e.Name, e.Verdict, cniName(e.Source.CNI), e.Source.Version, cniName(e.Target.CNI), e.Target.Version)
	for _, s := range e.Steps {
		fmt.Fprintf(out, "  %-22s %-8s %s\n", s.Name, s.Outcome, s.Text)
	}
	fmt.Fprintf(out, "  %-22s %d%% of the policies and %d%% of the rules could leave exactly%s\n", "score", e.Score.PolicyShare, e.Score.RuleShare, trend(e))
	differencesText(out, e)
	for _, b := range e.Blockers {
		where := ""
		if len(b.Objects) > 0 {
			where = " in " + count(len(b.Objects), "object")
		}
		fmt.Fprintf(out, "  blocker %s %s, %s: %s%s\n", b.Code, b.Name, b.Effect, count(b.Count, "finding"), where)
		for _, way := range b.Ways {
			fmt.Fprintf(out, "    hint: %s\n", way)
		}
	}
}

// differencesText shows the gravest difference of each kind.
func differencesText(out *bufio.Writer, e *rehearse.Estate) {
	for _, kind := range []struct{ name, text string }{{"opens", "allows, for one"}, {"closes", "denies, for one"}, {"unknown", "not known, for one"}} {
		i := slices.IndexFunc(e.Differences, func(d rehearse.Difference) bool { return d.Kind == kind.name })
		if i >= 0 {
			fmt.Fprintf(out, "  %-22s %s\n", kind.text, e.Differences[i].Witness)
		}
	}
}

// trend compares with the run before.
func trend(e *rehearse.Estate) string {
	if len(e.History) < 2 {
		return ""
	}
	before, now := e.History[len(e.History)-2], e.History[len(e.History)-1]
	switch d := now.PolicyShare - before.PolicyShare; {
	case d > 0:
		return fmt.Sprintf(", up from %d%% on %.10s", before.PolicyShare, before.Time)
	case d < 0:
		return fmt.Sprintf(", down from %d%% on %.10s", before.PolicyShare, before.Time)
	}
	return fmt.Sprintf(", as on %.10s", before.Time)
}

func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
