package rehearse

import (
	"fmt"
	"slices"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/emit"
	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/rehearse/crossing"
)

// runbook writes the way out for this estate, with the orders of its objects and the window that stands open.
func (e *estate) runbook() error {
	if e.outcome == nil || e.Summary.Written == 0 {
		return nil
	}
	e.Runbook = &Runbook{Title: fmt.Sprintf("%s: from %s to %s", e.Name, e.forward.Source, e.forward.Target), Phases: []Phase{}, Steps: []RunbookStep{}}
	if err := e.phases(); err != nil {
		return err
	}
	e.opt.progress(e.Name + ": finding out who is open meanwhile")
	if err := e.window(); err != nil {
		return err
	}
	if e.opt.To == compat.Cilium {
		e.toCilium()
	} else {
		e.toCalico()
	}
	return nil
}

// The phases by their number.
const (
	phaseApply = 1 + iota
	phaseDelete
	phaseEnforced
)

// phases finds the orders of applying and deleting.
func (e *estate) phases() error {
	c := &crossing.Crossing{Source: e.forward.Source, Target: e.forward.Target, Before: e.outcome.Left, After: e.outcome.Right, World: e.outcome.World,
		MaxDepth: e.depth()}
	for _, p := range []struct {
		name, text, way string
		find            func() (*crossing.Phase, error)
	}{
		{"apply", fmt.Sprintf("%s polices all pods; what only %s reads changes nothing yet.", e.forward.Source.Name(), e.forward.Target.Name()),
			"apply the standard policies, which both read, while nothing is enforced: the runbook has a step for it", c.Apply},
		{"delete", fmt.Sprintf("%s polices all pods; what only %s reads changes nothing any more.", e.forward.Target.Name(), e.forward.Source.Name()),
			"delete the standard policies, which both read, while nothing is enforced: the runbook has a step for it", c.Delete},
		{"apply where " + e.forward.Target.Name() + " polices already",
			fmt.Sprintf("Only for those who cannot apply before %s polices the pods, such as when it is applied anew: from the standard policies alone to the whole set.", e.forward.Target.Name()),
			"apply all of it before the first pod is policed by " + e.forward.Target.Name() + ", as the steps have it: then every pod goes from the one end to the other at once", c.Enforced},
	} {
		e.opt.progress(e.Name + ": finding an order to " + p.name)
		found, err := p.find()
		if err != nil {
			e.notDone(stepRunbook, diag.NotCompared, "the states on the way cannot be judged: %v", err)
			return nil
		}
		e.Runbook.Phases = append(e.Runbook.Phases, phaseOf(found, p.name, p.text, p.way))
	}
	e.unsafe()
	return nil
}

// What a phase costs goes with its depth: how many changes in a row concern one end of connections. It is bounded by
// maxStretches stretches of twelve, and by fewer where each takes long: affordable is what all of them may cost.
const (
	maxStretches = 24
	affordable   = 600_000
)

// depth bounds the depth of a phase. It depends on nothing but the sets and the cluster: on the connections that are
// judged, and on the pairs of ends that are gone through for them.
func (e *estate) depth() int {
	size := e.outcome.Size
	cost := int(size.Judged)/20 + size.Classes*(size.Classes+size.Atoms)/50
	return 12 * min(maxStretches, max(1, affordable/max(1, cost)))
}

// unsafe reports the phases of the steps that are not safe, and puts off what both CNIs read: it is changed while nothing
// is enforced. The last phase is no step.
func (e *estate) unsafe() {
	for _, p := range e.Runbook.Phases[:phaseEnforced-1] {
		if p.Problem == nil {
			continue
		}
		for _, c := range p.Changes {
			if standard(c.Object) {
				e.swaps = append(e.swaps, c)
			}
		}
		e.add(stepRunbook, diag.Between.At(diag.Position{File: e.snapshot.Path}, diag.Object{}, "", "no order to %s was found that is safe: after %s, %s %s",
			p.Name, plural(p.Problem.After, "change"), p.Problem.Witness, outsideText[p.Problem.Kind]).WithHint("%s", p.Problem.Way))
	}
}

var outsideText = map[string]string{
	string(equiv.Opens): "is allowed, which both ends deny", string(equiv.Closes): "is denied, which both ends allow",
	string(equiv.Unjudged): "fares in a way that no judge can tell",
}

func phaseOf(p *crossing.Phase, name, text, way string) Phase {
	out := Phase{Name: name, Text: text, Changes: []Change{}, States: p.States, Safe: p.Problem == nil, Inert: p.Inert, Together: p.Together}
	for _, c := range p.Changes {
		change := Change{Action: "apply", Object: c.Document.Object, Batch: c.Batch}
		if c.Delete {
			change.Action = "delete"
		} else if c.Guard {
			if json, err := c.Document.JSON(); err == nil {
				yaml, _ := emit.YAML([][]byte{json})
				change.Text = string(yaml)
			}
		}
		out.Changes = append(out.Changes, change)
	}
	if p.Problem != nil {
		d := p.Problem.Difference
		out.Problem = &Problem{After: p.Problem.After, Kind: string(d.Kind), Witness: witnessOf(d), Way: way}
	}
	return out
}

// window finds out who is protected today and nobody protects while nothing is enforced.
func (e *estate) window() error {
	open, err := equiv.NewSide(equiv.Set{CNI: e.forward.Target.CNI, Version: e.Target.Version}, e.outcome.World.Facts, e.outcome.World.Objects)
	if err != nil {
		return err
	}
	r, err := equiv.Compare(e.outcome.Left, open, e.outcome.World.Facts, equiv.Options{Explain: 1, Workload: workload, MaxWorkloads: e.opt.ends()})
	if err != nil {
		return err
	}
	w := &Window{Nodes: len(e.outcome.World.Facts.Nodes), Who: []string{}}
	if i := slices.IndexFunc(r.Differences, func(d equiv.Difference) bool { return d.Kind == equiv.Opens }); i < 0 {
		return nil
	}
	outside, err := equiv.Between(e.outcome.Left, open, e.outcome.Right, e.outcome.World.Facts)
	if err != nil {
		return err
	}
	for _, d := range outside.Differences {
		if d.Kind == equiv.Opens {
			witness := witnessOf(d)
			w.Witness = &witness
			break
		}
	}
	if r.Matrix != nil {
		e.exposed(w, r.Matrix)
	}
	e.Runbook.Window = w
	return nil
}

// maxExposed bounds the workloads that a window names.
const maxExposed = 50

// exposed lists the workloads at which something is let through that is denied there today.
func (e *estate) exposed(w *Window, m *equiv.Matrix) {
	for i, end := range m.Ends {
		if end.Workload == "" {
			continue
		}
		open := false
		for j := range m.Ends {
			open = open || m.Reaches[m.Cells[i][j]].Leaving || m.Reaches[m.Cells[j][i]].Entering
		}
		switch {
		case !open:
			continue
		case len(w.Who) < maxExposed:
			w.Who = append(w.Who, end.Workload)
		default:
			w.Omitted++
		}
		w.Pods += end.Members
	}
}
