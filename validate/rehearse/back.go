package rehearse

import (
	"slices"

	"github.com/policyferry/policyferry/translate"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/claim"
	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/schema"
)

// translateBack carries the output to the source's CNI again.
func (e *estate) translateBack() (err error) {
	if e.Summary.Written == 0 {
		e.step(stepBack, Skipped, "there is no output")
		return nil
	}
	e.opt.progress(e.Name + ": translating back")
	e.back, err = translate.Translate(e.output, translate.Options{
		To: e.opt.To.Other(), From: e.opt.To, SourceVersion: e.Target.Version, TargetVersion: e.Source.Version,
		Cluster: e.cluster, DefaultNamespace: e.opt.Namespace, FQDNCache: e.snapshot.Names,
		Enforced: schema.Enforced, Accepts: schema.Accepts,
	})
	if err != nil {
		return err
	}
	s := summaryOf(e.back)
	for _, f := range e.back.Findings {
		if f.Code.ID >= "PF9" {
			e.add(stepBack, f)
		}
	}
	e.step(stepBack, translated(s), "%s", s.text(e.back.Target.Name()))
	return nil
}

// verifyRoundTrip compares the source with what comes back. The findings of both ways announce what may differ.
func (e *estate) verifyRoundTrip() error {
	if e.back == nil || e.outcome == nil {
		e.step(stepRoundTrip, Skipped, "nothing has come back")
		return nil
	}
	e.opt.progress(e.Name + ": comparing source and round trip")
	whole := *e.back
	whole.Source = e.forward.Source
	whole.Findings = slices.Concat(e.forward.Findings, e.back.Findings)
	c := &claim.Claim{Policies: e.comparable(), Cluster: e.cluster, Namespace: e.opt.Namespace, Names: e.snapshot.Names, Result: &whole,
		Options: equiv.Options{Explain: e.opt.differences()}}
	o, err := c.Check()
	if err != nil {
		e.notDone(stepRoundTrip, diag.NotCompared, "source and round trip cannot be compared: %v", err)
		return nil
	}
	e.RoundTrip = &RoundTrip{Answer: string(o.Answer), Summary: summaryOf(e.back)}
	e.RoundTrip.Differences, e.RoundTrip.Omitted = differencesOf(o.Result, e.opt.differences())
	if o.Fault != nil {
		e.add(stepRoundTrip, *o.Fault)
	} else if o.Answer != equiv.Equivalent {
		e.add(stepRoundTrip, e.wayBack(o))
	}
	e.step(stepRoundTrip, outcomeOf(o), "%s", o)
	return nil
}

// wayBack says that the output cannot be carried back as it was, so the source must be kept.
func (e *estate) wayBack(o *claim.Outcome) diag.Finding {
	return diag.NoWayBack.At(diag.Position{File: e.snapshot.Path}, diag.Object{}, "",
		"what comes back from %s is not what was there: %s", e.forward.Target.Name(), o).
		WithHint("keep the policies of %s: going back means applying them again, not translating the output", e.forward.Source.Name())
}
