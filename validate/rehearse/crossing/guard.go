package crossing

import (
	"encoding/json"
	"slices"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/source"
)

// guardName is the name of a guard, which is deleted when the phase is done.
const guardName = "policyferry-crossing"

// guarded applies the changes under a guard: a policy that allows everything wherever no other decides. Under it no pod
// is isolated before all that allows it something is there. Denies are denies under it, so what is applied decides at
// once as it will in the end.
func (c *Crossing) guarded(start *state, changes []Change) []Change {
	guards := c.guards(start, changes)
	var out []Change
	for _, g := range guards {
		if g.after == nil {
			out = append(out, Change{Document: g.doc, Guard: true})
		}
	}
	for _, ch := range changes {
		out = append(out, ch)
		for _, g := range guards {
			if g.after != nil && *g.after == ch.Document.Object.Name && ch.Document.Object.Kind == "Tier" {
				out = append(out, Change{Document: g.doc, Guard: true})
			}
		}
	}
	for _, g := range guards {
		out = append(out, Change{Delete: true, Document: g.doc, Guard: true})
	}
	return out
}

type guard struct {
	doc *source.Document
	// after is the tier that must be there first; nil for none.
	after *string
}

// guards are those that the target needs: one, or in Calico those at the end of every tier. They leave out the pods that a
// standard policy of the start isolates, which a guard would open.
func (c *Crossing) guards(start *state, changes []Change) []guard {
	isolated := isolatedBy(start)
	if c.Target.CNI == compat.Cilium {
		return []guard{{doc: object(ciliumGuard(isolated))}}
	}
	var out []guard
	for _, tier := range tiersOf(changes) {
		for _, text := range calicoGuards(tier, isolated) {
			g := guard{doc: object(text)}
			if tier != "default" {
				g.after = &tier
			}
			out = append(out, g)
		}
	}
	return out
}

// tiersOf are the tiers that have policies, in the order in which they are read.
func tiersOf(changes []Change) []string {
	var out []string
	for _, ch := range changes {
		if owner(ch.Document) != compat.Calico || rankOf(ch.Document, compat.Calico, nil).group < 2 {
			continue
		}
		tier, ok := ch.Document.Scalar("spec.tier")
		if !ok {
			tier = "default"
		}
		if !slices.Contains(out, tier) {
			out = append(out, tier)
		}
	}
	return out
}

// object reads an object as an API server would.
func object(f fields) *source.Document {
	text, err := json.Marshal(f)
	if err != nil {
		panic("crossing: a guard cannot be written: " + err.Error())
	}
	docs, problems := source.ReadBytes("guard", text, source.Options{})
	if problems.Len() > 0 || len(docs) != 1 {
		panic("crossing: a guard cannot be read back")
	}
	return docs[0]
}
