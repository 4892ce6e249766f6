package rehearse

import (
	"math"
	"slices"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/claim"
	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/verdict"
	"github.com/policyferry/policyferry/validate/verdict/condition"
)

// verify compares source and output over every connection, and holds the findings to it.
func (e *estate) verify() error {
	if e.Summary.Written == 0 && e.Summary.Read == 0 {
		e.step(stepVerify, Skipped, "there is nothing to compare")
		return nil
	}
	e.opt.progress(e.Name + ": comparing source and output")
	c := &claim.Claim{Policies: e.comparable(), Cluster: e.cluster, Namespace: e.opt.Namespace, Names: e.snapshot.Names, Result: e.forward,
		Options: equiv.Options{Explain: e.opt.differences(), Workload: workload, MaxWorkloads: e.opt.ends()}}
	outcome, err := c.Check()
	if err != nil {
		e.notDone(stepVerify, diag.NotCompared, "source and output cannot be compared: %v", err)
		return nil
	}
	e.outcome, e.Synthetic = outcome, outcome.Synthetic
	e.Differences, e.Omitted = differencesOf(outcome.Result, e.opt.differences())
	e.Matrix = matrixOf(outcome.Matrix)
	e.NotCompared = append(append([]string{}, outcome.Beside...), outcome.Apart...)
	e.Compared = Compared{outcome.Size.Pods, outcome.Size.Classes, outcome.Size.Nodes, outcome.Size.Atoms, outcome.Size.Judged}
	if outcome.Fault != nil {
		e.add(stepVerify, *outcome.Fault)
	}
	if outcome.Synthetic {
		e.add(stepVerify, diag.NoPods.At(diag.Position{File: e.snapshot.Path}, diag.Object{}, "",
			"the snapshot holds no pod, so the comparison is over a cluster made of what the policies name, and is no proof for another").
			WithHint("add the output of kubectl get namespaces,pods,serviceaccounts,services,nodes -A -o yaml"))
	}
	e.unknowns(outcome)
	e.step(stepVerify, outcomeOf(outcome), "%s", outcome)
	return nil
}

// comparable are the policies without those of which two have one name: which of them is enforced is not known, they are
// refused, and the rest can be compared without them.
func (e *estate) comparable() []*source.Document {
	twice := map[diag.Object]bool{}
	for _, f := range e.forward.Findings {
		if f.Code == diag.DuplicateObject {
			twice[f.Object] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(e.policies), func(d *source.Document) bool { return twice[d.Object] })
}

// notDone says that a step could not be done, which is no proof of anything.
func (e *estate) notDone(step string, code *diag.Code, format string, err error) {
	hint := "rehearse what can be judged, or accept the code with how it was tried as the reason"
	if code == diag.FlowsNotJudged {
		hint = "policyferry replay says why; give a log that tells of connections, or none"
	}
	f := code.At(diag.Position{File: e.snapshot.Path}, diag.Object{}, step, format, err)
	e.add(step, f.WithHint("%s", hint))
	e.step(step, Failed, "%s", f.Message)
}

func outcomeOf(o *claim.Outcome) Outcome {
	switch {
	case o.Fault != nil:
		return Failed
	case o.Answer == equiv.Equivalent:
		return Passed
	case o.Answer == equiv.Unknown:
		return Unknown
	}
	return Differs
}

// unknowns reports the verdicts that nobody knows, once for each reason, unless they can at worst close what a finding
// says is narrowed.
func (e *estate) unknowns(o *claim.Outcome) {
	told := map[string]bool{}
	for _, d := range o.Differences { // also of those that there is no room to list
		why := cmpOr(whyUnknown(d.Left.Why), whyUnknown(d.Right.Why), "a judge cannot tell")
		if d.Kind != equiv.Unjudged || told[why] || o.Narrowed && onlyCloses(d) {
			continue
		}
		told[why] = true
		e.add(stepVerify, diag.NotProved.At(diag.Position{File: e.snapshot.Path}, diag.Object{}, why,
			"not every verdict is known, for one on %s: %s", witnessOf(d), why).
			WithHint("try such connections in a test cluster, and accept the code with what you found as the reason"))
	}
}

// onlyCloses reports whether a difference of which a verdict is not known cannot open anything.
func onlyCloses(d equiv.Difference) bool {
	return known(d.Left) && d.Left.Allowed() || known(d.Right) && !d.Right.Allowed()
}

// known reports whether the whole verdict is.
func known(v verdict.Verdict) bool {
	return !v.Allowed() || v.Egress != verdict.Unknown && v.Ingress != verdict.Unknown
}

func whyUnknown(why string) string {
	if why == "l7" {
		return "a proxy decides by what is inside the connection"
	}
	return why
}

func cmpOr(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func differencesOf(r *equiv.Result, limit int) (out []Difference, omitted int) {
	out = []Difference{}
	for i, d := range r.Differences {
		if i == limit {
			return out, len(r.Differences) - i
		}
		out = append(out, Difference{
			Kind: string(d.Kind), Witness: witnessOf(d), Pairs: d.Pairs, Connections: math.Round(d.Connections),
			Before: judgedOf(d.Left, d.LeftBy), After: judgedOf(d.Right, d.RightBy),
		})
	}
	return out, 0
}

func witnessOf(d equiv.Difference) Witness {
	c := d.Witness
	return Witness{c.String(), c.From.String(), c.To.String(), c.Traffic(), c.Protocol, c.Port, d.Example}
}

func judgedOf(v verdict.Verdict, by []verdict.Step) Judged {
	out := Judged{Egress: string(v.Egress), Ingress: string(v.Ingress), Why: v.Why, By: []JudgeStep{},
		EgressWhen: conditionOf(v.EgressWhen), IngressWhen: conditionOf(v.IngressWhen)}
	for _, s := range by {
		end := "egress"
		if s.Ingress {
			end = "ingress"
		}
		out.By = append(out.By, JudgeStep{End: end, Policy: s.Policy, Path: s.Path, Where: s.Where, What: s.What})
	}
	return out
}

func conditionOf(c *condition.Condition) *Condition {
	if c == nil {
		return nil
	}
	return &Condition{c.About(), append([]string{}, c.Parts()...)}
}
