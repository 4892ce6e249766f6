package cilium

import (
	"encoding/json"
	"slices"

	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/api"
	"github.com/cilium/cilium/pkg/u8proto"
)

// redirect is a rule that hands connections to a proxy, which then decides by what they carry.
type redirect struct {
	ingress     bool
	protocol    u8proto.U8proto
	first, last uint16
	anyPort     bool
	peers       policy.CachedSelector
	// open is set when the proxy lets everything pass that it is handed.
	open bool
	// inside are the requests and names that pass, each as the JSON of its rule; nil where more is asked.
	inside []string
}

// redirectsOf lists the redirects of a subject.
func redirectsOf(selected policy.SelectorPolicy, o *owner) []redirect {
	var found []redirect
	for filter, rule := range selected.RedirectFilters() {
		r := redirect{
			ingress:  filter.Ingress,
			protocol: filter.U8Proto,
			first:    filter.Port,
			last:     max(filter.Port, filter.EndPort),
			peers:    rule.Selector,
			open:     letsAllPass(rule.Policy),
			inside:   insideOf(rule.Policy),
		}
		switch {
		case filter.PortName != "" && filter.Ingress:
			r.first = o.GetIngressNamedPort(filter.PortName, filter.U8Proto)
			r.last = r.first
		case filter.Port == 0:
			// A name of egress stands for other ports at every peer: it may be any.
			r.anyPort = true
		}
		found = append(found, r)
	}
	return found
}

// covers tells whether the redirect may have made the entry that a connection met.
func (r redirect) covers(ingress bool, f flow, peer identity.NumericIdentity) bool {
	return r.ingress == ingress && r.protocol == f.protocol &&
		(r.anyPort || r.first <= f.port && f.port <= r.last) &&
		(r.peers.IsWildcard() || r.peers.Selects(peer))
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

// inside are the rules of every redirect that a connection may meet; nil if they are not all that counts.
func (m *policyMap) inside(ingress bool, f flow, peer identity.NumericIdentity) []string {
	var all []string
	for _, r := range m.redirects {
		if !r.covers(ingress, f, peer) {
			continue
		}
		if r.inside == nil {
			return nil
		}
		all = append(all, r.inside...)
	}
	slices.Sort(all)
	return slices.Compact(all)
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
