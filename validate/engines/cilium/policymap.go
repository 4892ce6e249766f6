package cilium

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/types"
	ciliumtypes "github.com/cilium/cilium/pkg/types"
)

// mapKey names a policy map: all pods of one identity and the same named ports share one; a host has its own.
type mapKey struct {
	identity identity.NumericIdentity
	ports    string
	host     *node
}

// policyMap is what an endpoint's dataplane would look connections up in.
type policyMap struct {
	distilled *policy.EndpointPolicy
	redirects []redirect
	// plain is what rules say without a proxy; it is only there beside redirects.
	plain []reach
	// fqdn is set when an egress rule by name selects the subject.
	fqdn bool
	// err is why an endpoint does not enforce the policy: Cilium computes none, and it keeps what it had
	// before, or the map does not hold it, and some of the entries are missing.
	err error
}

// podMap returns the map of a pod.
func (a *agent) podMap(p *pod) *policyMap {
	own := a.members[p]
	m := a.maps[own.key]
	if m == nil {
		m = a.compute(own.identity, &owner{ports: own.ports})
		a.maps[own.key] = m
	}
	return m
}

// hostMap returns the map of a node's host endpoint.
func (a *agent) hostMap(n *node) *policyMap {
	key := mapKey{identity: identity.ReservedIdentityHost, host: n}
	if a.maps[key] == nil {
		id := identity.NewIdentity(identity.ReservedIdentityHost, n.subjectLabels(a.opts))
		a.maps[key] = a.compute(id, &owner{host: true})
	}
	return a.maps[key]
}

// compute resolves the rules for a subject into map entries (pkg/policy/lookup.go shows the same calls).
func (a *agent) compute(id *identity.Identity, o *owner) *policyMap {
	selected, _, err := a.repo.ComputeSelectorPolicy(id)
	if err != nil {
		return &policyMap{err: fmt.Errorf("cilium computes no policy for this endpoint: %w", err)}
	}
	ports := map[string]uint16{}
	if a.opts.do(redirectPorts) {
		ports[policy.FallbackRedirectID] = math.MaxUint16
	}
	m := &policyMap{
		distilled: selected.DistillPolicy(discard, o, ports),
		redirects: redirectsOf(selected, o),
		fqdn:      slices.ContainsFunc(a.fqdn, func(e *types.PolicyEntry) bool { return selects(e, id) }),
	}
	if err := m.distilled.Ready(); err != nil {
		return &policyMap{err: err}
	}
	if entries := m.distilled.Len(); entries > a.cluster.facts.Settings.mapEntries {
		return &policyMap{err: fmt.Errorf("policy map overflow: %d entries, %d fit", entries, a.cluster.facts.Settings.mapEntries)}
	}
	if len(m.redirects) > 0 {
		m.plain = plainOf(&m.distilled.SelectorPolicy.L4Policy, o)
	} else {
		// Redirects still ask their selectors; nothing else needs the selector policy any more.
		m.distilled.Detach(discard)
		selected.Supersede()
	}
	return m
}

// selects tells whether a rule is about this subject (pkg/policy/rule.go, matchesSubject).
func selects(e *types.PolicyEntry, id *identity.Identity) bool {
	return e.Node == (id.ID == identity.ReservedIdentityHost) && e.Subject.Matches(id.LabelArray)
}

// spell writes named ports in a fixed order.
func spell(ports ciliumtypes.NamedPortMap) string {
	var parts []string
	for name, port := range ports {
		parts = append(parts, fmt.Sprintf("%s=%d/%d", name, port.Proto, port.Port))
	}
	slices.Sort(parts)
	return strings.Join(parts, ",")
}
