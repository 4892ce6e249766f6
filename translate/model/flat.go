package model

import (
	"slices"

	"github.com/policyferry/policyferry/translate/selector"
)

// Flat is a set without order: what is in a deny is denied; what else is in an allow is allowed; what is left is
// denied for isolated endpoints and allowed for all others. It is the form from which Cilium policy is raised.
type Flat struct {
	// Policies, in the order of the set that was flattened. Each stands for one source policy.
	Policies []*FlatPolicy
	// Ordered are rules that are walked before all that, in each direction the first match decides. They are few:
	// only what cannot be said without order.
	Ordered []OrderedRule
}

// OrderedRule is a rule whose place counts. Its peers are pods only. Where it has named ports, it matches them under
// every protocol, whatever Traffic says: the objects that know order name ports so.
type OrderedRule struct {
	Box
	Direction Direction
	// Action may be Pass: what it matches is left to the Policies.
	Action Action
	// Policy and Rule are where it comes from.
	Policy *Policy
	Rule   *Rule
}

// FlatPolicy is what remains of one source policy without order.
type FlatPolicy struct {
	// Source is the policy as lowered.
	Source *Policy
	// Parts per Direction.
	Parts [2][]Part
	// Isolated per Direction are the endpoints that this policy puts into default deny; None if it does not.
	Isolated [2]selector.Selector
	// Changed says that the parts are no longer what the source policy says on its own: order, tiers or doubts cut
	// them.
	Changed bool
}

// Part is a box that is allowed or denied.
type Part struct {
	Box
	Action Action // Allow or Deny
	// Rule is the rule that it comes from.
	Rule *Rule
}

// IsEmpty reports whether the policy says nothing at all.
func (p *FlatPolicy) IsEmpty() bool {
	return len(p.Parts[Ingress])+len(p.Parts[Egress]) == 0 && p.Isolated[Ingress].IsNone() && p.Isolated[Egress].IsNone()
}

// Subjects lists the distinct subjects of a direction's parts, in order of first appearance.
func (p *FlatPolicy) Subjects(d Direction) []selector.Selector {
	var out []selector.Selector
	for _, part := range p.Parts[d] {
		if !slices.ContainsFunc(out, func(s selector.Selector) bool { return s.String() == part.Subject.String() }) {
			out = append(out, part.Subject)
		}
	}
	return out
}
