package cilium

import (
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/verdict"
)

// Concerning are the documents with rules for a pod or a node, in either direction: Cilium computes both directions or
// none. It is false if documents that have no rule for it may make a difference too.
//
// One thing is known to everybody that only some rules bring in: the prefixes of CIDR rules, which make an address of the
// world one that a placeholder stands for (pkg/ipcache/metadata.go, resolveLabels). So a rule that takes the placeholder
// and not the plain world depends on whatever prefixes other rules name.
func (j *judge) Concerning(at verdict.Endpoint) ([]*source.Document, bool) {
	who, err := j.world.find(at)
	if err != nil {
		return nil, false
	}
	s := who.subject()
	if s == nil {
		return nil, true
	}
	j.compute(s, who.pod == nil)
	var out []*source.Document
	for _, d := range []*direction{&s.ingress, &s.egress} {
		for _, r := range d.rules {
			if r.seesPrefixes(j.settings) {
				return nil, false
			}
			if len(out) == 0 || out[len(out)-1] != r.doc {
				out = append(out, r.doc)
			}
		}
	}
	return out, true
}

// seesPrefixes reports whether the rule may match otherwise when other rules name other prefixes.
func (r *rule) seesPrefixes(s *settings) bool {
	if s.cidrPods || s.cidrNodes {
		return true
	}
	for _, p := range r.peers.list {
		switch p := p.(type) {
		case *cidrPeer:
			if p.placeholders {
				return true
			}
		case *labelPeer:
			if p.selector.hasSource(sourceCIDR) {
				return true
			}
		}
	}
	for _, name := range []string{"world", "world-ipv4", "world-ipv6"} {
		plain, known := &identity{labels: labelSet{}}, &identity{labels: labelSet{}, aggregate: aggregateWorld}
		plain.labels.reserve(name)
		known.labels.reserve(name)
		if r.peers.byLabels(plain) != r.peers.byLabels(known) {
			return true
		}
	}
	return false
}

// byLabels reports whether a peer that selects by labels covers an identity.
func (p *peers) byLabels(id *identity) bool {
	for _, one := range p.list {
		if l, ok := one.(*labelPeer); ok && l.covers(id) {
			return true
		}
	}
	return false
}
