package order

import (
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

// closeEnd writes out the open end behind a deny: the endpoints of the deny that nobody isolates are put into default
// deny, with an allow of everything. The verdicts stay the same, and there is an allow that can be cut around the
// deny. It is worth it only where the deny could not be said and the cut allow can; false if it cannot be done.
func (c *compiler) closeEnd(d *entry, b model.Box) bool {
	open, exact := c.openSubjects(b.Subject)
	if !exact || open.IsNone() {
		return false
	}
	everything := model.Everything()
	everything.Subject = open
	pieces, ok := everything.Subtract(b)
	if !ok || !sayable(pieces) {
		return false
	}
	end := &entry{tier: len(c.stages), policy: d.policy, rule: d.rule, action: model.Allow, boxes: []model.Box{everything}, cut: true, pos: c.end}
	c.allows = append(c.allows, end)
	c.allowed.Add(end, open)
	d.policy.Isolated[c.direction] = d.policy.Isolated[c.direction].Or(open)
	c.isolated.Add(d.policy, open)
	if d.policy.Source.Doc != nil {
		c.env.Findings.Add(diag.DefaultDenyAdded.At(d.rule.Pos, d.rule.Object, d.rule.Path,
			"the pods that no other policy isolates are put into default deny, and everything that this rule does not deny is allowed to them"))
	}
	return true
}

// openSubjects is what of the subject no policy puts into default deny; false if that cannot be said exactly.
func (c *compiler) openSubjects(subject selector.Selector) (selector.Selector, bool) {
	for _, p := range c.isolated.Near(subject) {
		if isolated := p.Isolated[c.direction]; isolated.Overlaps(subject) {
			if subject = subject.Minus(isolated); subject.TooComplex() {
				return subject, false
			}
		}
	}
	return subject, true
}
