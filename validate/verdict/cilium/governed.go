package cilium

import (
	"maps"
	"net/netip"
	"slices"

	"github.com/policyferry/policyferry/validate/verdict"
)

// Governed implements verdict.Recogniser: the policies whose rules select the end, and what the rest of the set has to
// do with them. That is the CIDR groups, why both directions are broken if they are, and the prefixes that are known, if
// a rule can tell an address of which something is known from others.
func (j *judge) Governed(at verdict.Endpoint, ingress bool) []any {
	who, err := j.world.find(at)
	s := who.subject()
	if err != nil || s == nil {
		return []any{err != nil}
	}
	j.compute(s, who.pod == nil)
	d := &s.egress
	if ingress {
		d = &s.ingress
	}
	out := []any{d.broken}
	for _, doc := range j.groupDocuments {
		out = append(out, doc)
	}
	known := j.settings.cidrPods || j.settings.cidrNodes
	for i, r := range d.rules {
		if i == 0 || r.doc != d.rules[i-1].doc {
			out = append(out, r.doc)
		}
		known = known || j.tellsKnown(r)
	}
	if known {
		for _, prefix := range j.world.everyPrefix() {
			out = append(out, prefix)
		}
	}
	return out
}

// everyPrefix are the prefixes that policies name, in order.
func (w *world) everyPrefix() []netip.Prefix {
	return slices.SortedFunc(maps.Keys(w.known), netip.Prefix.Compare)
}

// tellsKnown reports whether a rule may match addresses of which other policies know a prefix, and no others or the
// contrary. A rule that names a prefix knows that one itself.
func (j *judge) tellsKnown(r *rule) bool {
	if r.peers.nobody || j.coversWorld(r) {
		return false
	}
	return slices.ContainsFunc(r.peers.list, func(p peer) bool {
		switch p := p.(type) {
		case *labelPeer:
			return p.aggregates[aggregateWorld] || slices.ContainsFunc(p.selector, func(q requirement) bool { return q.source == sourceCIDR })
		case *cidrPeer:
			return p.placeholders
		}
		return false
	})
}

// coversWorld reports whether a rule selects every address outside the cluster by what all of them have, the label of
// the world, so that nothing else of an address matters to it.
func (j *judge) coversWorld(r *rule) bool {
	for _, plain := range j.world.plain() {
		if !slices.ContainsFunc(r.peers.list, func(p peer) bool {
			l, ok := p.(*labelPeer)
			return ok && !slices.ContainsFunc(l.selector, requirement.negative) && l.selects(plain)
		}) {
			return false
		}
	}
	return true
}

func (q requirement) negative() bool { return q.operator != opIn && q.operator != opExists }

// plain are addresses of which nothing is known, one of each family.
func (w *world) plain() []*identity {
	names := []string{"world"}
	if w.ipv4 && w.ipv6 {
		names = []string{"world-ipv4", "world-ipv6"}
	}
	var out []*identity
	for _, name := range names {
		id := &identity{labels: labelSet{}}
		id.labels.reserve(name)
		out = append(out, id)
	}
	return out
}
