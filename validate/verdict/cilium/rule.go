package cilium

import (
	"cmp"

	"github.com/policyferry/policyferry/translate/source"
)

// directionName is the name of a direction in the fields of policies.
func directionName(ingress bool) string {
	if ingress {
		return "ingress"
	}
	return "egress"
}

// tier is a tier of rules; tiers are asked in order (pkg/policy/types/policyentry.go).
type tier int

const (
	tierAdmin tier = iota
	tierNormal
	tierBaseline
)

// action is what a rule does with what it matches.
type action int

const (
	actionAllow action = iota
	actionDeny
	actionPass
)

// rule is one element of a rule list, flattened: whom it polices, which peers and traffic it matches, and what
// then happens.
type rule struct {
	// policy is the object that the rule comes from, as verdicts name it.
	policy string
	// doc is that object, and path the element of the rule in it; empty for what stands for an empty section.
	doc  *source.Document
	path string
	// resource is the name that rules of one level are sorted by.
	resource string
	// tier and priority order the rules; a lower priority goes first.
	tier     tier
	priority float64
	action   action
	ingress  bool
	// namespace is the one outside of which the rule polices nobody; empty when there is none.
	namespace string
	// subject selects the policed endpoints: host endpoints when node is set, all others when not.
	subject selector
	node    bool
	// defaultDeny says whether the rule puts its subjects into default deny in its direction.
	defaultDeny bool
	peers       peers
	ports       []portMatch
	// authentication is the mode of mutual authentication that is asked for, or empty.
	authentication string
	// unknown says why the rule cannot be judged, or is empty.
	unknown string
}

// compareLevels orders rules by tier and priority.
func compareLevels(a, b *rule) int {
	return cmp.Or(cmp.Compare(a.tier, b.tier), cmp.Compare(a.priority, b.priority))
}

// compare orders rules as Cilium does: by level, then by object (pkg/policy/rules.go, ruleSlice.sort). Rules of one
// object keep the order that they were written in.
func compare(a, b *rule) int {
	return cmp.Or(compareLevels(a, b), cmp.Compare(a.resource, b.resource))
}

// match returns the ways in which the rule matches a connection of the subject with the peer.
func (r *rule) match(id *identity, t *traffic, s *subject) []*portMatch {
	var out []*portMatch
	for i := range r.ports {
		m := &r.ports[i]
		named, end, selected := r.names(m, id, s)
		if m.matches(t, named, end) && r.peers.match(id, selected) {
			out = append(out, m)
		}
	}
	return out
}

// names tells what a port name means in a connection of the subject with the peer: on ingress, what it means in the
// subject; on egress, what it means in the peer, or, before 1.20, in the whole cluster. selected says that only peers
// count that the rule's selectors select, not those that a placeholder stands for.
func (r *rule) names(m *portMatch, id *identity, s *subject) (named map[string]namedPort, end uint16, selected bool) {
	switch {
	case m.name == "":
		return nil, 0, false
	case r.ingress:
		return s.identity.ports, s.ends[portName{r.tier, m.protocol, m.name}], false
	case s.shared != nil:
		return s.shared[m.protocol], m.end, false
	}
	return id.ports, 0, true
}
