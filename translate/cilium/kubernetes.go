package cilium

import (
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/source"
)

// reads is the Cilium of a translation: its source, or else its target.
func reads(e *env.Env) *dialect {
	release := e.Source
	if release.CNI != compat.Cilium {
		release = e.Target
	}
	return newDialect(e, release)
}

// ReadsPortRanges reports whether Cilium reads the endPort of a NetworkPolicy.
func ReadsPortRanges(e *env.Env) bool { return reads(e).hasEndPort() }

// DeafToSCTPPorts reports whether Cilium lets SCTP pass and looks for no port of it.
func DeafToSCTPPorts(e *env.Env) func() bool { return reads(e).sctpWithoutPorts }

// OnlyExcluding says whom a selector of pods matches under Cilium that asks for no label to be present: what has no
// labels of pods is not excluded either, and since 1.19 placeholders stand for everyone, so that it matches even those
// whom it excludes (pkg/policy/aggregate.go). With the local cluster added it asks for a label, and then matches pods
// only, and nodes where these have labels (pkg/node/manager/manager.go, nodeIdentityLabels).
func OnlyExcluding(e *env.Env) func(doc *source.Document, path string, pods selector.Selector, confined bool) model.Peer {
	d := reads(e)
	return func(doc *source.Document, path string, pods selector.Selector, confined bool) model.Peer {
		f := diag.SelectorForm.At(doc.Position(path), doc.Object, path,
			"a selector that only excludes matches everyone in Cilium, even what it excludes; the output keeps that meaning")
		f.Hint, f.Override = "add kubernetes.io/metadata.name Exists to the namespaces", diag.Exact
		out := model.Anyone()
		switch local := confined && d.defaultLocalCluster(); {
		case local && !d.hasNodePeers():
			return model.Pods(pods)
		case local:
			f.Message = "a selector that only excludes also matches nodes where nodeSelectorLabels gives them the label of the cluster; the output keeps that meaning"
			out = model.Peer{Pods: pods, Host: all, Nodes: all}
		case !d.v.AtLeast(1, 19):
			f.Message = "a selector that only excludes also matches nodes and outside addresses in Cilium; the output keeps that meaning"
			out.Pods = pods
		}
		d.env.Findings.Add(f)
		return out
	}
}

// seenByCilium restates a Kubernetes policy, which was read with all labels of pods and namespaces, with the labels
// that are part of Cilium's identities.
func (l *lowerer) seenByCilium(p *model.Policy) {
	l.kubernetesMesh(p)
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
