package cilium

import (
	"encoding/json"
	"slices"

	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/api"
	"github.com/cilium/cilium/pkg/policy/types"
)

// redirect is a rule that hands connections to a proxy, which then decides by what they carry.
type redirect struct {
	reach
	parser policy.L7ParserType
	// open is set when the proxy lets everything pass that it is handed.
	open bool
	// inside are the requests and names that pass, each as the JSON of its rule; nil where more is asked.
	inside []string
}

// redirectsOf lists the redirects of a subject.
func redirectsOf(selected policy.SelectorPolicy, o *owner) []redirect {
	var found []redirect
	for filter, rule := range selected.RedirectFilters() {
		found = append(found, redirect{
			reach:  reachOf(filter, rule.Selector, rule.Policy, o),
			parser: rule.Policy.L7Parser,
			open:   letsAllPass(rule.Policy),
			inside: insideOf(rule.Policy),
		})
	}
	return found
}

// passes tells whether every redirect that a connection may meet lets it pass.
func (m *policyMap) passes(ingress bool, f flow, peer identity.NumericIdentity) bool {
	met := false
	for _, r := range m.redirects {
		if !r.covers(ingress, f, peer) {
			continue
		}
		if !r.open {
			return false
		}
		met = true
	}
	return met
}

// inside are the rules on what passes of a connection that a proxy is handed; nil if they are not all that counts, or
// if nothing says what the proxy makes of them.
func (m *policyMap) inside(ingress bool, f flow, peer identity.NumericIdentity) []string {
	var met []redirect
	for _, r := range m.redirects {
		if r.covers(ingress, f, peer) {
			met = append(met, r)
		}
	}
	var rules []string
	switch told := len(met) > 0 && !slices.ContainsFunc(met, func(r redirect) bool {
		return r.inside == nil || r.parser != met[0].parser
	}); {
	case told && met[0].parser == policy.ParserTypeHTTP:
		rules = m.requests(met, ingress, f, peer)
	case told && met[0].parser == policy.ParserTypeDNS:
		rules = m.queries(met, ingress, f, peer)
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}

// requests are what the proxy for HTTP lets pass. It asks all rules for the connection, those without requests too, in
// the order of their precedence: what matches none of a level's requests is a matter for the next level, and a pass goes
// on with the next tier (pkg/envoy/model.go, GetDirectionNetworkPolicy; cilium/proxy, cilium/network_policy.cc,
// PortNetworkPolicyRules::forEachRule).
func (m *policyMap) requests(met []redirect, ingress bool, f flow, peer identity.NumericIdentity) []string {
	lines := slices.DeleteFunc(slices.Clone(m.plain), func(r reach) bool { return !r.covers(ingress, f, peer) })
	levels := slices.Clone(lines)
	for _, r := range met {
		levels = append(levels, r.reach)
	}
	if len(levels) > 1 && slices.ContainsFunc(levels, func(r reach) bool { return r.named }) {
		return nil // it may be about another port
	}
	var rules []string
	slices.SortFunc(levels, reach.compare)
	passed := -1
	for _, at := range slices.CompactFunc(levels, reach.sameLevel) {
		if int(at.tier) <= passed {
			continue
		}
		here := slices.DeleteFunc(slices.Clone(lines), func(r reach) bool { return !r.sameLevel(at) })
		says := func(verdict types.Verdict) bool {
			return slices.ContainsFunc(here, func(r reach) bool { return r.verdict == verdict })
		}
		if says(types.Deny) {
			return rules
		}
		if says(types.Allow) {
			return append(rules, "{}")
		}
		for _, r := range met {
			if r.sameLevel(at) {
				rules = append(rules, r.inside...)
			}
		}
		if says(types.Pass) {
			passed = int(at.tier)
		}
	}
	return rules
}

// queries are the names that the proxy for DNS lets pass. It has the rules of one filter for each port, whichever
// comes first (pkg/endpoint/bpf.go, addNewRedirects), so more than one tell nothing; nor do rules of several levels.
func (m *policyMap) queries(met []redirect, ingress bool, f flow, peer identity.NumericIdentity) []string {
	var rules []string
	for _, r := range met {
		if r.filter != met[0].filter || !r.sameLevel(met[0].reach) {
			return nil
		}
		rules = append(rules, r.inside...)
	}
	if slices.ContainsFunc(m.plain, func(r reach) bool { return r.filter == met[0].filter && r.covers(ingress, f, peer) }) {
		return nil
	}
	return rules
}

// insideOf writes down the rules on requests and names.
func insideOf(p *policy.PerSelectorPolicy) []string {
	if p.Listener != "" || p.TerminatingTLS != nil || p.OriginatingTLS != nil || len(p.ServerNames) > 0 {
		return nil
	}
	var list []string
	add := func(rule any) {
		if text, err := json.Marshal(rule); err == nil {
			list = append(list, string(text))
		}
	}
	for _, rule := range p.HTTP {
		add(rule)
	}
	for _, rule := range p.DNS {
		add(rule)
	}
	return list
}

// letsAllPass recognises the rules that restrict nothing: an empty HTTP rule and the DNS pattern "*". A TLS
// context, a server name or a listener of the user's may refuse what the rules let pass.
func letsAllPass(p *policy.PerSelectorPolicy) bool {
	if p.Listener != "" || p.TerminatingTLS != nil || p.OriginatingTLS != nil || len(p.ServerNames) > 0 {
		return false
	}
	for i := range p.HTTP {
		if p.HTTP[i].Equal(api.PortRuleHTTP{}) {
			return true
		}
	}
	for _, rule := range p.DNS {
		if rule.MatchPattern == "*" && rule.MatchName == "" {
			return true
		}
	}
	return false
}
