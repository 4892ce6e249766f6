package page

import (
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/rehearse"
)

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"accepted":  accepted,
	"at":        func(n int, e *rehearse.Estate) numbered { return numbered{e, n} },
	"bar":       barOf,
	"chart":     chartOf,
	"cni":       cniName,
	"day":       day,
	"first":     firstOf,
	"half":      func(f float64) float64 { return f / 2 },
	"inc":       func(n int) int { return n + 1 },
	"mark":      mark,
	"moment":    moment,
	"number":    number,
	"plural":    plural,
	"records":   records,
	"roundTrip": roundTrip,
	"ruleOf":    func(n int, s rehearse.JudgeStep) ruled { return ruled{s, n} },
	"shellText": func(lines []string) string { return strings.Join(lines, "\n") },
	"shownIn":   shownIn,
	"sub":       func(a, b int) int { return a - b },
	"total":     func(s *rehearse.Replay, kind string) uint64 { return s.Totals[kind] },
	"word":      word,
}).ParseFS(files, "templates/*.html"))

// numbered is an estate with its place in the run, which makes the names of its parts unique in the page.
type numbered struct {
	*rehearse.Estate
	N int
}

// ruled is a rule, or a default, in an estate.
type ruled struct {
	rehearse.JudgeStep
	n int
}

// Name is the rule's; empty for a default.
func (r ruled) Name() string { return strings.TrimSpace(r.Policy + " " + r.Path) }

// Output reports whether the rule is one of the output, of which nobody has a file.
func (r ruled) Output() bool { return r.At != nil && r.At.Side == "output" }

// Anchor names the line of the rule, as the script does.
func (r ruled) Anchor() string {
	return fmt.Sprintf("line-%d-%d-%.1s%d", r.n, r.At.Policy, r.At.Side, r.At.Line)
}

// cniName writes a CNI as its makers do.
func cniName(cni string) string {
	switch compat.CNI(cni) {
	case compat.Calico:
		return "Calico"
	case compat.Cilium:
		return "Cilium"
	}
	return cni
}

// roundTrip is what comes back beside the source.
func roundTrip(answer string) string {
	switch answer {
	case "equivalent":
		return "is equivalent to the source"
	case "less":
		return "allows less than the source"
	case "more":
		return "allows more than the source"
	case "incomparable":
		return "allows more and less than the source"
	}
	return "may not be the same as the source"
}

// link leads to a part of an estate.
type link struct{ Part, Text string }

// shownIn is where findings are shown that are about no object; nil if nowhere.
func shownIn(code string) *link {
	switch code {
	case diag.FlowDropped.ID, diag.FlowForwarded.ID, diag.FlowsNotJudged.ID:
		return &link{"replay", "show the flows"}
	case diag.NotProved.ID:
		return &link{"matrix", "show the connections"}
	case diag.Between.ID:
		return &link{"runbook", "show the runbook"}
	}
	return nil
}

// mark is a sign beside a word, so that colour is never all that tells verdicts and outcomes apart.
func mark(of any) string {
	switch fmt.Sprint(of) {
	case string(rehearse.Ready), "passed", "exact", "same":
		return "✓"
	case string(rehearse.ReadyAccepted), "narrows", "closes", "would-drop":
		return "−"
	case "opens", "would-forward":
		return "+"
	case string(rehearse.Blocked), "failed", "refused":
		return "×"
	case "differs":
		return "≠"
	}
	return "?"
}

// word makes a class name of a verdict.
func word(of any) string { return strings.ReplaceAll(fmt.Sprint(of), " ", "-") }

// accepted are the findings that an acceptance lets stand.
func accepted(e *rehearse.Estate) int {
	n := 0
	for _, f := range e.Findings {
		if f.Acceptance > 0 {
			n++
		}
	}
	return n
}

// records says what logs hold, the connections first.
func records(by map[string]uint64) string {
	var out []string
	for _, kind := range slices.Sorted(maps.Keys(by)) {
		if n := by[kind]; n > 0 && kind != "connection" {
			out = append(out, number(n)+" "+kind)
		}
	}
	return strings.Join(append([]string{plural(by["connection"], "record") + " of connections"}, out...), "; ") + "."
}

// firstOf cuts a list for showing.
func firstOf(n int, list []string) []string { return list[:min(n, len(list))] }

func moment(text string) string {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return text
	}
	return t.UTC().Format("2 January 2006, 15:04 UTC")
}

func day(text string) string {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return text
	}
	return t.UTC().Format("2 Jan 2006")
}

// number groups the digits of large numbers.
func number(of any) string {
	text := fmt.Sprint(of)
	if f, ok := of.(float64); ok {
		text = strconv.FormatFloat(f, 'f', 0, 64)
	}
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "\u202f" + text[i:] // a narrow space that does not break
	}
	return text
}

func plural(of any, one string) string {
	if text := fmt.Sprint(of); text == "1" {
		return "1 " + one
	}
	if strings.HasSuffix(one, "ss") {
		one += "e"
	}
	return number(of) + " " + one + "s"
}

// part is a piece of a bar, in hundredths of its length.
type part struct {
	Class, Name string
	Count       int
	At, Width   float64
}

// barOf divides a bar by what became of the objects.
func barOf(s rehearse.Summary) []part {
	exactly := "carried exactly"
	if s.PartlyInert > 0 {
		exactly += fmt.Sprintf(", %d in part without effect", s.PartlyInert)
	}
	parts := []part{{"exact", exactly, s.Exact, 0, 0}, {"inert", "without effect", s.Inert, 0, 0}, {"narrows", "narrowed", s.Narrowed, 0, 0},
		{"accepted", s.OpensAsAccepted(), s.OpenedAccepted, 0, 0}, {"opens", "would open", s.Opened - s.OpenedAccepted, 0, 0}, {"refused", "refused", s.Refused, 0, 0}}
	all := s.Exact + s.Inert + s.Narrowed + s.Opened + s.Refused
	var out []part
	at := 0.0
	for _, p := range parts {
		if p.Count == 0 {
			continue
		}
		p.At, p.Width = at, 100*float64(p.Count)/float64(all)
		at += p.Width
		out = append(out, p)
	}
	return out
}
