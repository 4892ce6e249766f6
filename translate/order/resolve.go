package order

import (
	"slices"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/traffic"
)

// maxPieces bounds how many boxes one deny may be cut into. Beyond it the later allows are cut instead.
const maxPieces = 32

// resolve decides for every deny whether it can stand, must be cut around earlier allows, or is not needed.
func (c *compiler) resolve() {
	for _, a := range c.allows {
		c.allowed.Add(a, subjectsOf(a.boxes)...)
	}
	for _, d := range c.denies {
		var kept []model.Box
		for _, b := range d.boxes {
			kept = append(kept, c.resolveBox(c.allowed.Near(b.Subject), d, b)...)
		}
		d.boxes = kept
	}
}

// resolveBox returns the boxes that are denied in place of one box of a deny.
func (c *compiler) resolveBox(near []*entry, d *entry, b model.Box) []model.Box {
	var earlier []clash
	for _, a := range near {
		if a.pos < d.pos {
			earlier = append(earlier, a.clashes(b)...)
		}
	}
	if len(earlier) == 0 {
		if (catchAll(b) || b.Traffic.AllBut()) && !c.opensLater(near, d, b, nil) {
			return nil // the default deny says the same
		}
		return []model.Box{b}
	}
	if !c.opensLater(near, d, b, earlier) {
		d.cut = true
		return nil
	}
	pieces, ok := c.cutAround(near, d, b, earlier)
	if !ok || !sayable(pieces) {
		if c.cutLater(near, d, b) || c.closeEnd(d, b) && c.cutLater(c.allowed.Near(b.Subject), d, b) {
			d.cut = true
			return nil
		}
	}
	if ok {
		d.cut = true
		c.subtracted(d, earlier[0].entry)
		return pieces
	}
	if rest, ok := c.keepOrder(d, b, earlier); ok {
		var out []model.Box
		for _, r := range rest {
			out = append(out, c.resolveBox(c.allowed.Near(r.Subject), d, r)...)
		}
		return out
	}
	for _, a := range earlier {
		c.orderLost(a.entry, d, "loses the part that a later rule denies, because the deny cannot be cut around it")
	}
	return []model.Box{b}
}

// sayable reports whether no box has traffic for which policy languages have no words.
func sayable(boxes []model.Box) bool {
	return !slices.ContainsFunc(boxes, func(b model.Box) bool { return b.Traffic.AllBut() })
}

// clash is a box of an allow that overlaps a deny.
type clash struct {
	entry *entry
	box   model.Box
}

func (e *entry) clashes(b model.Box) []clash {
	var out []clash
	for _, a := range e.boxes {
		if a.Overlaps(b) {
			out = append(out, clash{e, a})
		}
	}
	return out
}

// catchAll reports whether a deny matches every pod and every outside address with all traffic.
func catchAll(b model.Box) bool {
	p := b.Peer
	return b.Traffic.IsAll() && len(b.Named) == 0 && p.Pods.IsAll() && p.Nodes.IsAll() && p.World.Equal(model.Anyone().World)
}

// opensLater reports whether leaving the deny out would open something: a later allow, or the open end after the
// last tier, reaches part of it that no earlier allow decided already.
func (c *compiler) opensLater(near []*entry, d *entry, b model.Box, earlier []clash) bool {
	for _, a := range near {
		if a.pos < d.pos || a == d {
			continue
		}
		for _, hit := range a.clashes(b) {
			both, exact := b.Intersect(hit.box)
			if !exact || !decided(both, earlier) {
				return true
			}
		}
	}
	open := b
	open.Subject = c.unisolated(b.Subject)
	return !open.IsEmpty() && !decided(open, earlier)
}

// decided reports whether earlier allows cover the whole box.
func decided(b model.Box, earlier []clash) bool {
	rest := []model.Box{b}
	for _, e := range earlier {
		left, ok := model.SubtractAll(rest, e.box)
		if ok && len(left) <= maxPieces {
			rest = left
		}
		if len(rest) == 0 {
			return true
		}
	}
	return len(rest) == 0
}

// cutAround cuts a deny around earlier allows, and leaves out of it what nothing later allows anyway.
func (c *compiler) cutAround(near []*entry, d *entry, b model.Box, earlier []clash) ([]model.Box, bool) {
	pieces := []model.Box{b}
	for _, e := range earlier {
		var ok bool
		if pieces, ok = model.SubtractAll(pieces, e.box); !ok || len(pieces) > maxPieces {
			return nil, false
		}
	}
	var needed []model.Box
	for _, p := range pieces {
		if c.opensLater(near, d, p, nil) {
			needed = append(needed, c.nameable(near, d, p))
		}
	}
	return needed, true
}

// nameable restricts what is left of a deny to what is allowed later, where it would otherwise be hard to say: a deny
// of "every protocol but" to the traffic of the later allows, and a deny of "everyone but", which takes a list of all
// that there is besides pods, to the peers of the one later allow, if there is just one.
func (c *compiler) nameable(near []*entry, d *entry, b model.Box) model.Box {
	everyoneBut := !b.Peer.IsAnyone() && b.Peer.Special == model.AllSpecial && !b.Peer.Pods.IsAll()
	if !everyoneBut && !b.Traffic.AllBut() || !c.unisolated(b.Subject).IsNone() {
		return b
	}
	var later []clash
	var reached traffic.Set
	for _, a := range near {
		if a.pos >= d.pos && a != d {
			later = append(later, a.clashes(b)...)
		}
	}
	for _, l := range later {
		reached = reached.Union(l.box.Traffic)
	}
	if b.Traffic.AllBut() {
		b.Traffic = b.Traffic.Intersect(reached)
	}
	if everyoneBut && len(later) == 1 {
		if peer, exact := b.Peer.Intersect(later[0].box.Peer); exact {
			b.Peer = peer
		}
	}
	return b
}

// cutLater takes the deny out of every later allow; false, with nothing changed, when one of them cannot be cut or
// the endpoints are open at the end.
func (c *compiler) cutLater(near []*entry, d *entry, b model.Box) bool {
	if !c.unisolated(b.Subject).IsNone() {
		return false
	}
	cuts := map[*entry][]model.Box{}
	for _, a := range near {
		if a.pos < d.pos || len(a.clashes(b)) == 0 {
			continue
		}
		pieces, ok := model.SubtractAll(a.boxes, b)
		if !ok || len(pieces) > maxPieces {
			return false
		}
		cuts[a] = pieces
	}
	for a, pieces := range cuts {
		a.boxes, a.cut = pieces, true
	}
	for _, a := range near {
		if _, ok := cuts[a]; ok {
			c.subtracted(a, d)
		}
	}
	return true
}

func (c *compiler) subtracted(e, around *entry) {
	if e.policy.Source.Doc == nil || around.rule == nil || around.rule == e.rule {
		return
	}
	c.env.Findings.Add(diag.Subtracted.At(e.rule.Pos, e.rule.Object, e.rule.Path,
		"%s rule is cut around an earlier %s rule of %s", e.action, around.action, around.rule.Object).
		WithRelated(around.rule.Pos, "the earlier rule is here"))
}
