package calico

import (
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
)

// reportEqualOrders says where two policies of one order contradict each other: which one wins depends on their
// names, and on the release (felix/calc/policy_sorter.go, PolKVLess, changed in 3.32).
func reportEqualOrders(t *tier, e *env.Env) {
	// Most policies only allow, so the pairs that may disagree are found without looking at whom they select.
	actions := make([]actionSet, len(t.policies))
	for i, p := range t.policies {
		actions[i] = actionsOf(p.Policy)
	}
	for i, p := range t.policies {
		for j, q := range t.policies[i+1:] {
			if q.order != p.order {
				break
			}
			if !actions[i].differ(actions[i+1+j]) || p.Doc == nil || q.Doc == nil || p.Class != q.Class || !p.Selected().Overlaps(q.Selected()) {
				continue
			}
			if a, b := contradiction(p.Policy, q.Policy); a != nil {
				e.Findings.Add(diag.EqualOrder.At(a.Pos, a.Object, a.Path,
					"this rule and one of %s decide the same traffic differently, and only their names decide which comes first", b.Object).
					WithHint("give the policies different orders").
					WithRelated(b.Pos, "the other rule is here"))
			}
		}
	}
}

// actionSet is the actions that the rules of a policy take, per direction.
type actionSet [2]uint8

func actionsOf(p *model.Policy) actionSet {
	var out actionSet
	for d, s := range p.Sections {
		if s == nil {
			continue
		}
		for _, r := range s.Rules {
			out[d] |= 1 << r.Action
		}
	}
	return out
}

// differ reports whether some rule of the one has another action than some rule of the other, in one direction.
func (a actionSet) differ(b actionSet) bool {
	for d := range a {
		if both := a[d] | b[d]; a[d] != 0 && b[d] != 0 && both&(both-1) != 0 {
			return true
		}
	}
	return false
}

// contradiction finds two rules that decide some packet differently.
func contradiction(p, q *model.Policy) (*model.Rule, *model.Rule) {
	for d := range p.Sections {
		if p.Sections[d] == nil || q.Sections[d] == nil {
			continue
		}
		for _, a := range p.Sections[d].Rules {
			for _, b := range q.Sections[d].Rules {
				if a.Action != b.Action && overlap(a, b) {
					return a, b
				}
			}
		}
	}
	return nil, nil
}

func overlap(a, b *model.Rule) bool {
	for _, x := range a.Matches {
		for _, y := range b.Matches {
			if x.Overlaps(y) {
				return true
			}
		}
	}
	return false
}
