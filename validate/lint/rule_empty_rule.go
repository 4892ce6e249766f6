package lint

import "github.com/policyferry/policyferry/translate/diag"

// emptyRuleDenies finds {} in the rules of a Cilium policy. In a NetworkPolicy it allows everything; in Cilium it
// matches nobody and only puts the endpoints into default deny (pkg/policy/utils/parserules.go), the opposite.
var emptyRuleDenies = rule{code: diag.EmptyRuleDenies, policy: func(_ *set, p *policy, r *reporter) {
	if p.form != ciliumForm {
		return
	}
	for _, s := range p.sections {
		for _, rule := range s.rules {
			if !rule.emptyMapping() || len(rule.keys()) > 0 {
				continue
			}
			switch {
			case s.deny():
				r.report(rule, "to deny everything name the peers: "+s.peers()+"Entities: [all]",
					"an empty rule matches nobody, so it denies nothing by itself; it only puts the endpoints into default deny")
			case len(s.rules) > 1:
				r.report(rule, "delete it; the other rules isolate as well",
					"an empty rule matches nobody, so it adds nothing to the others")
			default:
				r.report(rule, "to allow everything write "+s.peers()+"Entities: [all]",
					"an empty rule matches nobody: %s is denied, whereas in a NetworkPolicy {} allows everything", s.direction())
			}
		}
	}
}}
