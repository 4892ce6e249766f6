// Package order compiles evaluation order away.
//
// Calico walks tiers, policies and rules in order, and the first match wins; Cilium's own policies know no order:
// a deny beats every allow. Flatten turns the first form into the second with the same verdicts. Why that is right
// is argued in docs/order.md; the laws that it rests on are tests.
package order

import (
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

// entry is one rule in its place, with doubts settled on the safe side.
type entry struct {
	tier   int
	policy *model.FlatPolicy
	rule   *model.Rule
	action model.Action
	boxes  []model.Box
	// cut says that boxes are no longer what the rule says on its own.
	cut bool
	// pos is the place in the order of evaluation.
	pos int
}

// stage is one tier in one direction: its rules in order, and who meets its default.
type stage struct {
	tier     *model.Tier
	entries  []*entry
	policies []*model.FlatPolicy
	// enders are the policies whose subjects meet the tier's default Deny.
	enders selector.Index[*model.FlatPolicy]
	// passes are the Pass rules of a tier with default Deny.
	passes selector.Index[*entry]
}

// close completes a stage of which the entries and policies are known.
func (s *stage) close(d model.Direction) {
	if s.tier.Default != model.Deny {
		return
	}
	for _, p := range s.policies {
		if p.Source.Sections[d].Isolates {
			s.enders.Add(p, p.Source.Selected())
		}
	}
	for _, e := range s.entries {
		if e.action == model.Pass {
			s.passes.Add(e, subjectsOf(e.boxes)...)
		}
	}
}

// settle turns a rule into entries: an allow takes what is sure and what the user accepted, a deny takes doubts in,
// a pass of which the extent is unsure denies the unsure part, because neither side of it would be safe.
func settle(tier int, p *model.FlatPolicy, r *model.Rule, accepted map[string]bool) []*entry {
	sure, maybe := p.Source.Subject, p.Source.MaybeSubject
	main := &entry{tier: tier, policy: p, rule: r, action: r.Action}
	for _, b := range r.Matches {
		switch r.Action {
		case model.Deny:
			main.add(b, p.Source.Selected())
		default:
			main.add(b, sure)
		}
	}
	rest := &entry{tier: tier, policy: p, rule: r, action: model.Deny, cut: true}
	for _, doubt := range r.Doubts {
		switch {
		case r.Action == model.Deny:
			main.add(doubt.Box, p.Source.Selected())
			main.cut = true
		case r.Action == model.Allow && accepted[doubt.Code.ID]:
			main.add(doubt.Box, sure)
			main.cut = true
		case r.Action == model.Allow:
			main.cut = true
		default:
			rest.add(doubt.Box, p.Source.Selected())
		}
	}
	if r.Action == model.Pass && !maybe.IsNone() {
		for _, b := range r.Matches {
			rest.add(b, maybe)
		}
	}
	if !maybe.IsNone() {
		main.cut = true
	}
	if len(rest.boxes) > 0 {
		return []*entry{main, rest}
	}
	return []*entry{main}
}

// add puts the box on the entry, restricted to the subjects.
func (e *entry) add(b model.Box, subjects selector.Selector) {
	b.Subject = b.Subject.And(subjects)
	if !b.IsEmpty() {
		e.boxes = append(e.boxes, b)
	}
}
