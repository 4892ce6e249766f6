package rehearse

import (
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/validate/claim"
	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/verdict"
)

// TestNoUnknownIsForgotten: a verdict that nobody knows stands in the way also behind more differences than are listed,
// and what is unknown for another reason is another finding for a baseline.
func TestNoUnknownIsForgotten(t *testing.T) {
	unknown := func(why string) equiv.Difference {
		return equiv.Difference{Kind: equiv.Unjudged, Left: verdict.Verdict{Egress: verdict.Deny}, Right: verdict.Verdict{Ingress: verdict.Unknown, Why: why}}
	}
	closes := equiv.Difference{Kind: equiv.Closes, Left: verdict.Verdict{Egress: verdict.Allow}, Right: verdict.Verdict{Egress: verdict.Deny}}
	blocked := func(differences ...equiv.Difference) *Estate {
		e := &estate{Estate: newEstate(&Snapshot{}), opt: &Options{MaxDifferences: 1}, snapshot: &Snapshot{Path: "prod"}}
		e.unknowns(&claim.Outcome{Result: &equiv.Result{Differences: differences}, Narrowed: true})
		e.gather()
		e.blockers()
		return e.Estate
	}
	e := blocked(closes, unknown("one"), unknown("one"), unknown("two"))
	if len(e.Blockers) != 1 || e.Blockers[0].Code != "PF5040" || e.Blockers[0].Count != 2 {
		t.Errorf("%+v", e.Blockers)
	}
	if other := blocked(unknown("three")); other.Findings[0].Fingerprint == e.Findings[0].Fingerprint || other.Findings[0].Fingerprint == e.Findings[1].Fingerprint {
		t.Error("a baseline takes one reason for another")
	}
}

// TestAcceptedIsWhatWasJudged: a code that refuses one policy and narrows another one is not accepted by the command of the
// runbook, which would write an output that lets through more than the one that was compared.
func TestAcceptedIsWhatWasJudged(t *testing.T) {
	const needs = `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: needs, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: cart}}
  ingress:
  - fromRequires: [{matchLabels: {tier: front}}]
    fromEndpoints: [{matchLabels: {app: web}}]
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: web}}
  ingress:
  - fromEndpoints: [{matchLabels: {app: cart}}]
`
	const reserved = `
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: db}}
  ingress:
  - fromEndpoints: [{matchLabels: {projectcalico.org/orchestrator: x}}]
`
	var accepted []Acceptance
	for _, code := range []string{"PF2033", "PF5040"} {
		accepted = append(accepted, Acceptance{Code: code, Until: "2026-12-01", Reason: "agreed"})
	}
	for text, want := range map[string]bool{needs: true, needs + reserved: false} {
		r := run(t, Options{To: compat.Calico, SourceVersion: "1.18.0", Acceptances: accepted}, inCast(t, "prod", text))
		step := r.Estates[0].Runbook.Steps[0]
		if r.Verdict != ReadyAccepted || strings.Contains(step.Commands[1], "--accept PF2033") != want || strings.Contains(step.Text, "PF2033") == want {
			t.Errorf("%s: %s, %q", r.Verdict, step.Commands, step.Text)
		}
	}
}
