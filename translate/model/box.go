package model

import (
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/traffic"
)

// Box is a product of three sets: these policed endpoints, those peers, that traffic. Every rule matches a union of
// boxes.
type Box struct {
	// Subject are the endpoints on which the rule acts.
	Subject selector.Selector
	Peer    Peer
	Traffic traffic.Set
	// Named, if not empty, leaves of Traffic only packets to a port that bears one of these names on the endpoint
	// that receives them. It cannot be computed with.
	Named []NamedPort
	// HTTP, if not empty, leaves of Traffic only requests that satisfy one of these matches. It cannot be computed
	// with.
	HTTP []HTTPMatch
}

// NamedPort is a port of a container, called by its name.
type NamedPort struct {
	Protocol uint8
	Name     string
}

// HTTPMatch is a request match that both CNIs can say: an exact method and an exact path or path prefix, each
// optional. Paths are without their query; a prefix is plain text, so that /a is one of /ab.
type HTTPMatch struct {
	Method     string
	Path       string
	PathPrefix string
}

// Everything is every packet between anyone and every endpoint.
func Everything() Box { return Box{Subject: selector.All(), Peer: Anyone(), Traffic: traffic.All()} }

// IsEmpty reports whether no packet is in the box.
func (b Box) IsEmpty() bool { return b.Subject.IsNone() || b.Peer.IsNobody() || b.Traffic.IsEmpty() }

// Plain reports whether the box is the bare product of its three sets and they can be computed with.
func (b Box) Plain() bool {
	return len(b.Named) == 0 && len(b.HTTP) == 0 && b.Peer.Countable() && !b.Subject.TooComplex() && !b.Peer.TooComplex()
}

// Overlaps reports whether a packet may be in both.
func (b Box) Overlaps(c Box) bool {
	return b.Traffic.Overlaps(c.Traffic) && b.Subject.Overlaps(c.Subject) && b.Peer.Overlaps(c.Peer)
}

// Intersect is the packets that are in both; false when that cannot be computed exactly, and the result is then an
// upper bound.
func (b Box) Intersect(c Box) (Box, bool) {
	peer, exact := b.Peer.Intersect(c.Peer)
	out := Box{Subject: b.Subject.And(c.Subject), Peer: peer, Traffic: b.Traffic.Intersect(c.Traffic), Named: b.Named, HTTP: b.HTTP}
	if len(c.Named) > 0 || len(c.HTTP) > 0 {
		if len(b.Named) > 0 && !slices.Equal(b.Named, c.Named) || len(b.HTTP) > 0 && !slices.Equal(b.HTTP, c.HTTP) {
			return out, false
		}
		out.Named, out.HTTP = orElse(b.Named, c.Named), orElse(b.HTTP, c.HTTP)
	}
	// A named port whose protocol is cut to some numbers is a condition that no policy language has.
	if len(b.Named) > 0 && !out.Traffic.Equal(b.Traffic) || len(c.Named) > 0 && !out.Traffic.Equal(c.Traffic) {
		exact = false
	}
	return out, exact && !out.Subject.TooComplex() && !out.Peer.TooComplex()
}

func orElse[T any](a, b []T) []T {
	if len(a) > 0 {
		return a
	}
	return b
}

// Subtract is the packets of b that are not in c, as disjoint boxes; false when that cannot be computed exactly.
// The pieces are cut in the order traffic, peer, subject, so that a difference in ports stays one rule of one
// policy and does not become a second subject. Where what is left of the traffic is "everything but", which policy
// languages hardly have words for, the peers come first, so that it remains with as few of them as possible.
func (b Box) Subtract(c Box) ([]Box, bool) {
	if !b.Overlaps(c) {
		return []Box{b}, true
	}
	if !c.Plain() {
		return nil, false
	}
	cut := cutting{rest: b, around: c}
	first, second := cut.traffic, cut.peers
	if b.Traffic.Subtract(c.Traffic).AllBut() {
		first, second = second, first
	}
	if !first() || !second() {
		return nil, false
	}
	if s := b.Subject.Minus(c.Subject); !s.IsNone() {
		piece := cut.rest
		piece.Subject = s
		cut.pieces = append(cut.pieces, piece)
	}
	for _, piece := range cut.pieces {
		if piece.Subject.TooComplex() || piece.Peer.TooComplex() {
			return nil, false
		}
	}
	return cut.pieces, true
}

// cutting is a subtraction under way: the pieces so far, and what of the box is not decided yet.
type cutting struct {
	rest, around Box
	pieces       []Box
}

func (c *cutting) traffic() bool {
	left := c.rest.Traffic.Subtract(c.around.Traffic)
	if left.IsEmpty() {
		return true
	}
	if len(c.rest.Named) > 0 {
		return false
	}
	piece := c.rest
	piece.Traffic = left
	c.pieces = append(c.pieces, piece)
	c.rest.Traffic = c.rest.Traffic.Intersect(c.around.Traffic)
	return true
}

func (c *cutting) peers() bool {
	left, ok := c.rest.Peer.Subtract(c.around.Peer)
	if !ok {
		return false
	}
	if left.IsNobody() {
		return true
	}
	piece := c.rest
	piece.Peer = left
	c.pieces = append(c.pieces, piece)
	c.rest.Peer, ok = c.rest.Peer.Intersect(c.around.Peer)
	return ok
}

// Covers reports whether every packet of c is in b. A false may be wrong, a true never is.
func (b Box) Covers(c Box) bool {
	if !b.Plain() {
		return false
	}
	if !b.Traffic.Covers(c.Traffic) || !b.Subject.Covers(c.Subject) {
		return false
	}
	left, ok := c.Peer.Subtract(b.Peer)
	return ok && left.IsNobody()
}

// SubtractAll cuts every box of the list around c; false when one cut cannot be exact.
func SubtractAll(boxes []Box, c Box) ([]Box, bool) {
	var out []Box
	for _, b := range boxes {
		pieces, ok := b.Subtract(c)
		if !ok {
			return nil, false
		}
		out = append(out, pieces...)
	}
	return out, true
}

// String is a compact form for messages.
func (b Box) String() string {
	parts := []string{b.Subject.String(), b.Peer.String(), b.Traffic.String()}
	for _, n := range b.Named {
		parts = append(parts, traffic.ProtocolName(n.Protocol)+" "+n.Name)
	}
	return strings.Join(parts, " | ")
}
