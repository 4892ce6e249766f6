package lint

import (
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

// unreachable finds Calico rules behind an earlier one of the same policy that decides everything they match, and
// rules behind a policy of the same tier that decides everything for all whom theirs selects.
var unreachable = rule{code: diag.Unreachable, set: func(s *set, r *reporter) {
	if s.release.CNI != compat.Calico {
		return
	}
	for _, tier := range s.model.Tiers {
		for _, d := range []model.Direction{model.Ingress, model.Egress} {
			var closing selector.Index[closer]
			for _, p := range tier.Policies {
				if p.Sections[d] != nil {
					for _, c := range unreachableRules(p, d, closing.Near(p.Selected()), r) {
						closing.Add(c, p.Subject)
					}
				}
			}
		}
	}
}}

// closer is a rule that takes in all traffic of everyone whom its policy selects, from or to some peers.
type closer struct {
	policy *model.Policy
	rule   *model.Rule
}

// unreachableRules reports the rules of one section and returns its closers.
func unreachableRules(p *model.Policy, d model.Direction, closing []closer, r *reporter) []closer {
	section := p.Sections[d]
	var out []closer
	var before []*model.Rule
	for _, c := range closing {
		if c.policy.Class == p.Class && !strangers(c.policy, p) && c.policy.Subject.Covers(p.Selected()) {
			before = append(before, c.rule)
		}
	}
	for i, rule := range section.Rules {
		by := earlier(section.Rules[:i], rule, d == model.Ingress && p.Class == model.PodSubjects)
		if by == nil {
			by = earlier(before, rule, d == model.Ingress && p.Class == model.PodSubjects)
		}
		if by != nil && p.Doc != nil && formOf(p.Doc.Object) == calicoForm {
			f := r.reportAt(p.Doc, rule.Path, "put it before that rule, or delete it",
				"the rule is never reached: an earlier one decides all that it matches")
			if by.Pos.File != "" {
				f.Related = []diag.Related{{Pos: by.Pos, Message: "it is here, of " + by.Object.String()}}
			}
		}
		for _, box := range rule.Matches {
			if box.Plain() && box.Subject.IsAll() && box.Traffic.IsAll() {
				out = append(out, closer{p, rule})
				break
			}
		}
	}
	return out
}

// earlier is the first rule that covers another alone, or nil. What a pod's own node sends it passes whatever policy
// says (felix/rules/static.go), so among rules about that the node does not count.
func earlier(rules []*model.Rule, rule *model.Rule, fromHosts bool) *model.Rule {
	if len(rule.Matches) == 0 || len(rule.Doubts) > 0 {
		return nil
	}
	for _, by := range rules {
		covered := true
		for _, box := range rule.Matches {
			if fromHosts {
				box.Peer.Host = selector.None()
			}
			covered = covered && coversBox(by, box)
		}
		if covered {
			return by
		}
	}
	return nil
}

func coversBox(by *model.Rule, box model.Box) bool {
	for _, b := range by.Matches {
		if b.Covers(box) {
			return true
		}
	}
	return false
}

// strangers reports whether two policies leave their namespace to kustomize or Helm, each in a file of its own, so that
// nobody knows here whether it is one.
func strangers(p, q *model.Policy) bool {
	unstated := func(p *model.Policy) bool {
		return p.Doc != nil && namespaced(p.Doc.Object.Kind) && p.Doc.Object.Namespace == ""
	}
	return unstated(p) && unstated(q) && p.Doc.Pos.File != q.Doc.Pos.File
}
