package lint

import (
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
)

// deniedAnyway finds rules of Cilium that allow nothing but what a deny of the same object denies: denies win over
// allows, whatever stands first (pkg/policy/mapstate.go). In Calico, where order counts, unreachable finds them.
var deniedAnyway = rule{code: diag.DeniedAnyway, set: func(s *set, r *reporter) {
	for _, p := range s.policies {
		if p.form != ciliumForm {
			continue
		}
		for _, lowered := range s.model.byDoc[p.doc] {
			for _, section := range lowered.Sections {
				if section != nil {
					deniedRules(p, section, r)
				}
			}
		}
	}
}}

func deniedRules(p *policy, section *model.Section, r *reporter) {
	denies := p.written(section, func(rule writtenRule) bool { return rule.Action == model.Deny })
	if len(denies) == 0 {
		return
	}
	for _, rule := range p.written(section, func(rule writtenRule) bool { return rule.Action == model.Allow && sayable(rule.Rule) }) {
		for _, deny := range denies {
			if !coversAll(deny.Rule, rule.Rule) {
				continue
			}
			r.report(rule.at, "delete the rule, or make the deny narrower", "the rule allows nothing: a deny of the same policy denies all that it matches, and denies win").
				Related = []diag.Related{{Pos: p.doc.Position(deny.at.path), Message: "it is here"}}
			break
		}
	}
}
