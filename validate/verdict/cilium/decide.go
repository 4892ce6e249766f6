package cilium

import (
	"slices"

	"github.com/policyferry/policyferry/validate/verdict"
)

// decision is the verdict at one end.
type decision struct {
	action verdict.Action
	by     []string
	why    string
}

// decide asks the rules of a direction level by level. At one level a deny goes before an allow, and an allow before
// a pass; a pass leads to the next tier (pkg/policy/mapstate.go, pkg/policy/types/entry.go).
func (d *direction) decide(s *subject, other *identity, t *traffic) decision {
	switch {
	case d.broken != "":
		return decision{action: verdict.Unknown, why: d.broken}
	case !d.enforced:
		return decision{action: verdict.Allow}
	}
	for i := 0; i < len(d.rules); {
		end := i + 1
		for end < len(d.rules) && compareLevels(d.rules[i], d.rules[end]) == 0 {
			end++
		}
		l := d.level(d.rules[i:end], s, other, t)
		if got, decided := l.decide(); decided {
			return got
		}
		at := d.rules[i].tier
		i = end
		for l.passes && i < len(d.rules) && d.rules[i].tier == at {
			i++
		}
	}
	if !d.defaultDeny || d.allowHost && other.has("host") {
		return decision{action: verdict.Allow}
	}
	return decision{action: verdict.Deny}
}

// level is what the rules of one tier and priority say about a connection.
type level struct {
	denies, allows []string
	passes         bool
	// unknown says why the level cannot be judged, or is empty.
	unknown string
	// plain are the matches that let the connection through as it is, proxied those that ask a proxy.
	plain, proxied []*portMatch
}

// level collects the rules that match.
func (d *direction) level(rules []*rule, s *subject, other *identity, t *traffic) *level {
	l := &level{}
	for _, r := range rules {
		matches := r.match(other, t, s)
		if len(matches) == 0 {
			continue
		}
		switch r.action {
		case actionDeny:
			l.denies = append(l.denies, r.policy)
			continue
		case actionPass:
			l.passes = true
			continue
		}
		l.allows = append(l.allows, r.policy)
		if r.authentication != "" && r.authentication != "disabled" {
			l.unknown = "authentication"
		}
		for _, m := range matches {
			if m.layer7.restricts() && !(d.opensProxies && m.layer7.opens()) {
				l.proxied = append(l.proxied, m)
			} else {
				l.plain = append(l.plain, m)
			}
		}
	}
	return l
}

// decide is what the level makes of the connection, if anything.
func (l *level) decide() (decision, bool) {
	switch {
	case len(l.denies) > 0:
		return decision{action: verdict.Deny, by: sorted(l.denies)}, true
	case l.unknown != "":
		return decision{action: verdict.Unknown, why: l.unknown}, true
	case len(l.allows) == 0:
		return decision{}, false
	case slices.ContainsFunc(l.proxied, func(m *portMatch) bool { return !l.relieves(m) }):
		return decision{action: verdict.Unknown, by: sorted(l.allows), why: "l7"}, true
	}
	return decision{action: verdict.Allow, by: sorted(l.allows)}, true
}

// relieves reports whether the level also lets everything through that a proxy is asked about. The proxy for HTTP knows
// all rules that hold for a connection; the one for DNS knows those for the same port only (pkg/envoy/model.go,
// pkg/fqdn/dnsproxy). Other proxies are taken to refuse.
func (l *level) relieves(m *portMatch) bool {
	return slices.ContainsFunc(l.plain, func(p *portMatch) bool {
		switch m.layer7.parser {
		case parserHTTP:
			return m.layer7.contexts == "" && !m.layer7.sni
		case parserDNS:
			return p.protocol == m.protocol && p.low == m.low && p.high == m.high && p.name == m.name
		}
		return false
	})
}

func sorted(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}
