package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/lint"
)

// Text writes one line for each finding, as editors and CI systems recognise it, with the hint and the related places
// indented below, and then the scores.
func Text(w io.Writer, run *Run) error {
	out := bufio.NewWriter(w)
	paint := run.Paint
	if paint == nil {
		paint = diag.Severity.String
	}
	for _, f := range run.Findings {
		fmt.Fprintf(out, "%s: %s: %s (%s)\n", f.Pos, paint(f.Severity), f.Message, f.Code.ID)
		if f.Hint != "" {
			fmt.Fprintf(out, "  hint: %s\n", f.Hint)
		}
		if f.Fix != nil {
			fmt.Fprintf(out, "  fix: %s\n", fixLine(f.Fix))
		}
		for _, r := range f.Related {
			fmt.Fprintf(out, "  %s: %s\n", r.Pos, r.Message)
		}
	}
	scores := slices.DeleteFunc(slices.Clone(run.Portability), func(s lint.Score) bool {
		// Asked about both CNIs, a set of one of them has one place to go.
		return len(run.Portability) > 1 && lint.Total(s.Policies) == 0
	})
	for i := range scores {
		if len(run.Findings) > 0 || i > 0 {
			fmt.Fprintln(out)
		}
		score(out, &scores[i])
	}
	return out.Flush()
}

// score writes the paragraph about one place.
func score(w io.Writer, s *lint.Score) {
	policies, rules := lint.Total(s.Policies), lint.Total(s.Rules)
	if policies == 0 {
		fmt.Fprintf(w, "portable to %s: there is no policy to judge\n", s.To)
		return
	}
	fmt.Fprintf(w, "portable to %s: %d of %d policies (%d%%) and %d of %d rules (%d%%) exactly as they are\n", s.To,
		s.Policies[lint.Exact], policies, lint.Share(s.Policies), s.Rules[lint.Exact], rules, lint.Share(s.Rules))
	for _, line := range []struct {
		class lint.Class
		what  string
	}{{lint.NeedsFact, "depend on facts about the cluster"}, {lint.Narrows, "would be narrower"}, {lint.CannotLeave, "cannot be said there"}} {
		if n := s.Policies[line.class]; n > 0 {
			fmt.Fprintf(w, "  %d of the policies %s\n", n, line.what)
		}
	}
	facts := map[string]int{}
	for fact, n := range s.ByFact {
		facts[string(fact)] = n
	}
	list(w, "facts that would settle it", facts)
	codes := map[string]int{}
	for id, n := range s.ByCode {
		name := id
		if code, ok := diag.Lookup(id); ok {
			name += " " + code.Name
		}
		codes[name] = n
	}
	list(w, "in the way", codes)
	namespaces(w, s)
}

// list writes counts on one line, the largest first.
func list(w io.Writer, what string, counts map[string]int) {
	if len(counts) == 0 {
		return
	}
	fmt.Fprintf(w, "  %s: %s\n", what, strings.Join(inOrder(counts), ", "))
}

func inOrder(counts map[string]int) []string {
	keys := make([]string, 0, len(counts))
	for k := range counts {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(counts[b]-counts[a], strings.Compare(a, b)) })
	for i, k := range keys {
		keys[i] = fmt.Sprintf("%s (%d)", k, counts[k])
	}
	return keys
}

// namespaces names those that could not leave as a whole.
func namespaces(w io.Writer, s *lint.Score) {
	var left []string
	for ns, counts := range s.ByNamespace {
		if n := lint.Total(counts); counts[lint.Exact] < n {
			left = append(left, fmt.Sprintf("%s (%d of %d)", cmp.Or(ns, "cluster-wide"), n-counts[lint.Exact], n))
		}
	}
	if len(left) > 0 {
		slices.Sort(left)
		fmt.Fprintf(w, "  namespaces that stay in part: %s\n", strings.Join(left, ", "))
	}
}
