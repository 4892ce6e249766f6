// Package model is the one vocabulary into which both CNIs' policies are lowered and from which they are raised.
//
// A policy set is translated, not a policy: order, tiers, Pass and the implicit deny are properties of the whole set
// that one CNI enforces together. The model says them exactly. What a source leaves unsure (a fact that is missing)
// or a target cannot say is kept apart as a Doubt, an upper bound beside the certain part, so that the safe side is
// always at hand: an allow takes the certain part only, a deny takes both.
package model

import (
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/source"
)

// Direction is one of the two directions in which an endpoint is policed.
type Direction uint8

// The directions.
const (
	Ingress Direction = iota
	Egress
)

// String returns ingress or egress.
func (d Direction) String() string { return [...]string{"ingress", "egress"}[d] }

// Action is what a rule does with the traffic that it matches.
type Action uint8

// The actions. Log rules are not in the model: they have no say in verdicts.
const (
	Allow Action = iota
	Deny
	// Pass leaves the tier: the next one decides.
	Pass
)

// String returns allow, deny or pass.
func (a Action) String() string { return [...]string{"allow", "deny", "pass"}[a] }

// Class says what kind of endpoint a policy polices.
type Class uint8

// The classes of subjects.
const (
	// PodSubjects are pods with an address of their own.
	PodSubjects Class = iota
	// HostSubjects are nodes, in their host network.
	HostSubjects
)

// Set is every policy that one CNI enforces together.
type Set struct {
	// Tiers in the order of evaluation. After the last one pods are open.
	Tiers []*Tier
}

// First is the policy at which to report what is true of the set as a whole: the first that somebody wrote, or else
// the first; nil if there is none.
func (s *Set) First() *Policy {
	var first *Policy
	for _, t := range s.Tiers {
		for _, p := range t.Policies {
			if p.Doc != nil {
				return p
			}
			if first == nil {
				first = p
			}
		}
	}
	return first
}

// Tier is a group of policies that is evaluated as one.
type Tier struct {
	Name string
	// Default is what happens to traffic of selected endpoints that no rule of the tier matched: Deny or Pass.
	Default Action
	// Unordered means that all denies of the tier come before all passes and these before all allows, whatever the
	// order of Policies, as in Cilium's own policies.
	Unordered bool
	// Policies in the order of evaluation.
	Policies []*Policy
}

// Policy is one source policy: a subject, and rules per direction.
type Policy struct {
	Origin
	// Doc is the document that the policy was read from.
	Doc *source.Document
	// Class says whether Subject selects pods or nodes.
	Class Class
	// Subject are the endpoints that the policy surely selects, MaybeSubject those that it may select besides.
	Subject, MaybeSubject selector.Selector
	// Sections per Direction; nil where the policy says nothing.
	Sections [2]*Section
	// Unchanged says that the target CNI reads the source document with the same meaning, so that it can be written
	// again as it is unless order changes its part.
	Unchanged bool
	// SourceOrder is the order as the source gives it, nil for none. Policies are already sorted; it only serves to
	// write similar numbers.
	SourceOrder *float64
}

// Section is what a policy says for one direction.
type Section struct {
	// Isolates says that traffic of the subjects that no rule matches meets the tier's default. A section that does
	// not isolate has only its rules' own effect.
	Isolates bool
	Rules    []*Rule
}

// Rule is an action and what it matches.
type Rule struct {
	Origin
	Action Action
	// Matches are the boxes that the rule surely matches; their Subject restricts the policy's (All: no restriction).
	Matches []Box
	// Doubts are boxes that it may match besides, or that it matches and the target cannot say.
	Doubts []Doubt
}

// Doubt is a box that an allow leaves out and a deny takes in. Code is the finding that reported it; if the user
// accepts the code, an allow takes the box in as well.
type Doubt struct {
	Box  Box
	Code *diag.Code
}

// Origin is the place in the input that a part of the model comes from.
type Origin struct {
	Object diag.Object
	Pos    diag.Position
	// Path is the path of the field inside the object.
	Path string
}

// Selected is every endpoint that the policy may select.
func (p *Policy) Selected() selector.Selector { return p.Subject.Or(p.MaybeSubject) }

// DoubtfulPeer is a peer that a field may mean besides what it surely means, and the code that reported it.
type DoubtfulPeer struct {
	Peer Peer
	Code *diag.Code
}
