package calico

import (
	"strings"

	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/verdict"
)

// Governed implements verdict.Recogniser. A policy says the same in every judge that has the same tiers, network sets and
// host endpoints beside it, and is asked only if it selects the pod, or a host endpoint of the pod's node.
func (j *judge) Governed(end verdict.Endpoint, entering bool) []any {
	out := append([]any{j.crash}, j.beside...)
	at, err := j.world.place(end)
	if err != nil {
		return append(out, err.Error())
	}
	node := at.node
	if at.pod != nil {
		d := egress
		if entering {
			d = ingress
		}
		out = j.governs(out, at.pod, func(p *policy) bool { return p.governs[d] })
		node = at.pod.node
	}
	for _, h := range j.world.hosts[node] {
		out = j.governs(append(out, h.name), h, func(*policy) bool { return true })
	}
	return out
}

// governs appends the policies that select an endpoint, tier by tier.
func (j *judge) governs(out []any, ep *endpoint, counts func(*policy) bool) []any {
	for i, policies := range j.appliedTo(ep) {
		first := true
		for _, p := range policies {
			if !counts(p) {
				continue
			}
			if first {
				out, first = append(out, j.tiers[i].pass), false
			}
			out = append(out, p.doc)
		}
	}
	return out
}

// beside are the documents on which the meaning of policies depends: all but the policies themselves.
func beside(docs []*source.Document) []any {
	var out []any
	for _, d := range docs {
		if !strings.HasSuffix(d.Object.Kind, "NetworkPolicy") {
			out = append(out, d)
		}
	}
	return out
}
