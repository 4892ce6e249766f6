package cilium

import (
	"fmt"
	"slices"

	"github.com/policyferry/policyferry/validate/verdict"
)

// Trace implements verdict.Partitioner. Cilium's rules have no order within a level, so the steps are the rules that
// match, level by level, up to the level that decides.
func (j *judge) Trace(c verdict.Connection) ([]verdict.Step, error) {
	from, to, err := j.ends(c)
	if err != nil {
		return nil, err
	}
	if from.same(to) {
		return []verdict.Step{{What: "the connection stays in its network namespace, where nothing is policed"}}, nil
	}
	p := j.packet(from, to, c)
	return append(j.traceEnd(from, to, false, p), j.traceEnd(to, from, true, p)...), nil
}

func (j *judge) traceEnd(self, other end, ingress bool, p *packet) []verdict.Step {
	got := j.judge(self, other, ingress, p)
	steps := []verdict.Step{}
	policed := got.action != verdict.None && p.unknown == "" && !(self.pod != nil && p.dropped) && !p.passes
	if s := self.subject(); policed && s != nil {
		d := &s.egress
		if ingress {
			d = &s.ingress
		}
		steps = d.trace(s, j.identity(self, other, p.is4), &p.traffic)
	}
	if slices.ContainsFunc(steps, func(s verdict.Step) bool { return s.Decides }) {
		for i := range steps {
			steps[i].Ingress = ingress
		}
		return steps
	}
	last := verdict.Step{What: "nothing is policed here", Decides: got.action != verdict.None}
	switch {
	case got.why != "":
		last.What = "unknown: " + got.why
	case got.action == verdict.Allow:
		last.What = "allowed: no policy stands against it"
	case got.action == verdict.Deny && policed:
		last.What = "denied by default: a policy selects the endpoint and no rule allows this"
	case got.action == verdict.Deny:
		last.What = "denied, whatever the policies say"
	}
	steps = append(steps, last)
	for i := range steps {
		steps[i].Ingress = ingress
	}
	return steps
}

// trace lists the rules that match. Those of the level that decides, with its action, decide.
func (d *direction) trace(s *subject, other *identity, t *traffic) []verdict.Step {
	var steps []verdict.Step
	for i := 0; i < len(d.rules); {
		end := i + 1
		for end < len(d.rules) && compareLevels(d.rules[i], d.rules[end]) == 0 {
			end++
		}
		l := d.level(d.rules[i:end], s, other, t)
		got, decided := l.decide()
		for _, r := range d.rules[i:end] {
			if len(r.match(other, t, s)) > 0 {
				steps = append(steps, r.step(decided && r.action == decisive(got.action)))
			}
		}
		if decided {
			return steps
		}
		at := d.rules[i].tier
		i = end
		for l.passes && i < len(d.rules) && d.rules[i].tier == at {
			i++
		}
	}
	return steps
}

// decisive is the action of the rules that bring a verdict about.
func decisive(a verdict.Action) action {
	if a == verdict.Deny {
		return actionDeny
	}
	return actionAllow
}

func (r *rule) step(decides bool) verdict.Step {
	what := [...]string{actionAllow: "allows", actionDeny: "denies", actionPass: "passes to the next tier"}[r.action]
	at := [...]string{tierAdmin: "tier Admin", tierNormal: "normal policy", tierBaseline: "tier Baseline"}[r.tier]
	return verdict.Step{
		Policy: r.policy, Path: r.path, Where: r.doc.Position(r.path).String(),
		What: fmt.Sprintf("%s (%s)", what, at), Decides: decides,
	}
}
