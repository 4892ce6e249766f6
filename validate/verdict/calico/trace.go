package calico

import (
	"fmt"

	"github.com/policyferry/policyferry/validate/verdict"
)

// trace gathers the steps on the way to a verdict. All its methods do nothing on nil.
type trace struct {
	ingress bool // the end that is judged
	steps   []verdict.Step
}

// policy records what a policy said: the rule that matched, or that none did.
func (t *trace) policy(ep *endpoint, p *policy, d direction, r *rule) {
	if t == nil {
		return
	}
	of := "tier " + p.tier
	if ep.host != nil {
		of += ", host endpoint " + ep.name
	}
	step := verdict.Step{Ingress: t.ingress, Policy: p.object, What: "no rule matches (" + of + ")"}
	if r == nil {
		step.Where = p.doc.Pos.String()
		t.steps = append(t.steps, step)
		return
	}
	step.Path = p.path(d, r)
	step.Where = p.doc.Position(step.Path).String()
	step.What = fmt.Sprintf("%s (%s)", r.does(), of)
	step.Decides = r.action == actionAllow || r.action == actionDeny
	t.steps = append(t.steps, step)
}

// tierDenies records that a tier ended without a decision.
func (t *trace) tierDenies(ep *endpoint, of *tier) {
	if t == nil {
		return
	}
	t.steps = append(t.steps, verdict.Step{
		Ingress: t.ingress, Decides: true, What: "the end of tier " + of.name + " denies what its policies for " + ep.name + " left",
	})
}

// Trace implements verdict.Partitioner.
func (j *judge) Trace(c verdict.Connection) ([]verdict.Step, error) {
	from, to, p, err := j.packet(c)
	if err != nil {
		return nil, err
	}
	if why := j.unanswerable(from, to, p); why != "" {
		return []verdict.Step{{What: why}}, nil
	}
	var steps []verdict.Step
	for _, entering := range []bool{false, true} {
		p.trace = &trace{ingress: entering}
		judge := j.leave
		if entering {
			judge = j.enter
		}
		o := judge(from, to, p)
		steps = append(steps, p.trace.ended(o)...)
	}
	return steps, nil
}

// ended closes the steps of one end with its verdict, where no rule tells it.
func (t *trace) ended(o outcome) []verdict.Step {
	if len(t.steps) > 0 && t.steps[len(t.steps)-1].Decides {
		return t.steps
	}
	what := "nothing is policed here"
	switch {
	case o.why != "":
		what = "unknown: " + o.why
	case o.action == verdict.Allow:
		what = "allowed: no policy stands against it"
	case o.action == verdict.Deny:
		what = "denied, whatever the policies say"
	}
	return append(t.steps, verdict.Step{Ingress: t.ingress, What: what, Decides: o.action != verdict.None})
}
