package rehearse

import (
	"testing"

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
