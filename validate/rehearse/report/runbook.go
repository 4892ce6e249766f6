package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/policyferry/policyferry/validate/rehearse"
)

// Runbook writes the way out of every estate.
func Runbook(w io.Writer, r *rehearse.Result) error {
	out := bufio.NewWriter(w)
	for i, e := range r.Estates {
		if i > 0 {
			fmt.Fprintf(out, "\n---\n\n")
		}
		estateRunbook(out, r, e)
	}
	return out.Flush()
}

func estateRunbook(out *bufio.Writer, r *rehearse.Result, e *rehearse.Estate) {
	if e.Runbook == nil {
		fmt.Fprintf(out, "# %s\n\nThere is no runbook: %s.\n", plain(e.Name), e.Verdict)
		return
	}
	fmt.Fprintf(out, "# %s\n\nRehearsed %s by policyferry %s. The verdict is **%s**.\n", plain(e.Runbook.Title), r.Time, plain(r.Version), e.Verdict)
	if e.Verdict == rehearse.Blocked {
		fmt.Fprintf(out, "Do not begin before it is not: what stands in the way is listed first.\n\n")
		for _, b := range e.Blockers {
			fmt.Fprintf(out, "- [ ] [%s](%s%s.md) %s, %s: %s", b.Code, pages, b.Code, b.Name, b.Effect, count(b.Count, "finding"))
			if len(b.Objects) > 0 {
				fmt.Fprintf(out, " in %s", objects(b.Objects))
			}
			fmt.Fprintln(out)
		}
	}
	fmt.Fprintf(out, "\nTwo clusters side by side need none of this: apply the policies to the new one before its first pod, and move the\nworkloads. What follows moves one cluster, node by node.\n")
	for i, s := range e.Runbook.Steps {
		runbookStep(out, i+1, s)
	}
	window(out, e.Runbook.Window)
	moves(out, e.Moves)
	for i, p := range e.Runbook.Phases {
		phase(out, i+1, p)
	}
}

func runbookStep(out *bufio.Writer, n int, s rehearse.RunbookStep) {
	fmt.Fprintf(out, "\n## %d. %s\n\n%s\n\n**Meanwhile:** %s\n", n, plain(s.Title), plain(s.Text), plain(s.Safe))
	if s.Phase > 0 {
		fmt.Fprintf(out, "\nThe order is [below](#order-%d).\n", s.Phase)
	}
	for _, list := range []struct {
		title string
		lines []string
	}{{"Do", s.Commands}, {"Check", s.Checks}, {"Go back", s.Rollback}} {
		if len(list.lines) > 0 {
			fmt.Fprintf(out, "\n%s:\n\n%s\n", list.title, block(strings.Join(list.lines, "\n"), "sh"))
		}
	}
}

// block is a fenced block, with a fence that is in no line of the text.
func block(text, language string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + language + "\n" + strings.TrimSuffix(text, "\n") + "\n" + fence
}

func window(out *bufio.Writer, w *rehearse.Window) {
	fmt.Fprintf(out, "\n## The open window\n\n")
	if w == nil {
		fmt.Fprintf(out, "There is none: nothing is denied today that would be allowed without any policy.\n")
		return
	}
	fmt.Fprintf(out, "%s\n", plain(w.Text))
	if w.Witness != nil {
		fmt.Fprintf(out, "\nFor example %s, which both ends deny, is allowed in it.\n", witness(*w.Witness))
	}
	if len(w.Who) == 0 {
		return
	}
	fmt.Fprintf(out, "\nThose who are protected today:\n\n")
	for _, name := range w.Who {
		fmt.Fprintf(out, "- %s\n", code(name))
	}
	if w.Omitted > 0 {
		fmt.Fprintf(out, "- and %d more\n", w.Omitted)
	}
}

func moves(out *bufio.Writer, list []rehearse.Move) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(out, "\n## What is not policy\n\n| topic | what | takes its place | is lost |\n|---|---|---|---|\n")
	for _, m := range list {
		fmt.Fprintf(out, "| %s | %s (%s) | %s | %s |\n", m.Topic, code(m.What), code(m.Position.String()), orDash(m.Counterpart), orDash(m.Lost))
	}
}

func orDash(text string) string {
	if text == "" {
		return "–"
	}
	return plain(text)
}

// extent says which states were judged.
func extent(p rehearse.Phase) string {
	if p.Together {
		return fmt.Sprintf("Judged at %s, not at every one", count(p.States, "state"))
	}
	return fmt.Sprintf("Judged at every state on the way, %d", p.States)
}

func phase(out *bufio.Writer, n int, p rehearse.Phase) {
	fmt.Fprintf(out, "\n## Order %d: %s\n<a id=\"order-%d\"></a>\n\n%s\n\n", n, plain(p.Name), n, plain(p.Text))
	switch {
	case p.Inert && p.Safe:
		fmt.Fprintf(out, "Whatever the order, no state on the way differs from both ends.\n")
	case p.Safe:
		fmt.Fprintf(out, "%s: each allows nothing that both ends deny, and denies nothing that both ends allow.\n", extent(p))
	default:
		fmt.Fprintf(out, "**No safe order was found.** After %s of the order below, %s: it %s. What to do: %s.\n", count(p.Problem.After, "change"),
			witness(p.Problem.Witness), map[string]string{"opens": "is allowed, and both ends deny it", "closes": "is denied, and both ends allow it", "unjudged": "fares in a way that no judge can tell"}[p.Problem.Kind],
			plain(p.Problem.Way))
	}
	if len(p.Changes) == 0 {
		fmt.Fprintf(out, "\nThere is nothing to change.\n")
		return
	}
	if !p.Inert {
		fmt.Fprintf(out, "\nA state is judged as if every node knew it at the same moment. Nodes learn of a change within seconds of each other,\nand of changes of several kinds in no order that is promised: ")
		fmt.Fprintf(out, "make one after the other, and wait a few seconds between.\n")
	}
	if p.Together {
		fmt.Fprintf(out, "\nChanges with one number under *together* are made by one command: so many concern the same pods that the states\nbetween them were not judged.\n")
	}
	fmt.Fprintf(out, "\n| | together | change |\n|---:|---:|---|\n")
	for i, c := range p.Changes {
		fmt.Fprintf(out, "| %d | %d | %s %s |\n", i+1, c.Batch, c.Action, code(c.Object.String()))
	}
	for _, c := range p.Changes {
		if c.Text != "" {
			fmt.Fprintf(out, "\n%s is in no set, and is there only meanwhile:\n\n%s\n", code(c.Object.String()), block(c.Text, "yaml"))
		}
	}
}
