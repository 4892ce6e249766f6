package calico

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/policyferry/policyferry/validate/verdict"
)

// Rules implements verdict.Ruler. Log rules are left out, since they decide nothing and no trace shows them.
func (j *judge) Rules() []verdict.Step {
	var out []verdict.Step
	for _, t := range j.tiers {
		for _, p := range t.policies {
			for _, d := range []direction{ingress, egress} {
				out = append(out, p.steps(d)...)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b verdict.Step) int {
		return cmp.Compare(a.Policy, b.Policy)
	})
	return slices.CompactFunc(out, func(a, b verdict.Step) bool { return a.Policy == b.Policy && a.Path == b.Path && a.Where == b.Where })
}

// steps are the rules of one direction. One that is written with several ports or protocols may be several rules here.
func (p *policy) steps(d direction) []verdict.Step {
	var out []verdict.Step
	for i := range p.rules[d] {
		r := &p.rules[d][i]
		if r.action == actionLog {
			continue
		}
		path := p.path(d, r)
		out = append(out, verdict.Step{
			Ingress: d == ingress, Policy: p.object, Path: path, Where: p.doc.Position(path).String(),
			What: fmt.Sprintf("%s (tier %s)", r.does(), p.tier), Decides: r.action == actionAllow || r.action == actionDeny,
		})
	}
	return out
}

// path is the element of the object that a rule is written in.
func (p *policy) path(d direction, r *rule) string {
	return fmt.Sprintf("spec.%s[%d]", [...]string{ingress: "ingress", egress: "egress"}[d], r.index)
}

// does says what a rule does with what it matches.
func (r *rule) does() string {
	return [...]string{
		actionUnsure: "matches, and what it does is not known", actionAllow: "allows", actionDeny: "denies",
		actionPass: "passes to the next tier", actionLog: "logs",
	}[r.action]
}
