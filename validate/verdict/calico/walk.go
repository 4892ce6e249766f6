package calico

import (
	"fmt"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/validate/verdict"
)

// stage is one of the lists into which Felix divides the policies of an endpoint
// (felix/calc/event_sequencer.go, tierInfoToProtoTierInfo).
type stage int

const (
	// untracked and preDNAT policies are enforced on host endpoints only, and have no default deny.
	untracked stage = iota
	preDNAT
	// normal policies police what begins or ends at the endpoint, forward those of them that applyOnForward also
	// what a host endpoint lets through.
	normal
	forward
)

func (s stage) holds(p *policy, d direction) bool {
	switch s {
	case untracked:
		return p.doNotTrack
	case preDNAT:
		return p.preDNAT && !p.doNotTrack && d == ingress
	case forward:
		return p.applyOnForward && !p.preDNAT && !p.doNotTrack
	}
	return !p.preDNAT && !p.doNotTrack
}

// appliedTo finds the policies that select the endpoint, once.
func (j *judge) appliedTo(ep *endpoint) [][]*policy {
	ep.once.Do(func() {
		ep.applied = make([][]*policy, len(j.tiers))
		for i, policies := range j.in(ep.labels[labelNamespace]) {
			for _, p := range policies {
				if p.selector.Evaluate(ep.labels) {
					ep.applied[i] = append(ep.applied[i], p)
				}
			}
		}
	})
	return ep.applied
}

// in are the policies of each tier that can select somebody in a namespace.
func (j *judge) in(namespace string) [][]*policy {
	if known, ok := j.byNamespace.Load(namespace); ok {
		return known.([][]*policy)
	}
	out := make([][]*policy, len(j.tiers))
	for i, t := range j.tiers {
		at := t.confined[""]
		if namespace != "" {
			at = slices.Sorted(slices.Values(slices.Concat(at, t.confined[namespace])))
		}
		for _, n := range at {
			out[i] = append(out[i], t.policies[n])
		}
	}
	j.byNamespace.Store(namespace, out)
	return out
}

// police walks a stage of an endpoint's policies. http matches are not enforced by Felix, so a rule that has one
// matches by its other fields. Where application layer policy is on, what an http match says depends on the request:
// the walk is made once as if every http match fits and once as if none did, and the two must agree. http stands only
// in Allow rules, so every other combination lies between these two. A raw object may have it in other rules: then a
// request may be denied although both walks allow it.
func (j *judge) police(ep *endpoint, s stage, d direction, p *packet) outcome {
	fits := j.walk(ep, s, d, p, nil)
	if !j.layer7 || fits.action == verdict.Deny { // Felix denies the connection
		return fits
	}
	untraced, skip := *p, &passedOver{}
	untraced.trace = nil
	without := j.walk(ep, s, d, &untraced, skip)
	if without.action == fits.action && !skip.others {
		return fits
	}
	return outcome{
		action: verdict.Unknown, why: fmt.Sprintf("whether %s allows it depends on the HTTP request", strings.Join(fits.by, ", ")),
		when: skip.condition(ep, d, p, without),
	}
}

// walk is Calico's evaluation: tiers in order, in each the policies in order, in each the rules in order. The first
// rule that matches and is not Log decides; Pass goes on with the next tier. At the end of a tier that has a policy
// for the endpoint in this direction stands the tier's default action (felix/rules/endpoints.go,
// endpointIptablesChain). With skip, rules with an http match are passed over and remembered.
func (j *judge) walk(ep *endpoint, s stage, d direction, p *packet, skip *passedOver) outcome {
	for i, policies := range j.appliedTo(ep) {
		policed, passed := false, false
		for _, pol := range policies {
			if !s.holds(pol, d) || !pol.governs[d] {
				continue
			}
			policed = true
			r := pol.first(d, p, skip)
			p.trace.policy(ep, pol, d, r)
			if r == nil {
				continue
			}
			switch r.action {
			case actionAllow:
				return outcome{action: verdict.Allow, by: []string{pol.object}}
			case actionDeny:
				return outcome{action: verdict.Deny, by: []string{pol.object}}
			case actionPass:
				passed = true
			default:
				return outcome{action: verdict.Unknown, why: fmt.Sprintf("%s: %s", pol.object, r.unsure)}
			}
			break
		}
		if policed && !passed && !j.tiers[i].pass && (s == normal || s == forward) {
			p.trace.tierDenies(ep, j.tiers[i])
			return outcome{action: verdict.Deny}
		}
	}
	return j.afterTiers(ep, s)
}

// afterTiers is what stands behind the last tier. Of the stages only the normal one ends in profiles; forwarded
// traffic is allowed where no policy for it selects the host endpoint, and is otherwise left to the host's own rules
// when no policy decides (felix/rules/endpoints.go, felix/rules/static.go, StaticFilterForwardAppendRules).
func (j *judge) afterTiers(ep *endpoint, s stage) outcome {
	switch s {
	case normal:
		if ep.host == nil || j.world.profilesAllow(ep.host.Profiles) {
			return outcome{action: verdict.Allow}
		}
		return outcome{action: verdict.Deny}
	case forward:
		if j.any(ep, forward) {
			return outcome{action: verdict.Unknown, why: "no policy decides what host endpoint " + ep.name +
				" forwards, which leaves it to the host's own firewall"}
		}
	}
	return outcome{}
}

// any reports whether a stage has a policy for the endpoint in either direction.
func (j *judge) any(ep *endpoint, s stage) bool {
	for _, policies := range j.appliedTo(ep) {
		for _, p := range policies {
			for _, d := range []direction{ingress, egress} {
				if s.holds(p, d) && p.governs[d] {
					return true
				}
			}
		}
	}
	return false
}

// first returns the rule of the policy that decides, if one does. With skip, no request fits the http match of a rule.
func (p *policy) first(d direction, pkt *packet, skip *passedOver) *rule {
	for i := range p.rules[d] {
		r := &p.rules[d][i]
		if r.action == actionLog {
			continue
		}
		if r.http && skip != nil {
			skip.add(r, pkt)
			continue
		}
		if r.matches(pkt) {
			return r
		}
		if r.shadow != nil && r.shadow.matches(pkt) {
			return r.shadow
		}
	}
	return nil
}
