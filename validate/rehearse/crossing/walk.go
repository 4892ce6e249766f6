package crossing

import (
	"slices"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/equiv"
)

// walk goes from a state by changes, while one CNI polices all pods, between two ends.
type walk struct {
	polices       compat.Release
	before, after *equiv.Side
	start         *state
	// way is made when the first state is judged.
	way *equiv.Way
}

// defaultStates is how many states are judged in a phase.
const defaultStates = 24

func (c *Crossing) bound() int {
	if c.MaxStates > 0 {
		return c.MaxStates
	}
	return defaultStates
}

// walk judges the state at the start and after every batch, until one is not between the ends.
func (c *Crossing) walk(w *walk, changes []Change) (*Phase, error) {
	p := &Phase{Polices: w.polices.CNI, Changes: c.batches(changes, w.polices.CNI)}
	p.Inert = !slices.ContainsFunc(changes, func(ch Change) bool { return reads(w.polices.CNI, ch) })
	at := w.start.clone()
	known := [][]*source.Document{w.before.Documents, w.after.Documents}
	for done := 0; ; {
		problem, judged, err := c.judge(w, at, known)
		if err != nil {
			return nil, err
		}
		p.States += judged
		if problem != nil {
			problem.After = done
			p.Problem = problem
			return p, nil
		}
		known = append(known, at.readBy(w.polices.CNI))
		if done == len(p.Changes) {
			return p, nil
		}
		next := done + 1
		for next < len(p.Changes) && p.Changes[next].Batch == p.Changes[done].Batch {
			next++
		}
		at.make(p.Changes[done:next])
		done = next
	}
}

// judge says whether a state is between the ends. One that the CNI reads as it reads a state before, or one of the ends,
// need not be judged.
func (c *Crossing) judge(w *walk, at *state, known [][]*source.Document) (*Problem, int, error) {
	docs := at.readBy(w.polices.CNI)
	for i, k := range known {
		sameCNI := i > 1 || i == 0 && w.before.CNI == w.polices.CNI || i == 1 && w.after.CNI == w.polices.CNI
		if sameCNI && sameDocuments(docs, k) {
			return nil, 0, nil
		}
	}
	middle, err := c.side(w.polices, at)
	if err != nil {
		return nil, 0, err
	}
	if w.way == nil {
		w.way = equiv.NewWay(w.before, w.after, c.World.Facts)
	}
	r, err := w.way.Between(middle)
	if err != nil || len(r.Differences) == 0 {
		return nil, 1, err
	}
	return &Problem{Difference: r.Differences[0]}, 1, nil
}

func sameDocuments(a, b []*source.Document) bool {
	if len(a) != len(b) {
		return false
	}
	known := map[*source.Document]bool{}
	for _, d := range b {
		known[d] = true
	}
	return !slices.ContainsFunc(a, func(d *source.Document) bool { return !known[d] })
}

func reads(cni compat.CNI, ch Change) bool {
	o := owner(ch.Document)
	return o == "" || o == cni
}

// batches numbers the changes so that no more states need be judged than there may be. A change that the CNI does not
// read adds no state.
func (c *Crossing) batches(changes []Change, cni compat.CNI) []Change {
	out := slices.Clone(changes)
	counts, most := 0, c.bound()
	read := func(ch Change) bool { return reads(cni, ch) }
	for _, ch := range out {
		if read(ch) {
			counts++
		}
	}
	size := max(1, (counts+most-1)/most)
	batch, inBatch := 1, 0
	for i := range out {
		if inBatch == size || i > 0 && read(out[i]) != read(out[i-1]) && inBatch > 0 && size == 1 {
			batch, inBatch = batch+1, 0
		}
		out[i].Batch = batch
		if read(out[i]) {
			inBatch++
		}
	}
	return out
}
