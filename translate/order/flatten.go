package order

import (
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

// Flatten compiles a set into one without order that has the same verdicts, or narrower ones where a finding says
// so. Policies keep their order and their parts; Pass and tiers are gone. Where order cannot be compiled away, it is
// kept as far as the target has it; keep is nil if it has none.
func Flatten(set *model.Set, e *env.Env, keep Keep) *model.Flat {
	flat := &model.Flat{}
	kept := &keeping{keep: keep, left: maxOrdered}
	byPolicy := map[*model.Policy]*model.FlatPolicy{}
	for _, t := range set.Tiers {
		for _, p := range t.Policies {
			fp := &model.FlatPolicy{Source: p, Changed: !p.MaybeSubject.IsNone()}
			fp.Isolated = [2]selector.Selector{selector.None(), selector.None()}
			byPolicy[p] = fp
			flat.Policies = append(flat.Policies, fp)
		}
	}
	for _, class := range []model.Class{model.PodSubjects, model.HostSubjects} {
		for _, d := range []model.Direction{model.Ingress, model.Egress} {
			c := &compiler{direction: d, env: e}
			if class == model.PodSubjects && keep != nil {
				c.keeping = kept
			}
			c.stages = stagesOf(set, class, d, byPolicy, e.Accepted)
			c.run()
			for _, p := range c.ordered {
				flat.Ordered = append(flat.Ordered, p.OrderedRule)
			}
		}
	}
	return flat
}

func stagesOf(set *model.Set, class model.Class, d model.Direction, flat map[*model.Policy]*model.FlatPolicy, accepted map[string]bool) []*stage {
	var stages []*stage
	for i, t := range set.Tiers {
		s := &stage{tier: t}
		for _, p := range t.Policies {
			if p.Class != class || p.Sections[d] == nil {
				continue
			}
			s.policies = append(s.policies, flat[p])
			for _, r := range p.Sections[d].Rules {
				s.entries = append(s.entries, settle(i, flat[p], r, accepted)...)
			}
		}
		if t.Unordered {
			sortUnordered(s)
		}
		s.close(d)
		stages = append(stages, s)
	}
	return stages
}

// sortUnordered puts denies before passes before allows, as a tier of Cilium's own policies works.
func sortUnordered(s *stage) {
	var sorted []*entry
	for _, action := range []model.Action{model.Deny, model.Pass, model.Allow} {
		for _, e := range s.entries {
			if e.action == action {
				sorted = append(sorted, e)
			}
		}
	}
	s.entries = sorted
}

// compiler flattens one direction of one class of subjects.
type compiler struct {
	direction model.Direction
	env       *env.Env
	stages    []*stage
	allows    []*entry
	denies    []*entry
	// allowed finds the allows by their subjects.
	allowed selector.Index[*entry]
	// end is the place after the last rule.
	end int
	// isolated are the policies that put endpoints into default deny.
	isolated selector.Index[*model.FlatPolicy]
	// keeping is what the target can keep in order, nil if nothing; ordered are the rules that are kept so.
	keeping *keeping
	ordered []placed
}

func (c *compiler) run() {
	for _, s := range c.stages {
		c.cutAroundPasses(s)
	}
	c.isolate()
	pos := 0
	for k, s := range c.stages {
		for _, e := range s.entries {
			if e.action == model.Pass {
				continue
			}
			c.guard(k, e)
			e.pos = pos
			pos++
			if e.action == model.Allow {
				c.allows = append(c.allows, e)
			} else {
				c.denies = append(c.denies, e)
			}
		}
	}
	c.end = pos
	c.allows = append(c.allows, c.passedThrough(pos)...)
	c.resolve()
	c.emit()
}

// emit hands the parts to their policies, in the order of evaluation.
func (c *compiler) emit() {
	for _, list := range [][]*entry{c.denies, c.allows} {
		for _, e := range list {
			for _, b := range e.boxes {
				if !b.IsEmpty() {
					part := model.Part{Box: b, Action: e.action, Rule: e.rule}
					e.policy.Parts[c.direction] = append(e.policy.Parts[c.direction], part)
				}
			}
			if e.cut {
				e.policy.Changed = true
			}
		}
	}
}
