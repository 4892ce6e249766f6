package order

import (
	"slices"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/traffic"
)

// Keep says how many objects of the target it takes to say a rule in order; 0 if the target cannot say it so.
type Keep func(model.OrderedRule) int

// maxOrdered is how many objects may be needed for all rules that are kept in order: one for each priority from 100
// to 1000, the highest that there is.
const maxOrdered = 901

// keeping is shared by all directions: the priorities are.
type keeping struct {
	keep Keep
	left int
}

// placed is a rule that is kept in order, and its place in the order of evaluation.
type placed struct {
	model.OrderedRule
	pos int
}

// keepOrder keeps the order between a deny and the earlier allows around which it cannot be cut, for peers that are
// pods: the allows come first, each after the denies before it, and then the deny. It returns what of the deny is
// still to be resolved; false, with nothing changed, if that order cannot be kept.
func (c *compiler) keepOrder(d *entry, b model.Box, earlier []clash) ([]model.Box, bool) {
	if c.keeping == nil {
		return nil, false
	}
	kept, rest := separate(b, earlier)
	added := c.concerned(d, kept, earlier)
	if added == nil || !c.place(added) {
		return nil, false
	}
	d.cut = true
	c.orderKept(d, kept, earlier)
	return rest, true
}

// separate divides a deny into the part whose order is to be kept and the rest. Kept is what is about pods; where an
// earlier allow names ports, only the protocols of these, because the others can be cut.
func separate(b model.Box, earlier []clash) (kept model.Box, rest []model.Box) {
	kept = b
	kept.Peer = model.Pods(b.Peer.Pods)
	var named traffic.Set
	for _, e := range earlier {
		if len(e.box.Named) > 0 && e.box.Overlaps(kept) {
			named = named.Union(e.box.Traffic)
		}
	}
	if len(b.Named) == 0 && !named.IsEmpty() {
		other := kept
		other.Traffic = kept.Traffic.Subtract(named)
		kept.Traffic = kept.Traffic.Intersect(named)
		rest = append(rest, other)
	}
	outside := b
	outside.Peer.Pods = model.Peer{}.Pods
	rest = append(rest, outside)
	return kept, slices.DeleteFunc(rest, model.Box.IsEmpty)
}

// concerned lists the rules whose order counts for a deny: the earlier allows that overlap it, and the denies before
// those, as far as they overlap them. Such a deny stands in the flat set as well, so it changes nothing but that the
// allow comes after it. Nil if nothing is concerned.
func (c *compiler) concerned(d *entry, b model.Box, earlier []clash) []placed {
	var out []placed
	for _, a := range earlier {
		if !a.box.Overlaps(b) {
			continue
		}
		allow := clip(a.box, b)
		out = append(out, c.placed(a.entry, allow))
		for _, before := range c.denies {
			if before.pos > a.entry.pos {
				break
			}
			for _, clash := range before.clashes(allow) {
				out = append(out, c.placed(before, clip(clash.box, allow)))
			}
		}
	}
	if out == nil {
		return nil
	}
	return append(out, c.placed(d, b))
}

func (c *compiler) placed(e *entry, b model.Box) placed {
	rule := model.OrderedRule{Box: b, Direction: c.direction, Action: e.action, Policy: e.policy.Source, Rule: e.rule}
	return placed{rule, e.pos}
}

// clip restricts a box to the endpoints and the pods of another, and to its traffic where there are words for that.
func clip(b, to model.Box) model.Box {
	b.Subject = b.Subject.And(to.Subject)
	b.Peer = model.Pods(b.Peer.Pods.And(to.Peer.Pods))
	if len(b.Named) == 0 {
		b.Traffic = b.Traffic.Intersect(to.Traffic)
	}
	return b
}

// place puts rules among those that are kept already; false, with nothing changed, if one of them cannot be said.
func (c *compiler) place(added []placed) bool {
	ordered := slices.Clone(c.ordered)
	left := c.keeping.left
	for _, p := range added {
		if p.Subject.TooComplex() || p.Peer.TooComplex() || len(p.HTTP) > 0 {
			return false
		}
		if slices.ContainsFunc(ordered, p.same) {
			continue
		}
		rules, ok := withPass(p)
		if !ok {
			return false
		}
		for _, r := range rules {
			objects := c.keeping.keep(r.OrderedRule)
			if left -= objects; objects == 0 || left < 0 {
				return false
			}
		}
		ordered = append(ordered, rules...)
	}
	fresh := ordered[len(c.ordered):]
	for _, p := range fresh {
		if slices.ContainsFunc(ordered, func(q placed) bool { return p.hides(q) || q.hides(p) }) {
			return false
		}
	}
	slices.SortStableFunc(ordered, placed.compare)
	c.ordered, c.keeping.left = ordered, left
	return true
}

// same reports whether both say the same at the same place.
func (p placed) same(q placed) bool {
	return p.pos == q.pos && p.Action == q.Action && p.Box.String() == q.Box.String()
}

// compare orders rules by their place, and within it puts those with named ports, with their passes, last.
func (p placed) compare(q placed) int {
	if p.pos != q.pos {
		return p.pos - q.pos
	}
	return p.rank() - q.rank()
}

func (p placed) rank() int {
	if p.Action == model.Pass || len(p.Named) > 0 {
		return 1
	}
	return 0
}

// hides reports whether p is a pass that keeps some packet from reaching q.
func (p placed) hides(q placed) bool {
	return p.Action == model.Pass && q.Action != model.Pass && p.compare(q) <= 0 && p.Overlaps(q.Box)
}

// transports are the protocols under which a port of a container can bear a name.
var transports = traffic.BitsOf(traffic.ProtoTCP, traffic.ProtoUDP, traffic.ProtoSCTP)

// withPass puts a pass before a rule with named ports, for the protocols that it does not mean: a name without
// protocol is all that can be said in order. False if one rule means different protocols.
func withPass(p placed) ([]placed, bool) {
	if len(p.Named) == 0 {
		return []placed{p}, true
	}
	protocols := map[string]traffic.Bits{}
	for _, n := range p.Named {
		protocols[n.Name] = protocols[n.Name].Or(traffic.BitsOf(n.Protocol))
	}
	meant := protocols[p.Named[0].Name]
	for _, b := range protocols {
		if b != meant {
			return nil, false
		}
	}
	if !traffic.Protocols(meant).Equal(p.Traffic) {
		return nil, false
	}
	others := transports.Minus(meant)
	if others.IsEmpty() {
		return []placed{p}, true
	}
	pass := p
	pass.Action, pass.Named, pass.Traffic = model.Pass, nil, traffic.Protocols(others)
	return []placed{pass, p}, true
}

func (c *compiler) orderKept(d *entry, b model.Box, earlier []clash) {
	if d.policy.Source.Doc == nil {
		return
	}
	f := diag.OrderKept.At(d.rule.Pos, d.rule.Object, d.rule.Path,
		"the order of this rule and earlier allow rules is kept in ClusterNetworkPolicies, because it cannot be cut around them")
	var told []*model.Rule
	for _, a := range earlier {
		if a.box.Overlaps(b) && !slices.Contains(told, a.entry.rule) {
			told = append(told, a.entry.rule)
			f = f.WithRelated(a.entry.rule.Pos, "an earlier rule is here")
		}
	}
	c.env.Findings.Add(f)
}
