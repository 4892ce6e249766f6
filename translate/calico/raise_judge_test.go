package calico

import (
	"math/rand/v2"
	"testing"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/translate/traffic"
	"github.com/policyferry/policyferry/validate/verdict"
)

// TestRaiseAgainstTheReferenceEvaluator writes random sets and lets the evaluator judge what was written.
func TestRaiseAgainstTheReferenceEvaluator(t *testing.T) {
	for name, text := range map[string]string{"IPv4": arenaText, "both families": dualStack(arenaText)} {
		t.Run(name, func(t *testing.T) {
			a := newArena(t, text, outsiders...)
			for seed := range uint64(seeds) {
				a.raiseAndCompare(t, seed)
			}
		})
	}
}

func (a *arena) raiseAndCompare(t *testing.T, seed uint64) {
	t.Helper()
	set := randomCiliumSet(rand.New(rand.NewPCG(seed, 17)))
	before := dump(set)
	original := randomCiliumSet(rand.New(rand.NewPCG(seed, 17))) // fitting changes the set
	e := outbound(a.facts)
	text := written(t, set, e)
	if e.Findings.Has(diag.Narrows) || e.Findings.Has(diag.Opens) {
		t.Fatalf("seed %d: not exact: %s\n%s", seed, codes(e), before)
	}
	var docs []*source.Document
	if text != "" {
		docs = read(t, text)
	}
	judge, rejected := a.judgeOf(t, docs)
	for object, reason := range rejected {
		t.Fatalf("seed %d: Calico rejects %s: %s\n%s", seed, object, reason, text)
	}
	for _, from := range a.ends {
		for _, to := range a.ends {
			for _, c := range a.packets() {
				c.From, c.To, c.SourcePort = from, to, 40000
				if from == to || c.Protocol == traffic.ProtoICMP && (c.IPVersion == 6 || from.Addr.Is6() || to.Addr.Is6()) {
					continue
				}
				got, err := judge.Judge(c)
				if err != nil {
					continue // the ends have no family in common
				}
				for d, action := range map[model.Direction]verdict.Action{model.Ingress: got.Ingress, model.Egress: got.Egress} {
					q, policed := a.ask(c, d)
					if !policed || action == verdict.None || action == verdict.Unknown || d == model.Ingress && q.host != nil {
						continue
					}
					if want := allowed(original, d, q.point); want != (action == verdict.Allow) {
						t.Fatalf("seed %d: %s of %s -> %s %s/%d v%d: want %v, Calico %s\n%s\n%s", seed, d, c.From, c.To,
							traffic.ProtocolName(c.Protocol), c.Port, c.IPVersion, want, action, before, text)
					}
				}
			}
		}
	}
}
