package calico

import (
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
)

// reportEqualOrders says where two policies of one order contradict each other: which one wins depends on their
// names, and on the release (felix/calc/policy_sorter.go, PolKVLess, changed in 3.32).
func reportEqualOrders(t *tier, e *env.Env) {
	for i, p := range t.policies {
		for _, q := range t.policies[i+1:] {
			if q.order != p.order {
				break
			}
			if p.Doc == nil || q.Doc == nil || p.Class != q.Class || !p.Selected().Overlaps(q.Selected()) {
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

// contradiction finds two rules that decide some packet differently.
func contradiction(p, q *model.Policy) (*model.Rule, *model.Rule) {
	for d := range p.Sections {
		if p.Sections[d] == nil || q.Sections[d] == nil || uniform(p.Sections[d], q.Sections[d]) {
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

// uniform reports whether all rules of two sections have one action; most policies only allow.
func uniform(s, t *model.Section) bool {
	actions := map[model.Action]bool{}
	for _, r := range s.Rules {
		actions[r.Action] = true
	}
	for _, r := range t.Rules {
		actions[r.Action] = true
	}
	return len(actions) < 2
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
