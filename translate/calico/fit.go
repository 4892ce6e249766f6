package calico

import (
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
)

// Fit prepares a set for Calico: it moves what Calico cannot say from the certain part of each rule to its doubts,
// and reports it. Afterwards everything that Raise has to write can be written.
func Fit(set *model.Set, e *env.Env) {
	f := &fitter{newTarget(e)}
	f.settings(set)
	for _, t := range set.Tiers {
		keepUnchanged(t)
		for _, p := range t.Policies {
			if !p.Unchanged {
				f.policy(p, t.Unordered)
			}
		}
	}
}

// keepUnchanged decides which policies are written as they are. The ordered kinds of Kubernetes keep their order
// among themselves only if all of a tier stay what they are.
func keepUnchanged(t *model.Tier) {
	together := true
	for _, p := range t.Policies {
		together = together && p.Unchanged && p.Doc != nil
	}
	for _, p := range t.Policies {
		if p.Doc == nil || !together && !t.Unordered {
			p.Unchanged = false
		}
	}
}

// fitter fits one set.
type fitter struct{ *target }

func (f *fitter) policy(p *model.Policy, unordered bool) {
	subject, maybe := f.selector(p.Subject), f.selector(p.MaybeSubject)
	for _, why := range append(subject.why, maybe.why...) {
		f.note(p.Origin, diag.SubjectUnsure, why.hint,
			"%s: the policy allows nothing to the endpoints that it may select besides, and isolates them", why.text)
	}
	p.Subject, p.MaybeSubject = subject.lower, subject.upper.Minus(subject.lower).Or(maybe.upper)
	if p.Class == model.HostSubjects {
		f.host(p)
	}
	if p.Selected().IsNone() {
		p.Sections = [2]*model.Section{}
	}
	for d, s := range p.Sections {
		if s == nil {
			continue
		}
		b := boxFitter{fitter: f, direction: model.Direction(d), namespace: namespaceOfPolicy(p)}
		if unordered {
			b.siblings = allowedBoxes(s)
		}
		for _, r := range s.Rules {
			b.action = r.Action
			b.rule(p, r)
		}
	}
}

// allowedBoxes is everything that a section allows.
func allowedBoxes(s *model.Section) []model.Box {
	var out []model.Box
	for _, r := range s.Rules {
		if r.Action == model.Allow {
			out = append(out, r.Matches...)
		}
	}
	return out
}

// rule fits the boxes of a rule. An allow keeps what can be said of each, a deny is widened to what can be said.
func (b *boxFitter) rule(p *model.Policy, r *model.Rule) {
	f := b.fitter
	var sure []model.Box
	var doubts []model.Doubt
	explained := false
	for _, box := range r.Matches {
		out := b.box(box)
		explained = explained || len(out.why) > 0
		if r.Action == model.Deny && b.direction == model.Ingress && p.Class == model.PodSubjects && b.deniesOwnNode(box.Peer) {
			f.opens(r.Origin, diag.LocalHost, "leave the own node out of the deny",
				"Calico lets a pod's own node in whatever policy says, so the rule denies everyone else only")
			explained = true
		}
		sure = append(sure, out.lower...)
		if len(out.why) > 0 {
			for _, u := range out.upper {
				doubts = append(doubts, model.Doubt{Box: u, Code: f.strictest(out.why)})
			}
		}
		f.report(r, out.why)
	}
	for _, doubt := range r.Doubts {
		for _, u := range b.box(doubt.Box).upper {
			doubts = append(doubts, model.Doubt{Box: u, Code: doubt.Code})
		}
	}
	if len(sure)+len(doubts) == 0 && len(r.Matches) > 0 && !explained {
		f.note(r.Origin, diag.NoCounterpart, ingressHint(r.Matches),
			"nobody whom this rule means is policed under Calico: what only Cilium has does not exist, and a pod's own node always gets in")
	}
	r.Matches, r.Doubts = sure, doubts
}

// deniesOwnNode reports whether a deny of the peer on ingress means the pod's own node, for some pod: the API server
// is its own node to the pods beside it, unless it is known to run outside the cluster.
func (b *boxFitter) deniesOwnNode(p model.Peer) bool {
	if !p.Host.IsNone() {
		return true
	}
	if p.Special&model.APIServer == 0 {
		return false
	}
	b.env.Relied.On(cluster.FactAPIServers)
	servers := b.space.facts.APIServers
	return servers == nil || serverAddresses(servers).Overlaps(b.space.nodes)
}

// ingressHint is the way out for traffic that comes through Cilium's ingress or gateway.
func ingressHint(boxes []model.Box) string {
	for _, b := range boxes {
		if b.Peer.Special&model.IngressProxy != 0 {
			return "allow the pods of the ingress controller that takes the place of Cilium's"
		}
	}
	return ""
}

// strictest is the code that a user has to accept for a doubt: one that is not accepted yet, if there is one.
func (t *target) strictest(why []reason) *diag.Code {
	for _, w := range why {
		if !t.env.Accepted[w.code.ID] {
			return w.code
		}
	}
	return why[0].code
}

// report tells each reason once.
func (t *target) report(r *model.Rule, why []reason) {
	seen := map[string]bool{}
	for _, w := range why {
		if key := w.code.ID + w.text; !seen[key] {
			seen[key] = true
			t.note(r.Origin, w.code, w.hint, "%s, so the rule %s", w.text, safeSide(r.Action))
		}
	}
}

// note adds a finding about a part of the model.
func (t *target) note(at model.Origin, code *diag.Code, hint, format string, args ...any) {
	f := code.At(at.Pos, at.Object, at.Path, format, args...)
	f.Hint = hint
	t.env.Findings.Add(f)
}

// opens adds a finding about something that the output leaves open.
func (t *target) opens(at model.Origin, code *diag.Code, hint, format string, args ...any) {
	f := code.At(at.Pos, at.Object, at.Path, format, args...)
	f.Hint, f.Override = hint, diag.Opens
	t.env.Findings.Add(f)
}
