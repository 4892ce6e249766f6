package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
)

// printFindings writes findings as text, grouped by object, each with its hint.
func printFindings(w io.Writer, findings []diag.Finding) {
	paint := painter(w)
	var last string
	for _, f := range findings {
		if group := f.Object.String(); f.Object != (diag.Object{}) && group != last {
			fmt.Fprintf(w, "%s\n", paint.bold(group))
			last = group
		}
		fmt.Fprintf(w, "%s: %s: %s (%s, %s)\n", f.Pos, paint.severity(f.Code.Severity), f.Message, f.Code.ID, f.Effect())
		if f.Hint != "" {
			fmt.Fprintf(w, "    hint: %s\n", f.Hint)
		}
		for _, r := range f.Related {
			fmt.Fprintf(w, "    %s: %s\n", r.Pos, r.Message)
		}
	}
}

// printSummary writes the one line that says what became of the objects and, of what is written, what it relies on.
func printSummary(w io.Writer, r *translate.Result, written bool) {
	s := r.Summary()
	parts := []string{plural(s.Read, "object") + " read", fmt.Sprintf("%d carried exactly", s.Exact) + partly(s.PartlyInert)}
	for _, p := range []struct {
		n    int
		what string
	}{{s.Narrowed, "narrowed"}, {s.Opened, opens(s.Opened, written)}, {s.Inert, "without effect"}, {s.Refused, "refused"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	count := s.Written
	if !written {
		count = 0
	}
	fmt.Fprintf(w, "policyferry: %s; %s for %s written", strings.Join(parts, ", "), plural(count, "object"), r.Target)
	if s.PassedOver > 0 {
		fmt.Fprintf(w, "; passed over: %s", kindCounts(r.PassedOver))
	}
	fmt.Fprintln(w)
	for _, release := range []compat.Release{r.Source, r.Target} {
		if latest := compat.Latest(release.CNI); release.Version.AtLeast(latest.Version.Major, latest.Version.Minor+1) {
			fmt.Fprintf(w, "%s is later than any release that is known, and is taken to be like %s\n", release, latest)
		}
	}
	if !written {
		return
	}
	if len(r.Relied) > 0 {
		texts := make([]string, 0, len(r.Relied))
		for _, fact := range r.Relied {
			text := r.Facts.Text(fact)
			if text == "" {
				text = "not given"
			}
			texts = append(texts, fmt.Sprintf("%s: %s", fact, text))
		}
		fmt.Fprintf(w, "relied on: %s\n", strings.Join(texts, "; "))
	}
	fmt.Fprintln(w, "the verdicts hold if the input was every policy that the source CNI enforces")
}

// partly says of how many objects a part has no effect.
func partly(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d in part without effect)", n)
}

// opens says what becomes of objects that open: what is written was accepted.
func opens(n int, written bool) string {
	switch {
	case !written:
		return "would open"
	case n == 1:
		return "opens as accepted"
	}
	return "open as accepted"
}

func kindCounts(counts map[string]int) string {
	kinds := make([]string, 0, len(counts))
	for k := range counts {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	for i, k := range kinds {
		kinds[i] = fmt.Sprintf("%d %s", counts[k], k)
	}
	return strings.Join(kinds, ", ")
}
