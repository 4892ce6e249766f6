package order

import (
	"slices"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

// cutAroundPasses takes out of the later rules of a tier what an earlier Pass has already sent on.
func (c *compiler) cutAroundPasses(s *stage) {
	for i, p := range s.entries {
		if p.action != model.Pass {
			continue
		}
		for _, e := range s.entries[i+1:] {
			for _, b := range p.boxes {
				c.cut(e, b, p)
			}
		}
	}
}

// cut takes one box out of an entry. Where that cannot be exact an allow loses the boxes concerned, and a deny
// keeps them: both deny more.
func (c *compiler) cut(e *entry, b model.Box, because *entry) {
	var out []model.Box
	for _, box := range e.boxes {
		if !box.Overlaps(b) {
			out = append(out, box)
			continue
		}
		e.cut = true
		pieces, exact := box.Subtract(b)
		switch {
		case exact:
			out = append(out, pieces...)
		case e.action == model.Allow:
			c.orderLost(e, because, "is left out, because what the earlier rule has already decided cannot be subtracted from it")
		default:
			out = append(out, box)
			c.orderLost(e, because, "denies that part as well")
		}
	}
	e.boxes = out
}

// guard restricts the rules of tier k to what reaches it: endpoints that no earlier tier with default Deny selects,
// and traffic that such a tier passes on.
func (c *compiler) guard(k int, e *entry) {
	for _, s := range c.stages[:k] {
		if len(s.enders.All()) == 0 {
			continue
		}
		var out []model.Box
		for _, b := range e.boxes {
			reached, changed := c.reach(s, b, e)
			e.cut = e.cut || changed
			for _, r := range reached {
				out = append(out, r.box)
			}
		}
		e.boxes = out
	}
}

// reached is a box that gets past a tier, and the Pass that sent it on (nil: the tier does not select the subject).
type reached struct {
	box  model.Box
	pass *entry
}

// reach returns what of the box gets past a tier whose default is Deny, and whether that is less than the box.
func (c *compiler) reach(s *stage, b model.Box, e *entry) ([]reached, bool) {
	selected, ender := selector.None(), (*model.FlatPolicy)(nil)
	for _, p := range s.enders.Near(b.Subject) {
		if subject := p.Source.Selected(); subject.Overlaps(b.Subject) {
			selected, ender = selected.Or(subject), p
		}
	}
	if ender == nil {
		return []reached{{box: b}}, false
	}
	passed, through := c.passed(s, b, selected, e)
	if through {
		return []reached{{b, lastPass(passed, b.Subject)}}, false
	}
	open := b
	open.Subject = b.Subject.Minus(selected)
	switch {
	case open.Subject.TooComplex() && e != nil && e.action == model.Deny:
		return []reached{{box: b}}, true
	case open.Subject.TooComplex():
		if e != nil {
			c.orderLost(e, &entry{policy: ender}, "is left out, because the endpoints that the earlier tier leaves alone cannot be said")
		}
	case !open.IsEmpty():
		passed = append([]reached{{box: open}}, passed...)
	}
	return passed, true
}

// passed lists the parts of the box that the tier's Pass rules send on, and whether together they are everything
// that the tier selects of it.
func (c *compiler) passed(s *stage, b model.Box, selected selector.Selector, e *entry) ([]reached, bool) {
	held := []model.Box{b}
	held[0].Subject = b.Subject.And(selected)
	complete := !held[0].Subject.TooComplex()
	var out []reached
	for _, p := range s.passes.Near(b.Subject) {
		for _, pb := range p.boxes {
			if !pb.Overlaps(b) {
				continue
			}
			both, ok := b.Intersect(pb)
			switch {
			case ok:
				out = append(out, reached{both, p})
			case e != nil && e.action == model.Deny:
				// What the tier does not pass on, its own rules or its end have decided already.
				out = append(out, reached{b, p})
			case e != nil:
				c.orderLost(e, p, "is left out where the tier passes it on, because the two cannot be combined exactly")
			}
			if rest, ok := model.SubtractAll(held, pb); ok && len(rest) <= maxPieces {
				held = rest
			}
		}
	}
	return out, complete && len(held) == 0
}

// lastPass is the last Pass of a policy that selects all of the subject, so that it can say what is passed on; nil if
// there is none.
func lastPass(passes []reached, subject selector.Selector) *entry {
	for _, r := range slices.Backward(passes) {
		if r.pass.policy.Source.Selected().Covers(subject) {
			return r.pass
		}
	}
	return nil
}

// isolate notes which endpoints each policy puts into default deny: the subjects of policies in tiers with default
// Deny, unless the tier passes on everything that reaches its end.
func (c *compiler) isolate() {
	for _, s := range c.stages {
		for _, p := range s.enders.All() {
			all := model.Everything()
			all.Subject = p.Source.Selected()
			if all.Subject.IsNone() {
				continue
			}
			if _, through := c.passed(s, all, all.Subject, nil); through {
				continue
			}
			p.Isolated[c.direction] = all.Subject
			c.isolated.Add(p, all.Subject)
		}
	}
}

// unisolated is what of the subject no policy puts into default deny; it may be an upper bound.
func (c *compiler) unisolated(subject selector.Selector) selector.Selector {
	for _, p := range c.isolated.Near(subject) {
		if subject.IsNone() {
			break
		}
		if isolated := p.Isolated[c.direction]; isolated.Overlaps(subject) {
			if rest := subject.Minus(isolated); !rest.TooComplex() {
				subject = rest
			}
		}
	}
	return subject
}

// passedThrough is the traffic of isolated endpoints that is passed on until after the last tier, where pods are
// open. It is written as an allow of the policy that passed it on last.
func (c *compiler) passedThrough(pos int) []*entry {
	var out []*entry
	for _, s := range c.stages {
		for _, e := range s.passes.All() {
			for _, b := range e.boxes {
				b.Subject = c.isolatedPart(b.Subject)
				if b.IsEmpty() {
					continue
				}
				for _, r := range c.throughAll(reached{b, e}) {
					if !r.box.IsEmpty() {
						out = append(out, &entry{tier: len(c.stages), policy: r.pass.policy, rule: r.pass.rule,
							action: model.Allow, boxes: []model.Box{r.box}, cut: true, pos: pos})
						c.flattened(r.pass)
					}
				}
			}
		}
	}
	return out
}

// isolatedPart is what of the subject some policy puts into default deny.
func (c *compiler) isolatedPart(subject selector.Selector) selector.Selector {
	out := selector.None()
	for _, p := range c.isolated.Near(subject) {
		out = out.Or(subject.And(p.Isolated[c.direction]))
		if out.Covers(subject) {
			return subject
		}
	}
	if out.TooComplex() {
		return subject
	}
	return out
}

// throughAll sends a box that a tier passes on through every other tier.
func (c *compiler) throughAll(start reached) []reached {
	list := []reached{start}
	for k, s := range c.stages {
		if k == start.pass.tier || len(s.enders.All()) == 0 {
			continue
		}
		var next []reached
		for _, r := range list {
			out, _ := c.reach(s, r.box, start.pass)
			for _, o := range out {
				if o.pass == nil {
					o.pass = r.pass
				}
				next = append(next, o)
			}
		}
		list = next
	}
	return list
}

func (c *compiler) orderLost(e, because *entry, what string) {
	if e.rule == nil || e.policy.Source.Doc == nil {
		return
	}
	f := diag.OrderLost.At(e.rule.Pos, e.rule.Object, e.rule.Path, "%s rule %s", e.action, what).
		WithHint("write the rule with port numbers and labels, which can be cut, or reorder the policies so that the narrower rule is the deny")
	if because != nil && because.rule != nil {
		f = f.WithRelated(because.rule.Pos, "the %s rule is here", because.action)
	}
	c.env.Findings.Add(f)
}

func (c *compiler) flattened(e *entry) {
	if e.policy.Source.Doc == nil {
		return
	}
	c.env.Findings.Add(diag.Flattened.At(e.rule.Pos, e.rule.Object, e.rule.Path,
		"what this rule passes on meets no later policy, so it is written as an allow"))
}
