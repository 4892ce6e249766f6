package lint

import "github.com/policyferry/policyferry/translate/diag"

// mootRules finds a rule that allows everything beside others that allow less: rules of NetworkPolicies and of Cilium
// add up, so the others have no say. In Calico, where order counts, unreachable finds them. A rule of Cilium that asks
// a proxy, for its log, for DNS or for server names, is not moot.
var mootRules = rule{code: diag.MootRules, policy: func(_ *set, p *policy, r *reporter) {
	if p.form != kubernetesForm && p.form != ciliumForm {
		return
	}
	for _, s := range p.sections {
		if s.deny() {
			continue
		}
		for _, rule := range s.rules {
			if !unconditional(p, s, rule) {
				continue
			}
			for _, other := range s.rules {
				if !unconditional(p, s, other) && !asksProxy(other) && !other.emptyMapping() {
					r.report(other, "delete this rule, or the one that allows everything",
						"the rule has no say: another one of the same list allows every %s connection", s.direction()).
						Related = []diag.Related{{Pos: p.doc.Position(rule.path), Message: "it is here"}}
				}
			}
			break
		}
	}
}}

// asksProxy reports whether a rule of Cilium sends its traffic through a proxy.
func asksProxy(rule field) bool {
	for _, ports := range rule.get("toPorts").items() {
		for _, asks := range []string{"rules", "listener", "serverNames", "terminatingTLS", "originatingTLS"} {
			if ports.get(asks).present() {
				return true
			}
		}
	}
	return rule.get("toFQDNs").present() || rule.get("authentication").present()
}
