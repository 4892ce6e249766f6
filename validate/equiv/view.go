package equiv

import (
	"github.com/policyferry/policyferry/translate/parallel"
	"github.com/policyferry/policyferry/validate/verdict"
)

// view is one end of all connections of a class of pods in one direction: the other ends fall into blocks, and each
// block has one profile.
type view struct {
	part     *partition
	profiles []int32
	cells    []cell
	by       [2]*grain
	// differs says that some profile does.
	differs bool
}

// at is the profile for an element, or none.
func (v *view) at(e int) int32 { return v.profiles[v.part.at(int32(e))] }

// none stands for an end at which nothing is to be judged: outside of the cluster, or the same pod at both ends.
const none = int32(-1)

// views judges the ends at every class of pods. The result is by element, and nil for addresses.
func (c *comparison) views(ingress bool) []*view {
	return parallel.Map(len(c.space.elements), func(i int) *view {
		if len(c.space.elements[i].members) == 0 {
			return nil
		}
		return c.memory.view(i, c.space.elements[i].end(0), ingress, func() *view { return c.view(i, ingress) })
	})
}

func (c *comparison) view(i int, ingress bool) *view {
	self := c.space.elements[i]
	from, to := c.space.span(self.family)
	splits, cuts, by := c.governs(self.peer(), ingress)
	v := &view{part: refine(from, to, splits[0], splits[1]), cells: c.traffic.cells(&cuts, self.family)}
	v.by = over(by, v.cells)
	v.profiles = make([]int32, len(v.part.first))
	for b, first := range v.part.first {
		of, ok := c.witness(i, first)
		if !ok {
			v.profiles[b] = none
			continue
		}
		if ingress {
			of.From, of.To = of.To, of.From
		}
		var differs bool
		v.profiles[b], differs = c.profileOf(of, v.cells, v.by, ingress)
		v.differs = v.differs || differs
	}
	return v
}

// witness is a connection from a class to a block. A pod cannot be at both ends.
func (c *comparison) witness(i int, first [2]int32) (verdict.Connection, bool) {
	self := c.space.elements[i]
	of := verdict.Connection{From: self.end(0), IPVersion: self.family}
	other, member := int(first[0]), 0
	if other == i && first[1] != nobody {
		other = int(first[1])
	}
	switch {
	case other == int(nobody):
		return of, false
	case other == i && len(self.members) == 1:
		return of, false
	case other == i:
		member = 1
	}
	of.To = c.space.elements[other].end(member)
	return of, true
}
