package lint

import (
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
)

// allowsAll finds rules without any condition that allow: {} in a NetworkPolicy, action: Allow alone in Calico,
// fromEntities: [all] in Cilium.
var allowsAll = rule{code: diag.AllowsAll, policy: func(_ *set, p *policy, r *reporter) {
	for _, s := range p.sections {
		for _, rule := range s.rules {
			if unconditional(p, s, rule) {
				r.report(rule, "if that is meant, nothing is to be done; else name "+s.peers()+" or ports",
					"the rule has no condition: it allows every %s connection", s.direction())
			}
		}
	}
}}

// unconditional reports whether a rule allows everything in its direction.
func unconditional(p *policy, s section, rule field) bool {
	switch p.form {
	case kubernetesForm:
		return rule.get(s.peers()).empty() && rule.get("ports").empty()
	case calicoForm:
		return strings.EqualFold(rule.get("action").text(), "Allow") && rule.only("action", "metadata")
	case ciliumForm:
		return !s.deny() && rule.only(s.peers()+"Entities") && hasEntity(rule.get(s.peers()+"Entities"), "all")
	}
	return false
}

func hasEntity(list field, names ...string) bool {
	for _, e := range list.items() {
		if slices.Contains(names, e.text()) {
			return true
		}
	}
	return false
}
