package cilium

import (
	"iter"
	"slices"

	"github.com/policyferry/policyferry/validate/verdict"
	"github.com/policyferry/policyferry/validate/verdict/condition"
)

// decision is the verdict at one end.
type decision struct {
	action verdict.Action
	by     []string
	why    string
	// when says what passes where a proxy decides, or is nil.
	when *condition.Condition
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
	var proxied *decision
	var levels []*level
	for l := range d.levels(s, other, t) {
		if proxied != nil {
			levels = append(levels, l)
			continue
		}
		got, decided := l.decide()
		switch {
		case decided && got.why == whyProxy:
			// What the proxy does not let through may be let through by a level below.
			proxied, levels = &got, []*level{l}
		case decided:
			return got
		}
	}
	switch {
	case proxied != nil:
		proxied.when = inside(levels)
		return *proxied
	case !d.defaultDeny || d.allowHost && other.has("host"):
		return decision{action: verdict.Allow}
	}
	return decision{action: verdict.Deny}
}

// levels are those of the rules that match, in their order, less what passes lead past.
func (d *direction) levels(s *subject, other *identity, t *traffic) iter.Seq[*level] {
	return func(yield func(*level) bool) {
		for i := 0; i < len(d.rules); {
			end := i + 1
			for end < len(d.rules) && compareLevels(d.rules[i], d.rules[end]) == 0 {
				end++
			}
			l := d.level(d.rules[i:end], s, other, t)
			if !yield(l) {
				return
			}
			for i = end; l.passes && i < len(d.rules) && d.rules[i].tier == l.tier; {
				i++
			}
		}
	}
}

// whyProxy is why a verdict is not known where a proxy decides.
const whyProxy = "l7"

// level is what the rules of one tier and priority say about a connection.
type level struct {
	tier           tier
	denies, allows []string
	passes         bool
	// unknown says why the level cannot be judged, or is empty.
	unknown string
	// fromHost says that the connection comes from the local host, of which everything is accepted after all rules.
	fromHost bool
	// plain are the matches that let the connection through as it is, proxied those that ask a proxy.
	plain, proxied []matched
	// refused are the matches of denies and passes.
	refused []matched
}

// level collects the rules that match.
func (d *direction) level(rules []*rule, s *subject, other *identity, t *traffic) *level {
	l := &level{tier: rules[0].tier, fromHost: d.allowHost && other.has("host")}
	for _, r := range rules {
		matches := r.match(other, t, s)
		if len(matches) == 0 {
			continue
		}
		switch r.action {
		case actionDeny:
			l.denies, l.refused = append(l.denies, r.policy), append(l.refused, ways(matches, r)...)
			continue
		case actionPass:
			l.passes, l.refused = true, append(l.refused, ways(matches, r)...)
			continue
		}
		l.allows = append(l.allows, r.policy)
		if r.authentication != "" && r.authentication != "disabled" {
			l.unknown = "authentication"
		}
		for _, m := range matches {
			if m.layer7.restricts() && !(d.opensProxies && m.layer7.opens()) {
				l.proxied = append(l.proxied, matched{m, r})
			} else {
				l.plain = append(l.plain, matched{m, r})
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
	case slices.ContainsFunc(l.proxied, func(m matched) bool { return !l.relieves(m.portMatch) }):
		return decision{action: verdict.Unknown, by: sorted(l.allows), why: whyProxy}, true
	}
	return decision{action: verdict.Allow, by: sorted(l.allows)}, true
}

// relieves reports whether the level also lets everything through that a proxy is asked about. The proxy for HTTP knows
// all rules that hold for a connection, also the one that lets the local host in (pkg/policy/l4.go, attach); the one
// for DNS knows those for the same port only (pkg/envoy/model.go, pkg/fqdn/dnsproxy). Other proxies are taken to refuse.
func (l *level) relieves(m *portMatch) bool {
	if l.fromHost && m.layer7.parser == parserHTTP && m.layer7.contexts == "" && !m.layer7.sni {
		return true
	}
	return slices.ContainsFunc(l.plain, func(p matched) bool {
		switch m.layer7.parser {
		case parserHTTP:
			return m.layer7.contexts == "" && !m.layer7.sni
		case parserDNS:
			return p.samePort(m)
		}
		return false
	})
}

func sorted(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}
