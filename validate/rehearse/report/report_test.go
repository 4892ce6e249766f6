package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/rehearse"
)

// hostile is a name that tries to be something else in Markdown and HTML.
const hostile = "a`b|c<script>[x](y)\n# d"

func result() *rehearse.Result {
	e := &rehearse.Estate{
		Name: hostile, Verdict: rehearse.Blocked, Source: rehearse.Release{CNI: "cilium", Version: "1.20.1"}, Target: rehearse.Release{CNI: "calico", Version: "3.31.0"},
		Steps:    []rehearse.Step{{Name: "verify", Outcome: rehearse.Differs, Text: hostile}},
		Blockers: []rehearse.Blocker{{Code: "PF2002", Name: "fqdn", Effect: "narrows", Count: 7, New: 2, Objects: []string{hostile, "b", "c", "d", "e", "f"}, Ways: []string{hostile}}},
		Differences: []rehearse.Difference{{Kind: "closes", Witness: rehearse.Witness{Text: hostile, Example: hostile}, Pairs: 2,
			Before: rehearse.Judged{By: []rehearse.JudgeStep{{Policy: hostile, What: hostile}}}, After: rehearse.Judged{Egress: "deny", Ingress: "none", IngressWhen: &rehearse.Condition{About: "HTTP requests", AnyOf: []string{hostile}}}}},
		Moves:   []rehearse.Move{{Topic: "bgp", What: hostile, Position: diag.Position{File: hostile}, Lost: hostile}},
		History: []rehearse.Entry{{PolicyShare: 70, Time: "2026-11-01T06:00:00Z"}, {Policies: 9, PolicyShare: 75, RuleShare: 80, Blockers: 7, Closes: 1}},
		Runbook: &rehearse.Runbook{
			Title:  hostile,
			Steps:  []rehearse.RunbookStep{{Title: "Apply", Text: hostile, Safe: hostile, Commands: []string{"kubectl ```x"}, Phase: 1}},
			Window: &rehearse.Window{From: 1, Until: 2, Text: hostile, Who: []string{hostile}, Omitted: 3, Witness: &rehearse.Witness{Text: hostile, Example: hostile}},
			Phases: []rehearse.Phase{
				{Name: "apply", Safe: true, States: 3, Changes: []rehearse.Change{{Action: "apply", Object: diag.Object{Kind: "Tier", Name: hostile}, Batch: 1, Text: "a: |\n  ```\n"}}},
				{Name: "delete", Safe: true, Inert: true},
				{Name: "enforced", Problem: &rehearse.Problem{After: 2, Kind: "opens", Witness: rehearse.Witness{Text: hostile, Example: "GET /items"}, Way: hostile}},
			},
		},
	}
	return &rehearse.Result{
		Version: "0.1", Time: "2026-12-01T06:00:00Z", To: "calico", Verdict: rehearse.Blocked, Baseline: true, New: 2,
		Reasons: []rehearse.Reason{{Text: hostile}}, Estates: []*rehearse.Estate{e},
		Findings:    []rehearse.Finding{{Code: "PF5041", Severity: "error", Message: hostile, Position: diag.Position{File: hostile}}},
		Acceptances: []rehearse.Acceptance{{Code: "PF2001", Object: hostile, Until: "2026-11-01", Reason: hostile, Expired: true}},
	}
}

// TestHostileNames: what comes from the snapshot is text wherever it is shown, and breaks no line of a table.
func TestHostileNames(t *testing.T) {
	for name, write := range map[string]func(*bytes.Buffer) error{
		"markdown": func(b *bytes.Buffer) error { return Markdown(b, result()) },
		"runbook":  func(b *bytes.Buffer) error { return Runbook(b, result()) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		for line := range strings.Lines(text) {
			outside := withoutCode(line)
			for _, bad := range []string{"<script>", "[x](y)"} {
				if strings.Contains(outside, bad) {
					t.Errorf("%s: %q is markup in %s", name, bad, line)
				}
			}
			if strings.HasPrefix(line, "# d") {
				t.Errorf("%s: a name begins a line", name)
			}
		}
	}
}

// withoutCode takes code spans away.
func withoutCode(line string) string {
	var out strings.Builder
	for line != "" {
		i := strings.IndexByte(line, '`')
		if i < 0 {
			out.WriteString(line)
			break
		}
		if i > 0 && line[i-1] == '\\' {
			out.WriteString(line[:i+1])
			line = line[i+1:]
			continue
		}
		out.WriteString(line[:i])
		fence := line[i : i+len(line[i:])-len(strings.TrimLeft(line[i:], "`"))]
		rest := line[i+len(fence):]
		j := strings.Index(rest, fence)
		if j < 0 {
			out.WriteString(rest)
			break
		}
		line = rest[j+len(fence):]
	}
	return out.String()
}

func TestMarkdown(t *testing.T) {
	var b bytes.Buffer
	if err := Markdown(&b, result()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"## Rehearsal of leaving for Calico: blocked", "| 75% (+5) | 80% | 7 |", "2 blockers are new since the baseline", "1 more |",
		"2026-11-01 (expired)", "docs/codes/PF2002.md", "deny, none, only HTTP requests ", "(closes)", ", such as ``",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestRunbook(t *testing.T) {
	var b bytes.Buffer
	if err := Runbook(&b, result()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Do not begin before it is not", "- [ ] [PF2002]", "## 1. Apply", "````sh\nkubectl ```x\n````", "- and 3 more", "Judged at every state on the way, 3",
		"Whatever the order", ", such as `GET /items`: it is allowed", "**No safe order was found.** After 2 changes", "````yaml", "<a id=\"order-1\">", "[below](#order-1)",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	r := result()
	r.Estates[0].Runbook = nil
	b.Reset()
	if err := Runbook(&b, r); err != nil || !strings.Contains(b.String(), "There is no runbook") {
		t.Errorf("%v: %s", err, b.String())
	}
}

func TestText(t *testing.T) {
	r := result()
	r.Estates = append(r.Estates, r.Estates[0])
	var b bytes.Buffer
	if err := Text(&b, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"estate ", "75%", "up from 70% on 2026-11-01", "blocker PF2002 fqdn, narrows: 7 findings in 6 objects", "2 of the blockers are new", "denies, for one        a`b|c", ", such as a`b"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}
