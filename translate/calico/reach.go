package calico

import (
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/source"
)

// reach is who a field means: surely, and perhaps besides.
type reach struct {
	sure  model.Peer
	maybe []doubtfulPeer
}

type doubtfulPeer struct {
	peer model.Peer
	why  reason
}

// reason is why something is in doubt, in the words of the finding that reports it.
type reason struct {
	code *diag.Code
	text string
	hint string
}

// note reports the reason, and what the doubt does to a rule.
func (w reason) note(e *env.Env, doc *source.Document, path string, action model.Action) {
	e.Note(doc, w.code, path, w.hint, "%s, so the rule %s", w.text, safeSide(action))
}

// safeSide says what becomes of the doubtful part of a rule.
func safeSide(action model.Action) string {
	switch action {
	case model.Allow:
		return "does not allow that part"
	case model.Deny:
		return "denies that part as well"
	}
	return "denies that part and does not pass it on"
}

// add puts a doubtful peer beside the sure ones, unless nobody is in it.
func (r *reach) add(p model.Peer, why reason) {
	if !p.IsNobody() {
		r.maybe = append(r.maybe, doubtfulPeer{p, why})
	}
}

// union is who is in either.
func (r reach) union(q reach) reach {
	out := reach{sure: r.sure.Union(q.sure)}
	out.maybe = append(append(out.maybe, r.maybe...), q.maybe...)
	return out
}

// upper is everyone who may be meant.
func (r reach) upper() model.Peer {
	out := r.sure
	for _, m := range r.maybe {
		out = out.Union(m.peer)
	}
	return out
}

// and is who is in both. Both consist of classes that can be computed with.
func (r reach) and(q reach) reach {
	var out reach
	out.sure, _ = r.sure.Intersect(q.sure)
	for _, m := range r.maybe {
		p, _ := m.peer.Intersect(q.upper())
		out.add(p, m.why)
	}
	for _, m := range q.maybe {
		p, _ := m.peer.Intersect(r.sure)
		out.add(p, m.why)
	}
	return out
}

// without is who is in r and not in q.
func (r reach) without(q reach) reach {
	var out reach
	out.sure, _ = r.sure.Subtract(q.upper())
	for _, m := range r.maybe {
		p, _ := m.peer.Subtract(q.sure)
		out.add(p, m.why)
	}
	for _, m := range q.maybe {
		p, _ := m.peer.Intersect(r.sure)
		out.add(p, m.why)
	}
	return out
}

// settled drops doubts about what is sure anyway.
func (r reach) settled() reach {
	out := reach{sure: r.sure}
	for _, m := range r.maybe {
		p, _ := m.peer.Subtract(r.sure)
		out.add(p, m.why)
	}
	return out
}

// policed leaves out who never meets policy: Calico accepts whatever a pod's own node sends to it before any policy
// (felix/rules/static.go, felix/bpf-gpl/tc.c), so no rule denies it. A Pass may name the node: whoever decides in its
// place cannot deny it either.
func (r reach) policed(d model.Direction, action model.Action) reach {
	if d != model.Ingress || action == model.Allow {
		return r
	}
	out := reach{sure: r.sure}
	if action == model.Deny {
		out.sure = withoutHost(r.sure)
	}
	for _, m := range r.maybe {
		out.add(withoutHost(m.peer), m.why)
	}
	return out
}

func withoutHost(p model.Peer) model.Peer {
	p.Host = selector.None()
	return p
}
