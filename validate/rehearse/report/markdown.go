package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/policyferry/policyferry/validate/rehearse"
)

// pages is where the pages of the codes are shown.
const pages = "https://github.com/policyferry/policyferry/blob/main/docs/codes/"

// The most that is listed of each: GitHub takes 65,536 characters in a comment, and nobody reads as many.
const (
	markdownBlockers    = 20
	markdownDifferences = 10
	markdownObjects     = 5
)

// Markdown writes a summary for a pull request or a ticket.
func Markdown(w io.Writer, r *rehearse.Result) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "## Rehearsal of leaving for %s: %s\n\n", cniName(r.To), r.Verdict)
	for _, reason := range r.Reasons {
		fmt.Fprintf(out, "- %s\n", plain(reason.Text))
	}
	fmt.Fprintf(out, "\n| estate | verdict | policies | exact | rules exact | blockers | accepted | opens | closes |\n|---|---|---:|---:|---:|---:|---:|---:|---:|\n")
	for _, e := range r.Estates {
		last := e.History[len(e.History)-1]
		fmt.Fprintf(out, "| %s | %s | %d | %d%%%s | %d%% | %d | %d | %d | %d |\n", code(e.Name), e.Verdict, last.Policies,
			last.PolicyShare, change(e), last.RuleShare, last.Blockers, last.Accepted, last.Opens, last.Closes)
	}
	if r.Baseline {
		fmt.Fprintf(out, "\n%s new since the baseline.\n", are(r.New, "blocker"))
	}
	for _, f := range r.Findings {
		fmt.Fprintf(out, "\n- **%s** [%s](%s%s.md) %s: %s\n", f.Severity, f.Code, pages, f.Code, code(f.Position.String()), plain(f.Message))
	}
	for _, e := range r.Estates {
		estateMarkdown(out, e)
	}
	acceptances(out, r)
	fmt.Fprintf(out, "\n<sub>policyferry %s, %s</sub>\n", plain(r.Version), r.Time)
	return out.Flush()
}

func are(n int, one string) string {
	if n == 1 {
		return "1 " + one + " is"
	}
	return count(n, one) + " are"
}

// change is the change of the exact share since the run before.
func change(e *rehearse.Estate) string {
	if len(e.History) < 2 {
		return ""
	}
	switch d := e.History[len(e.History)-1].PolicyShare - e.History[len(e.History)-2].PolicyShare; {
	case d > 0:
		return fmt.Sprintf(" (+%d)", d)
	case d < 0:
		return fmt.Sprintf(" (%d)", d)
	}
	return ""
}

func estateMarkdown(out *bufio.Writer, e *rehearse.Estate) {
	fmt.Fprintf(out, "\n### %s: %s\n\nFrom %s %s to %s %s.\n\n| step | outcome | |\n|---|---|---|\n", code(e.Name), e.Verdict,
		cniName(e.Source.CNI), e.Source.Version, cniName(e.Target.CNI), e.Target.Version)
	for _, s := range e.Steps {
		fmt.Fprintf(out, "| %s | %s | %s |\n", s.Name, s.Outcome, plain(s.Text))
	}
	blockers(out, e)
	differences(out, e)
	if len(e.Moves) > 0 {
		fmt.Fprintf(out, "\nNot policy, and must move: %d objects and settings. The runbook lists what takes the place of each.\n", len(e.Moves))
	}
}

func blockers(out *bufio.Writer, e *rehearse.Estate) {
	if len(e.Blockers) == 0 {
		return
	}
	fmt.Fprintf(out, "\n| blocker | effect | findings | new | objects | way out |\n|---|---|---:|---:|---|---|\n")
	for i, b := range e.Blockers {
		if i == markdownBlockers {
			fmt.Fprintf(out, "\n%d more codes are in the JSON result.\n", len(e.Blockers)-i)
			break
		}
		way := ""
		if len(b.Ways) > 0 {
			way = plain(b.Ways[0])
		}
		fmt.Fprintf(out, "| [%s](%s%s.md) %s | %s | %d | %d | %s | %s |\n", b.Code, pages, b.Code, b.Name, b.Effect, b.Count, b.New, objects(b.Objects), way)
	}
}

func objects(names []string) string {
	var out []string
	for i, name := range names {
		if i == markdownObjects {
			out = append(out, fmt.Sprintf("%d more", len(names)-i))
			break
		}
		out = append(out, code(name))
	}
	return strings.Join(out, ", ")
}

func differences(out *bufio.Writer, e *rehearse.Estate) {
	if len(e.Differences) == 0 {
		return
	}
	fmt.Fprintf(out, "\n| connection | before | after | stands for |\n|---|---|---|---:|\n")
	for i, d := range e.Differences {
		if i == markdownDifferences {
			fmt.Fprintf(out, "\n%d more differences are in the JSON result.\n", len(e.Differences)-i+e.Omitted)
			return
		}
		fmt.Fprintf(out, "| %s (%s) | %s | %s | %s |\n", witness(d.Witness), d.Kind, judged(d.Before), judged(d.After), count(d.Pairs, "pair"))
	}
}

// witness is a connection, and what of it differs.
func witness(w rehearse.Witness) string {
	if w.Example == "" {
		return code(w.Text)
	}
	return code(w.Text) + ", such as " + code(w.Example)
}

// judged names the first rule that decided, and what passes where a proxy looks inside.
func judged(j rehearse.Judged) string {
	out := plain(j.Egress + ", " + j.Ingress)
	if len(j.By) > 0 {
		out = plain(j.By[0].What)
		if name := j.By[0].Policy; name != "" {
			out = code(name) + " " + out
		}
	}
	for _, when := range []*rehearse.Condition{j.EgressWhen, j.IngressWhen} {
		if when != nil {
			out += ", only " + plain(when.About) + " " + objects(when.AnyOf)
		}
	}
	return out
}

func acceptances(out *bufio.Writer, r *rehearse.Result) {
	if len(r.Acceptances) == 0 {
		return
	}
	fmt.Fprintf(out, "\n### Accepted\n\n| code | where | findings | until | reason |\n|---|---|---:|---|---|\n")
	for _, a := range r.Acceptances {
		where := strings.TrimSpace(a.Estate + " " + a.Object)
		if where == "" {
			where = "everywhere"
		}
		until := a.Until
		if a.Expired {
			until += " (expired)"
		}
		fmt.Fprintf(out, "| [%s](%s%s.md) | %s | %d | %s | %s |\n", a.Code, pages, a.Code, code(where), a.Accepted, until, plain(a.Reason))
	}
}

// plain keeps text from being read as Markdown or HTML.
func plain(text string) string {
	var out strings.Builder
	for _, r := range text {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			out.WriteByte(' ')
		case r == '<':
			out.WriteString("&lt;")
		case r == '>':
			out.WriteString("&gt;")
		case r == '&':
			out.WriteString("&amp;")
		case strings.ContainsRune("\\`*_[]|#~!@", r):
			out.WriteByte('\\')
			out.WriteRune(r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// code is text as code in a table. A longer run of backticks than any in the text holds it together.
func code(text string) string {
	text = strings.NewReplacer("\n", " ", "\r", " ", "|", "\\|").Replace(text)
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if fence != "`" {
		return fence + " " + text + " " + fence
	}
	return fence + text + fence
}
