// Package crossing finds an order in which objects are applied and deleted on the way from one CNI to the other, and has
// the judges say whether every state on the way is between the two ends: that it allows nothing that both ends deny, and
// denies nothing that both ends allow.
//
// A pod is policed by one CNI at a time. While the new objects are applied, all pods are the source's; while the old ones
// are deleted, all pods are the target's. What only the other CNI reads changes nothing then, so what matters there are
// the standard policies, which both read. The third phase is for those who must apply where the target polices already:
// there every object counts, and the order is what keeps a pod from being cut off by the first of two policies that
// allow it something.
package crossing

import (
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/world"
)

// Crossing is what is to be crossed.
type Crossing struct {
	// Source and Target are the releases.
	Source, Target compat.Release
	// Before and After are the sets as their CNIs enforce them.
	Before, After *equiv.Side
	World         *world.World
	// MaxDepth bounds how many changes in a row may concern one end of connections; 0 means 240. If more do, several
	// changes are made together, and the states between them are not judged.
	MaxDepth int
	// stretch is defaultStretch if it is 0.
	stretch int
}

// Change applies or deletes one object.
type Change struct {
	Delete   bool
	Document *source.Document
	// Guard says that the object is in no set, and is there only for this phase.
	Guard bool
	// Batch numbers the changes that lead from one judged state to the next, from 1.
	Batch int
}

// Phase is a sequence of changes, all of which are made while one CNI polices all pods.
type Phase struct {
	// Polices is that CNI.
	Polices compat.CNI
	Changes []Change
	// States is the number of states that were judged. Together says that it is not every state: some changes of one batch
	// are made together although the CNI reads several of them.
	States   int
	Together bool
	// Inert says that this CNI reads none of the changes.
	Inert bool
	// Problem is the first state that is not between the ends; nil if all are.
	Problem *Problem
}

// Problem is a state that is not between the ends.
type Problem struct {
	// After is the number of changes made.
	After int
	// Difference is what is wrong there. Its kind is Unjudged if no judge can tell.
	Difference equiv.Difference
}

// Apply is the phase in which the new objects are applied, and the source polices all pods.
func (c *Crossing) Apply() (*Phase, error) {
	start := newState(c.Before.Documents)
	changes := start.applying(c.inOrder())
	return c.walk(&walk{polices: c.Source, before: c.Before, after: c.After, start: start}, changes)
}

// Delete is the phase in which the old objects are deleted, and the target polices all pods.
func (c *Crossing) Delete() (*Phase, error) {
	start := newState(c.Before.Documents)
	start.make(start.applying(c.inOrder()))
	return c.walk(&walk{polices: c.Target, before: c.Before, after: c.After, start: start}, c.deleting())
}

// deleting takes the old objects away in the reverse of the order in which their CNI reads them, so that what others
// refer to goes last.
func (c *Crossing) deleting() []Change {
	kept := newState(c.After.Documents)
	var out []Change
	docs := ordered(c.Before.Documents, c.Source.CNI)
	for i := len(docs) - 1; i >= 0; i-- {
		if kept.objects[docs[i].Object] == nil && docs[i].Object.Kind != "HostEndpoint" && !builtIn(docs[i]) {
			out = append(out, Change{Delete: true, Document: docs[i]})
		}
	}
	return out
}

// builtIn reports whether a CNI makes the object itself, and would make it again.
func builtIn(d *source.Document) bool {
	switch d.Object.Kind {
	case "Tier":
		return d.Object.Name == "default" || d.Object.Name == "kube-admin" || d.Object.Name == "kube-baseline" ||
			d.Object.Name == "adminnetworkpolicy" || d.Object.Name == "baselineadminnetworkpolicy"
	case "Profile":
		return true
	}
	return false
}

// Enforced is the phase for those who must apply the new objects where the target polices already: from what it makes of
// the standard policies alone to the whole set. If the objects in their order do not do, a guard is
// tried, and then other orders.
func (c *Crossing) Enforced() (*Phase, error) {
	start := newState(nil)
	for _, d := range c.Before.Documents {
		if owner(d) == "" {
			start.objects[d.Object] = d
		}
	}
	changes := start.applying(c.inOrder())
	w := &walk{polices: c.Target, start: start}
	var err error
	if w.before, err = c.side(c.Target, start); err != nil {
		return nil, err
	}
	end := start.clone()
	end.make(changes)
	if w.after, err = c.side(c.Target, end); err != nil {
		return nil, err
	}
	plain, err := c.walk(w, changes)
	if err != nil || plain.Problem == nil {
		return plain, err
	}
	guarded, err := c.walk(w, c.guarded(start, changes))
	if err != nil || guarded.Problem == nil {
		return guarded, err
	}
	if len(changes) > searchable {
		return plain, nil
	}
	found, err := c.search(w, changes)
	if err != nil || found != nil {
		return found, err
	}
	return plain, nil
}

func (c *Crossing) inOrder() []*source.Document { return ordered(c.After.Documents, c.Target.CNI) }
