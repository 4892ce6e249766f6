package calico

import (
	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
)

// A direction of policy, from the endpoint's point of view.
type direction uint8

const (
	ingress direction = iota
	egress
)

func (d direction) String() string {
	if d == ingress {
		return "ingress"
	}
	return "egress"
}

// A policy is one enforced policy with its compiled rules by direction and family. Profiles have the
// same shape.
type policy struct {
	display string // as the user wrote it: KIND NAMESPACE/NAME
	rules   [2][2][]rule
}

// A tier is the part of a tier that applies to an endpoint in one direction. Endpoints with the same
// policies share it.
type tier struct {
	name          string
	defaultAction string
	entries       [2][]entry // by family: the rules of all its policies in order
}

// A chain is what Felix makes of one endpoint: tiers in order, then profiles.
type chain struct {
	tiers    [2][]*tier
	profiles []*policy
}

// An outcome is what a chain says about one packet.
type outcome struct {
	decision Decision // Allow, Deny, Unknown; None: nothing decided
	by       []string
	why      string
}

// walkTiers restates felix/rules/endpoints.go, endpointIptablesChain: the first terminal action of a
// tier decides, Pass leaves the tier, and a tier with a policy for this direction ends in its default.
func (e *Engine) walkTiers(c *chain, d direction, p *packet) outcome {
	for _, t := range c.tiers[d] {
		result, passed := e.walkTier(t, d, p)
		if result.decision != None {
			return result
		}
		if !passed && t.defaultAction != string(apiv3.Pass) && !e.options.withoutEndOfTier {
			return outcome{decision: Deny, why: "end of tier " + t.name}
		}
	}
	return outcome{decision: None}
}

func (e *Engine) walkTier(t *tier, d direction, p *packet) (result outcome, passed bool) {
	entries := t.entries[p.family()]
	for i := range entries {
		hit := &entries[i]
		if !hit.mayMatch(p) || !hit.rule.matches(p) {
			continue
		}
		if hit.rule.action == actionPass && hit.rule.unsure == "" {
			if e.options.withoutPass {
				continue
			}
			return outcome{decision: None}, true
		}
		return e.decide(hit.policy, hit.rule, d), false
	}
	return outcome{decision: None}, false
}

// walkProfiles restates the end of endpointIptablesChain: no accepting profile means drop.
func (e *Engine) walkProfiles(c *chain, d direction, p *packet) outcome {
	for _, profile := range c.profiles {
		hit := profile.first(d, p)
		if hit == nil || hit.action == actionPass && hit.unsure == "" {
			continue
		}
		result := e.decide(profile, hit, d)
		result.by = nil // a profile is a default, not a policy
		return result
	}
	return outcome{decision: Deny, why: "no profile allows"}
}

// walk judges by tiers, then profiles.
func (e *Engine) walk(c *chain, d direction, p *packet) outcome {
	if result := e.walkTiers(c, d, p); result.decision != None {
		return result
	}
	if e.options.withoutProfiles {
		return outcome{decision: Deny}
	}
	return e.walkProfiles(c, d, p)
}

// first gives the first rule that does more than log, or nil.
func (pol *policy) first(d direction, p *packet) *rule {
	rules := pol.rules[d][p.family()]
	for i := range rules {
		if rules[i].action != actionLog && rules[i].matches(p) {
			return &rules[i]
		}
	}
	return nil
}

func (e *Engine) decide(pol *policy, hit *rule, d direction) outcome {
	result := outcome{by: []string{pol.display}}
	switch {
	case hit.unsure != "":
		return outcome{decision: Unknown, why: pol.display + ": " + hit.unsure}
	case hit.http && e.global.appLayerPolicy && d == ingress:
		return outcome{decision: Unknown, why: pol.display + ": whether the HTTP request matches is decided by the application layer policy sidecar"}
	case hit.http:
		result.why = pol.display + ": its http match is not enforced, Felix allows the whole connection"
	}
	result.decision = Deny
	if hit.action == actionAllow {
		result.decision = Allow
	}
	return result
}
