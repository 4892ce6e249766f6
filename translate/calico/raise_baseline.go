package calico

import (
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

// orderLater is where "default" repeats the policies of later tiers: behind everything of its own.
const orderLater = 10_000

// beforeIsolation writes the policies of a later tier once more at the end of "default", for the endpoints that are
// isolated there. Cilium asks every tier before it falls back on default deny (pkg/policy/repository.go), so that an
// accept of the Baseline tier reaches isolated pods; Calico's tier ends in a deny.
func (l *layout) beforeIsolation(t *model.Tier) {
	last := [2]int{-1, -1}
	for i, p := range t.Policies {
		for d, s := range p.Sections {
			if s != nil && accepts(s) && !l.isolated(p, d, p.Selected()).IsNone() {
				last[d] = i
			}
		}
	}
	for i, p := range t.Policies {
		var subjects [2]selector.Selector
		for d, s := range p.Sections {
			if s != nil && i <= last[d] {
				subjects[d] = p.Selected().And(l.isolated(p, d, p.Selected()))
			}
		}
		if subjects[0].Equal(subjects[1]) {
			l.repeat(p, i, subjects[0], model.Ingress, model.Egress)
			continue
		}
		l.repeat(p, i, subjects[0], model.Ingress)
		l.repeat(p, i, subjects[1], model.Egress)
	}
}

// repeat writes the rules of one policy for some of its endpoints. A Pass there leads to the isolation, so it denies.
func (l *layout) repeat(p *model.Policy, at int, subject selector.Selector, directions ...model.Direction) {
	if subject.TooComplex() {
		l.note(p.Origin, diag.OrderLost, "let the isolating policies allow the same",
			"which of its endpoints are isolated cannot be said, so what the policy accepts does not reach them")
		return
	}
	w := l.writer(p, tierDefault, "-isolated")
	w.repeats = true
	w.order = float64(orderLater + at)
	for _, d := range directions {
		if p.Sections[d] == nil {
			continue
		}
		for _, rule := range p.Sections[d].Rules {
			one := *rule
			if one.Action == model.Pass {
				one.Action = model.Deny
			}
			w.addRule(&one, d, nil)
		}
	}
	w.emit(subject)
}

// accepts reports whether a section has something to allow.
func accepts(s *model.Section) bool {
	for _, r := range s.Rules {
		if r.Action == model.Allow {
			return true
		}
	}
	return false
}
