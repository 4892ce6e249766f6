package page

import (
	"fmt"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/rehearse"
)

// sample is a small result in which every part of the page has something to show; text stands wherever a snapshot has
// a say.
func sample(text string) *rehearse.Result {
	object := diag.Object{APIVersion: "projectcalico.org/v3", Kind: "NetworkPolicy", Namespace: "shop", Name: text}
	pos := diag.Position{File: text + ".yaml", Line: 3, Column: 5}
	judged := rehearse.Judged{Egress: "allow", Ingress: "deny", Why: text, By: []rehearse.JudgeStep{
		{End: "ingress", Policy: object.String(), Path: text, Where: pos.String(), What: object.String() + " denies " + text, At: &rehearse.Place{Side: "source", Line: 4}},
		{End: "egress", What: "allowed: " + text}}}
	after := rehearse.Judged{Egress: "allow", Ingress: "unknown", Why: text, IngressWhen: &rehearse.Condition{About: text, AnyOf: []string{text}}, By: []rehearse.JudgeStep{
		{End: "ingress", Policy: object.String(), Path: text, Where: "output:1:1", What: "allows " + text, At: &rehearse.Place{Side: "output", Line: 2}}}}
	witness := rehearse.Witness{Text: text + " → shop/db tcp/80", From: text, To: "shop/db", Traffic: "tcp/80", Example: "GET /" + text}
	entry := rehearse.Entry{Time: "2026-11-01T06:00:00Z", Version: text, Verdict: rehearse.Blocked, Policies: 4, PolicyShare: 50, RuleShare: 60, Blockers: 3}
	later := entry
	later.Time, later.PolicyShare, later.Blockers = "2026-11-08T06:00:00Z", 75, 1
	e := &rehearse.Estate{
		Name: text, Path: text, Verdict: rehearse.Blocked, Reasons: []rehearse.Reason{{Text: text, Estate: text, Code: "PF2013"}},
		Source: rehearse.Release{CNI: "calico", Version: "3.31.0", Stated: true}, Target: rehearse.Release{CNI: "cilium", Version: "1.20.1"},
		Synthetic: true, Summary: rehearse.Summary{Read: 4, Exact: 1, Narrowed: 1, Opened: 1, Refused: 1, Written: 2},
		Steps:       []rehearse.Step{{Name: "translate", Outcome: rehearse.Failed, Text: text}},
		Score:       rehearse.Score{Policies: map[string]int{"exact": 1}, Rules: map[string]int{"exact": 1}, PolicyShare: 75, RuleShare: 60, Namespaces: []rehearse.NamespaceScore{{Namespace: text, Policies: map[string]int{"exact": 1}}, {Namespace: "", Policies: map[string]int{"narrows": 1}}}},
		Policies:    []rehearse.Policy{{Effect: "opens", Sources: []rehearse.Text{{Object: object, Position: &pos, Text: "kind: " + text + "\nspec:\n  ingress:\n  - action: Deny\n    " + text + ": " + text + "\n  - action: Allow\n"}}, Outputs: []rehearse.Text{{Object: object, Text: "spec:\n  c: " + text + "\n", From: []diag.Object{object}}}, Findings: []int{0}, Aligned: [][2]int{{2, 1}}}},
		Findings:    []rehearse.Finding{{Code: "PF2013", Name: "host-policy", Severity: "warning", Effect: "opens", Step: "translate", Position: pos, Object: object, Path: text, Message: text, Hint: text, Related: []diag.Related{{Pos: pos, Message: text}}, Line: 1, Blocks: true}},
		Blockers:    []rehearse.Blocker{{Code: "PF2013", Name: "host-policy", Title: text, Effect: "opens", Count: 1, Objects: []string{object.String()}, Ways: []string{text}}},
		Differences: []rehearse.Difference{{Kind: "opens", Witness: witness, Pairs: 1, Connections: 12, Before: judged, After: after}},
		Omitted:     3, NotCompared: []string{text}, Compared: rehearse.Compared{Pods: 2, Classes: 2, Nodes: 1, Ranges: 3, Judged: 1234567},
		RoundTrip: &rehearse.RoundTrip{Answer: "less", Differences: []rehearse.Difference{{Kind: "closes", Witness: witness}}},
		Matrix: &rehearse.Matrix{By: "workload", Ends: []rehearse.MatrixEnd{{Kind: "pods", Namespace: "shop", Name: text, Members: 1}, {Kind: "nodes", Name: "nodes", Members: 1}, {Kind: "outside", Name: "outside", Members: 3}},
			Reaches: []rehearse.Reach{{Before: "none", After: "none", Change: "same", Differences: []int{}}, {Before: "none", After: text, Change: "opens", Differences: []int{0}}}, Rows: []string{"0,1,0", "0*3", "0*3"}},
		Facts: []rehearse.Fact{{Fact: text, Value: text}, {Fact: "podCIDRs"}},
		Replay: &rehearse.Replay{Files: []string{text}, Records: map[string]uint64{"connection": 10, "corrupt": 1}, From: "2026-11-16T00:00:00Z", Until: "2026-11-22T00:00:00Z",
			Totals: map[string]uint64{"same": 3, "would-drop": 1}, Unseen: []string{text}, Unused: judged.By,
			Flows: []rehearse.ReplayFlow{{Kind: "would-drop", From: text, To: text, Traffic: "tcp/80", Count: 9, Why: text, Witness: text, Before: &judged, After: &after}}},
		Drift:   []rehearse.Drift{{Feature: text, Uses: 2, Release: text, Needs: text}},
		Moves:   []rehearse.Move{{Topic: "bgp", What: text, Position: pos, Counterpart: text, Lost: text}},
		History: []rehearse.Entry{entry, later},
		Runbook: &rehearse.Runbook{Title: text, Steps: []rehearse.RunbookStep{{Title: text, Text: text, Safe: text, Commands: []string{text}, Checks: []string{text}, Rollback: []string{text}, Phase: 1}},
			Window: &rehearse.Window{From: 1, Until: 2, Text: text, Nodes: 1, Who: []string{text}, Pods: 1, Witness: &witness},
			Phases: []rehearse.Phase{{Name: text, Text: text, Changes: []rehearse.Change{{Action: "apply", Object: object, Text: text, Batch: 1}}, States: 2, Problem: &rehearse.Problem{After: 1, Kind: "opens", Witness: witness, Way: text}}}},
	}
	return &rehearse.Result{Version: text, Time: "2026-11-30T06:00:00Z", To: "cilium", Verdict: rehearse.Blocked, Reasons: e.Reasons, Estates: []*rehearse.Estate{e},
		Acceptances: []rehearse.Acceptance{{Code: "PF2013", Object: text, Estate: text, Until: "2026-12-31", Reason: text, Position: pos, Expired: true, Accepted: 1}},
		Findings:    []rehearse.Finding{{Code: "PF5041", Message: text}}, Baseline: true, New: 1, Fault: true}
}

// large is a result with so many policies and workloads.
func large(policies, workloads int) *rehearse.Result {
	r := sample("web")
	e := r.Estates[0]
	e.Policies, e.Findings = nil, nil
	for i := range policies {
		o := diag.Object{APIVersion: "projectcalico.org/v3", Kind: "NetworkPolicy", Namespace: fmt.Sprintf("team-%d", i%60), Name: fmt.Sprintf("default.policy-%d", i)}
		pos := diag.Position{File: fmt.Sprintf("policies/%d.yaml", i), Line: 1, Column: 1}
		p := rehearse.Policy{Effect: "exact", Sources: []rehearse.Text{{Object: o, Position: &pos}}, Outputs: []rehearse.Text{{Object: o}}, Findings: []int{}, Aligned: [][2]int{{1, 1}, {2, 2}}}
		for j := range 24 {
			p.Sources[0].Text += fmt.Sprintf("      field-%d: value of policy %d\n", j, i)
			p.Outputs[0].Text += fmt.Sprintf("        word-%d: value of policy %d\n", j, i)
		}
		if i%5 == 0 {
			p.Effect, p.Findings = "narrows", []int{len(e.Findings)}
			e.Findings = append(e.Findings, rehearse.Finding{Code: "PF2003", Name: "source-ports", Severity: "warning", Effect: "narrows", Object: o, Position: pos, Message: "the rule looks at the port that a connection comes from", Line: 7})
		}
		e.Policies = append(e.Policies, p)
	}
	m := &rehearse.Matrix{By: "workload", Reaches: []rehearse.Reach{{Before: "none", After: "none", Change: "same", Differences: []int{}}, {Before: "tcp/80", After: "tcp/80", Change: "same", Differences: []int{}},
		{Before: "tcp/80", After: "none", Change: "closes", Differences: []int{0}}}}
	for i := range workloads {
		m.Ends = append(m.Ends, rehearse.MatrixEnd{Kind: "pods", Namespace: fmt.Sprintf("team-%d", i*60/workloads), Name: fmt.Sprintf("workload-%d", i), Members: 3})
		row := ""
		for j := range workloads {
			if j > 0 {
				row += ","
			}
			switch n := (i*7919 + j*104729) % 97; {
			case n == 0:
				row += "2"
			case n < 9:
				row += "1"
			default:
				row += "0"
			}
		}
		m.Rows = append(m.Rows, row)
	}
	e.Matrix = m
	e.Differences[0].Before.By[0].At.Policy = policies - 679
	return r
}
