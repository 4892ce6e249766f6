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
	// way is made when a single state is judged first.
	way *equiv.Way
}

// reads reports whether a CNI reads what is changed.
func reads(cni compat.CNI, ch Change) bool {
	o := owner(ch.Document)
	return o == "" || o == cni
}

// walk judges the state at the start and the one after every batch, and finds the first that is not between the ends.
func (c *Crossing) walk(w *walk, changes []Change) (*Phase, error) {
	p := &Phase{Polices: w.polices.CNI, Inert: !slices.ContainsFunc(changes, func(ch Change) bool { return reads(w.polices.CNI, ch) })}
	plan, err := c.plan(w, changes)
	if err != nil {
		return nil, err
	}
	p.Changes = numbered(changes, plan.steps)
	p.States, p.Together = len(plan.steps)+1, plan.size > 1
	end := w.start.clone()
	end.make(changes)
	for _, at := range []*state{w.start, end} {
		if w.isEnd(at.readBy(w.polices.CNI)) {
			p.States--
		}
		if len(plan.steps) == 0 {
			break
		}
	}
	if p.States == 0 { // nothing is read, or all of it at once
		return p, nil
	}
	out, err := c.along(w, changes, plan)
	if err != nil || out == nil {
		return p, err
	}
	p.Problem = &Problem{Difference: out.Difference}
	if out.At > 0 {
		p.Problem.After = plan.steps[out.At-1].read
	}
	return p, nil
}

// isEnd reports whether documents are those of one of the ends, under the same CNI.
func (w *walk) isEnd(docs []*source.Document) bool {
	return slices.ContainsFunc([]*equiv.Side{w.before, w.after}, func(s *equiv.Side) bool {
		return s.CNI == w.polices.CNI && sameDocuments(docs, s.Documents)
	})
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

// between says whether one state is between the ends.
func (c *Crossing) between(w *walk, at *state) (bool, error) {
	if w.isEnd(at.readBy(w.polices.CNI)) {
		return true, nil
	}
	middle, err := c.side(w.polices, at)
	if err != nil {
		return false, err
	}
	if w.way == nil {
		w.way = equiv.NewWay(w.before, w.after, c.World.Facts)
	}
	r, err := w.way.Between(middle)
	return err == nil && len(r.Differences) == 0, err
}
