package equiv

import (
	"sort"

	"github.com/policyferry/policyferry/validate/verdict"
)

// grain is how finely one judge divides the cells at one end. Cells are divided by all judges and, where a node is policed,
// at both ends, so one judge sees the same traffic in many of them, and is asked once for all of these.
type grain struct {
	// slot is the number of each cell's traffic, from 0 up to and without slots.
	slot  []int32
	slots int
	// before and after are set instead for a judge that is two.
	before, after *grain
}

// divided is what one judge tells apart at one end.
type divided struct {
	cuts          *verdict.Cuts
	before, after *divided
}

// divideAt asks a judge what matters at an end. Of one whose verdicts are an oracle's, nothing is said: the oracle is to
// be asked about every cell.
func divideAt(j verdict.Partitioner, d verdict.Divider, at verdict.Peer, ingress bool) (verdict.Governing, *divided) {
	switch j := j.(type) {
	case *ends:
		both := d.(dividers)
		a, before := divideAt(j.before, both[0], at, ingress)
		b, after := divideAt(j.after, both[1], at, ingress)
		return governedByBoth(a, b), &divided{before: before, after: after}
	case *consulted:
		return d.Governs(at, ingress), nil
	}
	g := d.Governs(at, ingress)
	return g, &divided{cuts: &g.Cuts}
}

// over numbers the traffic of cells.
func (d *divided) over(cells []cell) *grain {
	switch {
	case d == nil:
		return nil
	case d.cuts == nil:
		return &grain{before: d.before.over(cells), after: d.after.over(cells)}
	}
	g := &grain{slot: make([]int32, len(cells))}
	var first, second []verdict.Interval
	base, last := 0, -1
	for i, t := range cells {
		if int(t.protocol) != last {
			base, last = g.slots, int(t.protocol)
			first, second = nil, nil
			switch t.protocol {
			case tcp, udp, sctp, icmp, icmpv6:
				first, second = d.cuts.Intervals(t.protocol, false), d.cuts.Intervals(t.protocol, true)
			}
			g.slots += max(1, len(first)*len(second))
		}
		if len(first) > 0 {
			g.slot[i] = int32(base + holding(first, t.first.Low)*len(second) + holding(second, t.second.Low))
		} else {
			g.slot[i] = int32(base)
		}
	}
	return g
}

// holding is the number of the interval that holds a port.
func holding(intervals []verdict.Interval, port uint16) int {
	return sort.Search(len(intervals), func(i int) bool { return port <= intervals[i].High })
}

// opinions asks a judge about the cells that are not beside policy.
func (g *grain) opinions(j verdict.Partitioner, d *drafting, ingress bool) []opinion {
	out := d.room(len(d.asked))
	if both, ok := j.(*ends); ok && g != nil {
		a, b := g.before.opinions(both.before, d, ingress), g.after.opinions(both.after, d, ingress)
		for i := range out {
			if !d.beside[i] {
				out[i] = opinion{action: together(a[i], b[i])}
			}
		}
		return out
	}
	var known []int32 // by slot, one more than the cell that was asked about
	if g != nil {
		known = d.slots(g.slots)
	}
	for i, at := range d.asked {
		switch {
		case d.beside[i]:
		case g != nil && known[g.slot[i]] > 0:
			out[i] = out[known[g.slot[i]]-1]
		default:
			out[i] = one(j, at, ingress)
			if g != nil {
				known[g.slot[i]] = int32(i) + 1
			}
		}
	}
	return out
}
