package lint

import "github.com/policyferry/policyferry/translate/diag"

// anyProtocol finds ports of Cilium policies without protocol. They are TCP, UDP and SCTP (pkg/policy/rule.go), where
// a NetworkPolicy means TCP and Calico asks for one. One finding for each rule, at its first such port.
var anyProtocol = rule{code: diag.AnyProtocol, policy: func(_ *set, p *policy, r *reporter) {
	eachCiliumRule(p, func(_ section, rule field) {
		for _, ports := range rule.get("toPorts").items() {
			for _, port := range ports.get("ports").items() {
				if port.get("protocol").empty() && !allPorts(port) && !port.get("port").empty() {
					r.report(port, "state protocol: TCP, or ANY if all three are meant",
						"without protocol the port is open for TCP, UDP and SCTP")
					return
				}
			}
		}
	})
}}

// anyWithoutICMP finds rules of Cilium that name every port of every protocol. That is TCP, UDP and SCTP; a ping does
// not pass, as it does where toPorts is left out.
var anyWithoutICMP = rule{code: diag.AnyWithoutICMP, policy: func(_ *set, p *policy, r *reporter) {
	eachCiliumRule(p, func(_ section, rule field) {
		for _, ports := range rule.get("toPorts").items() {
			for _, port := range ports.get("ports").items() {
				if protocol := port.get("protocol").text(); (protocol == "" || protocol == "ANY") && allPorts(port) {
					r.report(port, "leave toPorts out if everything is meant",
						"every port of TCP, UDP and SCTP is not everything: ICMP and other protocols have no ports and do not match")
				}
			}
		}
	})
}}

// allPorts reports whether an entry of toPorts means every port.
func allPorts(port field) bool {
	first, last := port.get("port").text(), port.get("endPort").text()
	return first == "0" || first == "1" && last == "65535"
}

// eachCiliumRule calls visit for every rule of a Cilium policy.
func eachCiliumRule(p *policy, visit func(s section, rule field)) {
	if p.form != ciliumForm {
		return
	}
	for _, s := range p.sections {
		for _, rule := range s.rules {
			visit(s, rule)
		}
	}
}
