package calico

import (
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/verdict"
)

// Concerning are the documents whose policies select a pod or a node, in either direction, with those of the host
// endpoints that a pod's packets pass. It is false if others may make a difference too: Felix stops at some objects,
// whoever they are about. Tiers, sets and host endpoints are no policies, and concern everybody.
func (j *judge) Concerning(at verdict.Endpoint) ([]*source.Document, bool) {
	p, err := j.world.place(at)
	if err != nil || j.crash != "" {
		return nil, false
	}
	var out []*source.Document
	add := func(ep *endpoint) {
		for _, policies := range j.appliedTo(ep) {
			for _, pol := range policies {
				out = append(out, pol.doc)
			}
		}
	}
	node := p.node
	if p.pod != nil {
		add(p.pod)
		node = p.pod.node
	}
	for _, h := range j.world.hosts[node] {
		add(h)
	}
	return out, true
}
