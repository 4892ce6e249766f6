package cilium

import (
	"cmp"
	"slices"
	"sync"
)

// subject is a policed end: the rules that select it, found out when they are first needed.
type subject struct {
	identity        *identity
	once            sync.Once
	ingress, egress direction
	// ends tells how far the named ports of the subject reach.
	ends map[portName]uint16
	// shared are the port names of the whole cluster by protocol, for releases that resolve names on egress so.
	shared map[uint8]map[string]namedPort
}

// direction are the rules of one subject in one direction.
type direction struct {
	// rules in the order of their levels.
	rules []*rule
	// enforced says that policy applies at all; without, everything passes.
	enforced bool
	// defaultDeny says that what no rule matches is denied.
	defaultDeny bool
	// allowHost says that the local host is let in after all rules.
	allowHost bool
	// opensProxies says that proxies allow every request, because nothing is denied by default.
	opensProxies bool
	// broken says why Cilium cannot compute a policy from the rules, or is empty.
	broken string
}

// compute finds the rules of a subject and what becomes of traffic that none of them matches
// (pkg/policy/repository.go, computePolicyEnforcementAndRules).
func (s *subject) compute(set *settings, rules []*rule, host bool) {
	if set.mode == modeNever || host && !set.hostFirewall || s.exempt(set, host) {
		return
	}
	for _, r := range rules {
		if r.node != host || !r.subject.matches(s.identity) {
			continue
		}
		d := &s.egress
		if r.ingress {
			d = &s.ingress
		}
		d.rules = append(d.rules, r)
		d.defaultDeny = d.defaultDeny || r.defaultDeny
	}
	// A pod label with the key init is taken for the label of endpoints that have no identity yet.
	_, init := s.identity.lookup(sourceAny, "init")
	for _, d := range []*direction{&s.ingress, &s.egress} {
		selected := len(d.rules) > 0
		if set.mode == modeAlways || init {
			d.enforced, d.defaultDeny = true, true
		}
		d.enforced = d.enforced || selected
		// Since 1.20 the local host is let in only where a rule selects the pod (cilium/cilium#48444).
		d.allowHost = d == &s.ingress && !host && (selected || !set.release.since(1, 20))
		d.opensProxies = !d.defaultDeny && set.release.since(1, 18)
		slices.SortStableFunc(d.rules, compare)
	}
	s.ends = endsOf(s.ingress.rules)
	// Cilium computes both directions or none.
	clash := cmp.Or(conflict(s.ingress.rules), conflict(s.egress.rules))
	s.ingress.broken = cmp.Or(unjudged(s.ingress.rules), clash)
	s.egress.broken = cmp.Or(unjudged(s.egress.rules), clash)
}

// unjudged says why one of the rules cannot be judged, or is empty.
func unjudged(rules []*rule) string {
	for _, r := range rules {
		if r.unknown != "" {
			return r.unknown
		}
	}
	return ""
}

// exempt reports whether the subject escapes all policy: before 1.20.2, a pod label with the key host was taken for
// the label of the host, which is not policed without host firewall (cilium/cilium#48027).
func (s *subject) exempt(set *settings, host bool) bool {
	if host || set.hostFirewall || !set.release.before(1, 20, 2) {
		return false
	}
	_, named := s.identity.lookup(sourceAny, "host")
	return named
}
