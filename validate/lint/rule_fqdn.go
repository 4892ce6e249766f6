package lint

import "github.com/policyferry/policyferry/translate/diag"

// fqdnWithoutDNS finds policies with DNS names where no policy that may select the same pods has a DNS rule: Cilium
// learns the addresses behind a name from answers that pass its DNS proxy, and only a DNS rule sends them there
// (Documentation/security/policy/layer3.rst), so the names never match.
var fqdnWithoutDNS = rule{code: diag.FQDNWithoutDNS, set: func(s *set, r *reporter) {
	proxied := map[string]bool{} // by namespace; "" stands for cluster-wide policies
	for _, p := range s.policies {
		if hasDNSRule(p) {
			proxied[p.namespace] = true
		}
	}
	for _, p := range s.policies {
		if proxied[""] || p.clusterwide() && len(proxied) > 0 || proxied[p.namespace] {
			continue
		}
		eachCiliumRule(p, func(_ section, rule field) {
			if names := rule.get("toFQDNs"); len(names.items()) > 0 {
				r.report(names, `allow DNS with rules: {dns: [{matchPattern: "*"}]}, or lint this policy together with the one that does`,
					"no policy here sends the DNS of these pods through Cilium's proxy, so it never learns what the names stand for")
			}
		})
	}
}}

func hasDNSRule(p *policy) bool {
	found := false
	eachCiliumRule(p, func(_ section, rule field) {
		for _, ports := range rule.get("toPorts").items() {
			found = found || len(ports.at("rules", "dns").items()) > 0
		}
	})
	return found
}
