package calico

import (
	"slices"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
)

// reportEqualOrders says where two policies of one order contradict each other: which one wins depends on their
// names, and on the release (felix/calc/policy_sorter.go, PolKVLess, changed in 3.32). Each policy is reported once,
// with the first that it contradicts.
func reportEqualOrders(t *tier, e *env.Env) {
	var group []rival
	for i, p := range t.policies {
		group = append(group, rival{p, actionsOf(p.Policy)})
		if i+1 == len(t.policies) || t.policies[i+1].order != p.order {
			reportRivals(group, e)
			group = nil
		}
	}
}

// rival is a policy among others of the same order.
type rival struct {
	placed
	actions actionSet
}

// reportRivals compares policies of one order: those of one namespace with each other and with the global ones.
// Policies of different namespaces never meet.
func reportRivals(group []rival, e *env.Env) {
	byNamespace := map[string][]rival{}
	for _, p := range group {
		byNamespace[p.Object.Namespace] = append(byNamespace[p.Object.Namespace], p)
	}
	for i, p := range group {
		others := group[i+1:]
		if ns := p.Object.Namespace; ns != "" {
			others = append(slices.Clone(after(byNamespace[ns], p)), after(byNamespace[""], p)...)
		}
		for _, q := range others {
			if a, b := p.contradicts(q); a != nil {
				e.Findings.Add(diag.EqualOrder.At(a.Pos, a.Object, a.Path,
					"this rule and one of %s decide the same traffic differently, and only their names decide which comes first", b.Object).
					WithHint("give the policies different orders").
					WithRelated(b.Pos, "the other rule is here"))
				break
			}
		}
	}
}

// after is the policies that come after p in evaluation.
func after(list []rival, p rival) []rival {
	i := slices.IndexFunc(list, func(q rival) bool { return q.key > p.key })
	if i < 0 {
		return nil
	}
	return list[i:]
}

// contradicts finds two rules that decide some packet differently. Most policies only allow, so whom they select is
// looked at last.
func (p rival) contradicts(q rival) (*model.Rule, *model.Rule) {
	if !p.actions.differ(q.actions) || p.Doc == nil || q.Doc == nil || p.Class != q.Class || !p.Selected().Overlaps(q.Selected()) {
		return nil, nil
	}
	return contradiction(p.Policy, q.Policy)
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
