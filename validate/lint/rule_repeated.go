package lint

import (
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
)

// repeatedRule finds a rule of a NetworkPolicy or of Cilium that allows nothing which another rule of the same list does
// not allow as well. Rules add up there, so it has no say. Beside a rule that allows everything mootRules says so.
var repeatedRule = rule{code: diag.RepeatedRule, set: func(s *set, r *reporter) {
	for _, p := range s.policies {
		if p.form != kubernetesForm && p.form != ciliumForm {
			continue
		}
		for _, lowered := range s.model.byDoc[p.doc] {
			for _, section := range lowered.Sections {
				if section != nil {
					repeatedRules(p, section, r)
				}
			}
		}
	}
}}

func repeatedRules(p *policy, section *model.Section, r *reporter) {
	written := p.written(section, func(rule writtenRule) bool {
		return rule.Action == model.Allow && sayable(rule.Rule) && !asksProxy(rule.at) && !unconditional(p, rule.list, rule.at)
	})
	for i, rule := range written {
		for k, other := range written {
			// Of two that say the same the later one is one too many.
			if i == k || other.at.path == rule.at.path || !coversAll(other.Rule, rule.Rule) || k > i && coversAll(rule.Rule, other.Rule) {
				continue
			}
			r.report(rule.at, "delete it, unless it is there to be read", "the rule has no say: another one allows all that it allows").
				Related = []diag.Related{{Pos: p.doc.Position(other.at.path), Message: "it is here"}}
			break
		}
	}
}

// sayable reports whether it is known exactly what a rule matches.
func sayable(rule *model.Rule) bool { return len(rule.Doubts) == 0 && len(rule.Matches) > 0 }

// coversAll reports whether one rule matches everything that another one does.
func coversAll(by, rule *model.Rule) bool {
	for _, box := range rule.Matches {
		if !coversBox(by, box) {
			return false
		}
	}
	return true
}

// writtenRule is a rule as it is read and as it stands in the text.
type writtenRule struct {
	*model.Rule
	at   field
	list section
}

// written are the rules of a section that stand in a list of the policy, those that are asked for.
func (p *policy) written(section *model.Section, asked func(writtenRule) bool) []writtenRule {
	if len(section.Rules) < 2 {
		return nil
	}
	byPath := map[string]writtenRule{}
	for _, s := range p.sections {
		for _, rule := range s.rules {
			byPath[rule.path] = writtenRule{at: rule, list: s}
		}
	}
	var out []writtenRule
	for _, rule := range section.Rules {
		if w, ok := byPath[rule.Path]; ok {
			if w.Rule = rule; asked(w) {
				out = append(out, w)
			}
		}
	}
	return out
}
