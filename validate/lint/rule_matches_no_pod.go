package lint

import (
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

// matchesNoPod finds policies and rules that choose pods by labels that no pod of the given cluster has. It needs the
// cluster's pods, given as facts; pods that lie among the policies are not taken for the cluster's.
var matchesNoPod = rule{code: diag.MatchesNoPod, set: func(s *set, r *reporter) {
	if !s.podsGiven || len(s.facts.Pods) == 0 {
		return
	}
	for _, p := range s.policies {
		for _, lowered := range s.model.byDoc[p.doc] {
			if lowered.Class != model.PodSubjects || len(s.model.byDoc[p.doc]) > 1 && p.form == calicoForm {
				continue // what selects hosts besides is not idle
			}
			if !s.somePod(lowered.Subject) && !lowered.Subject.IsNone() {
				r.reportAt(p.doc, subjectPath(p, lowered.Path), "correct the labels, or delete the policy if its pods are gone",
					"no pod of the cluster matches, so the policy selects nothing today")
				continue
			}
			idleRules(s, p, lowered, r)
		}
	}
}}

// idleRules reports the rules of a policy whose peers are pods, and none of the cluster's.
func idleRules(s *set, p *policy, lowered *model.Policy, r *reporter) {
	for _, section := range lowered.Sections {
		if section == nil {
			continue
		}
		for _, rule := range section.Rules {
			if len(rule.Matches) == 0 || len(rule.Doubts) > 0 {
				continue
			}
			idle := true
			for _, box := range rule.Matches {
				others := box.Peer
				others.Pods = selector.None()
				idle = idle && others.IsNobody() && !s.somePod(box.Peer.Pods)
			}
			if idle {
				r.reportAt(p.doc, rule.Path, "correct the labels, or delete the rule if its peers are gone",
					"no pod of the cluster matches the peers of this rule")
			}
		}
	}
}

// somePod reports whether some pod of the cluster with an address of its own matches.
func (s *set) somePod(pods selector.Selector) bool {
	if pods.TooComplex() {
		return true
	}
	for _, pod := range s.facts.Pods {
		if !pod.HostNetwork && podMatches(pods, pod, s.facts) {
			return true
		}
	}
	return false
}

// subjectPath is the field that says whom a policy selects.
func subjectPath(p *policy, owner string) string {
	switch p.form {
	case calicoForm:
		return "spec.selector"
	case ciliumForm:
		return owner + ".endpointSelector"
	case kubernetesForm:
		return "spec.podSelector"
	}
	return "spec.subject"
}
