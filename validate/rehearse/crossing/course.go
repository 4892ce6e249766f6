package crossing

import (
	"cmp"

	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/verdict"
)

// defaultDepth bounds the depth of a walk where nothing else is said.
const defaultDepth = 240

// defaultStretch bounds how many layers are judged at a time, since each is a set with a judge of its own.
const defaultStretch = 12

// plan are the steps of a walk, and whom documents concern.
type plan struct {
	steps []step
	who   *concern
	// size is how many changes that the CNI reads are in a step.
	size int
}

// plan divides changes into steps: one for each change that the CNI reads, or as few more together as make the walk no
// deeper than it may be.
func (c *Crossing) plan(w *walk, changes []Change) (*plan, error) {
	who, err := c.concerns(w, changes)
	if err != nil {
		return nil, err
	}
	for size := 1; ; size++ {
		out := steps(changes, w.polices.CNI, size)
		who.of(w.start, changes, out)
		if _, depth := layers(out); depth <= cmp.Or(c.MaxDepth, defaultDepth) {
			return &plan{out, who, size}, nil
		}
	}
}

// along judges all states of a walk, stretch by stretch, and finds the first that is not between the ends.
func (c *Crossing) along(w *walk, changes []Change, p *plan) (*equiv.Outside, error) {
	at := w.start.clone()
	for done := 0; ; {
		some := c.shallow(p.steps[done:])
		course, err := c.course(w, at, changes, &plan{some, p.who, p.size})
		if err != nil {
			return nil, err
		}
		out, err := equiv.Along(w.before, course, w.after, c.World.Facts)
		if err != nil {
			return nil, err
		}
		if out != nil {
			out.At += done
			return out, nil
		}
		for _, s := range some {
			at.make(changes[s.from:s.to])
		}
		if done += len(some); done == len(p.steps) {
			return nil, nil
		}
	}
}

// shallow are the first steps, as many as are no deeper than a stretch.
func (c *Crossing) shallow(all []step) []step {
	layer, _ := layers(all)
	for i, l := range layer {
		if l > cmp.Or(c.stretch, defaultStretch) {
			return all[:i]
		}
	}
	return all
}

// course makes a set of each layer. What a set of a layer holds need be no state of the walk, since steps that concern
// different ends stand in one layer. But to any one end it is one: of the steps that concern it, the set holds those up
// to this layer, which are the first few in their order.
func (c *Crossing) course(w *walk, start *state, changes []Change, p *plan) (*equiv.Course, error) {
	layer, depth := layers(p.steps)
	out := &equiv.Course{}
	at := start.clone()
	for l := 0; l <= depth; l++ {
		for i, s := range p.steps {
			if layer[i] == l {
				at.make(changes[s.from:s.to])
			}
		}
		side, err := c.side(w.polices, at)
		if err != nil {
			return nil, err
		}
		out.Stages = append(out.Stages, side)
	}
	of := p.levels(layer)
	out.Levels = func(e verdict.Endpoint) []equiv.Level { return of[p.who.group(e)] }
	return out, nil
}

// levels are those of each group.
func (p *plan) levels(layer []int) [][]equiv.Level {
	out := make([][]equiv.Level, p.who.count)
	for g := range out {
		out[g] = []equiv.Level{{}}
	}
	for i, s := range p.steps {
		level := equiv.Level{From: i + 1, Stage: layer[i]}
		if s.everyone {
			for g := range out {
				out[g] = append(out[g], level)
			}
			continue
		}
		for _, g := range s.concerns {
			out[g] = append(out[g], level)
		}
	}
	return out
}
