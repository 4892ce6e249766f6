package lint

import "github.com/policyferry/policyferry/translate/diag"

// denyOnly finds Cilium rules that only deny in a direction. Any rule of a direction puts the endpoints into default
// deny unless enableDefaultDeny says no (pkg/policy/api/rule_validation.go), so what was to close one door closes all.
// A deny of everyone says that anyway.
var denyOnly = rule{code: diag.DenyOnly, policy: func(s *set, p *policy, r *reporter) {
	if p.form != ciliumForm {
		return
	}
	for _, deny := range p.sections {
		if !deny.deny() || len(deny.rules) == 0 || len(deny.owner.get(deny.direction()).items()) > 0 || deniesEveryone(deny) {
			continue
		}
		if flag := deny.owner.at("enableDefaultDeny", deny.direction()); flag.text() == "false" && s.release.Version.AtLeast(1, 16) {
			continue
		}
		r.report(deny.list, "set enableDefaultDeny."+deny.direction()+": false to keep the rest open, or allow what is to stay open",
			"there is no %s rule beside these denies, so everything else in that direction is denied as well, unless another policy allows it", deny.direction())
	}
}}

func deniesEveryone(s section) bool {
	for _, rule := range s.rules {
		entities := rule.get(s.peers() + "Entities")
		if rule.only(s.peers()+"Entities") && (hasEntity(entities, "all") || hasEntity(entities, "cluster") && hasEntity(entities, "world")) {
			return true
		}
	}
	return false
}
