package lint

import (
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

// negativeOnly finds selectors that only say what they do not choose, where that takes in more than pods: a
// GlobalNetworkPolicy then selects host endpoints too, a notSelector alone leaves the outside world or drops it by the
// kind of its policy (libcalico-go/lib/backend/syncersv1/updateprocessors/rules.go), and a cluster-wide policy of
// Cilium selects its health and ingress endpoints (pkg/policy/rule.go). Cilium's peers are found by lowered.
var negativeOnly = rule{code: diag.NegativeOnly, set: func(s *set, r *reporter) {
	for _, p := range s.policies {
		switch p.form {
		case calicoForm:
			negativeSubject(s, p, r)
			negativePeers(p, r)
		case ciliumForm:
			if p.clusterwide() {
				negativeCiliumSubject(p, r)
			}
		}
	}
}}

func negativeSubject(s *set, p *policy, r *reporter) {
	at := root(p.doc).at("spec", "selector")
	lowered := s.model.of(p, model.PodSubjects)
	if at.empty() || !root(p.doc).at("spec", "namespaceSelector").empty() || !p.clusterwide() || lowered == nil || !onlyExcludes(lowered.Subject) {
		return
	}
	r.report(at, "add namespaceSelector: all() to keep it to pods, or say what is meant",
		"the selector only excludes, so it selects every other pod, those of the system as well, and every host endpoint")
}

// onlyExcludes reports whether an alternative of the selector asks for no label to be there.
func onlyExcludes(s selector.Selector) bool {
	for _, clause := range s.Clauses() {
		reqs := clause.Requirements()
		positive := len(reqs) == 0 || len(clause.Texts()) > 0
		for _, q := range reqs {
			positive = positive || !q.Values.MayBeAbsent()
		}
		if !positive {
			return true
		}
	}
	return false
}

func negativePeers(p *policy, r *reporter) {
	for _, s := range p.sections {
		side := "source"
		if s.egress() {
			side = "destination"
		}
		for _, rule := range s.rules {
			peer := rule.get(side)
			not := peer.get("notSelector")
			if not.empty() || !peer.get("selector").empty() || !peer.get("namespaceSelector").empty() || !peer.get("nets").empty() {
				continue
			}
			if p.clusterwide() {
				r.report(not, "add selector: all() to mean endpoints only", "notSelector alone leaves everyone else, nodes and the outside world as well")
			} else {
				r.report(not, "add namespaceSelector: all() for pods elsewhere; the outside world needs a rule with nets",
					"notSelector alone means the other pods of %s, and nobody outside it", p.home())
			}
		}
	}
}

func negativeCiliumSubject(p *policy, r *reporter) {
	for _, owner := range p.owners() {
		subject := owner.get("endpointSelector")
		expressions := subject.get("matchExpressions").items()
		if len(expressions) == 0 || !subject.get("matchLabels").empty() {
			continue
		}
		positive := false
		for _, e := range expressions {
			op := e.get("operator").text()
			positive = positive || op == "In" || op == "Exists"
		}
		if !positive {
			r.report(subject, "add io.kubernetes.pod.namespace with operator Exists",
				"the selector only excludes, so it selects Cilium's own health and ingress endpoints as well")
		}
	}
}
