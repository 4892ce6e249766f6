package cilium

import (
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

// seenByCilium restates a Kubernetes policy, which was read with all labels of pods and namespaces, with the labels
// that are part of Cilium's identities.
func (l *lowerer) seenByCilium(p *model.Policy) {
	var blind []selector.Key
	see := func(s selector.Selector) selector.Selector { return l.seen(s, &blind) }
	p.Subject, p.MaybeSubject = see(p.Subject), see(p.MaybeSubject)
	for _, s := range p.Sections {
		if s == nil {
			continue
		}
		for _, r := range s.Rules {
			for i := range r.Matches {
				r.Matches[i].Peer.Pods = see(r.Matches[i].Peer.Pods)
			}
			for i := range r.Doubts {
				r.Doubts[i].Box.Peer.Pods = see(r.Doubts[i].Box.Peer.Pods)
			}
		}
	}
	if len(blind) > 0 {
		p.Unchanged = false
		l.note(p.Origin, diag.FilteredLabel, "select by another label",
			"Cilium leaves %s out of identities, so the policy asks for a label that is never there; the output keeps that meaning",
			blind[0]).Override = diag.Exact
	}
}

func (d *dialect) seen(s selector.Selector, blind *[]selector.Key) selector.Selector {
	if s.TooComplex() || !s.Uses(func(k selector.Key) bool { return !d.filter.sees(k) }) {
		return s
	}
	out := none
	for _, c := range s.Clauses() {
		clause := all
		for _, q := range c.Requirements() {
			if d.filter.sees(q.Key) {
				clause = clause.And(selector.Where(q.Key, q.Values))
				continue
			}
			*blind = append(*blind, q.Key)
			clause = clause.And(constant(q.Values))
		}
		out = out.Or(clause)
	}
	return out
}
