package cilium

import (
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
)

// Fit prepares a set for Cilium: it moves what Cilium cannot say from the certain part of each rule to its doubts,
// and reports it. Afterwards every box of the set can be written.
func Fit(set *model.Set, e *env.Env) {
	d := newDialect(e, e.Target)
	d.fitSettings(set)
	for _, t := range set.Tiers {
		for _, p := range t.Policies {
			d.fitPolicy(p)
		}
	}
}

// reason is why something cannot be said, and the way out.
type reason struct {
	code *diag.Code
	what string
	hint string
	// dropped says that Cilium drops the traffic in any case, so that a deny loses nothing.
	dropped bool
	// denied says that the upper bound is exact, so that a deny loses nothing either.
	denied bool
}

func (d *dialect) fitPolicy(p *model.Policy) {
	if p.Class == model.HostSubjects && !d.fitHost(p) {
		return
	}
	subject := d.fitSelector(p.Subject, p.Class)
	maybe := d.fitSelector(p.MaybeSubject, p.Class)
	if len(subject.why)+len(maybe.why) > 0 {
		p.Unchanged = false
		p.Subject, p.MaybeSubject = subject.lower, subject.upper.Or(maybe.upper)
		for _, why := range append(subject.why, maybe.why...) {
			d.note(subjectOrigin(p), diag.SubjectUnsure, why.hint,
				"%s; the policy isolates the endpoints that it may select besides, and allows nothing to them", why.what)
		}
	} else {
		p.Subject, p.MaybeSubject = subject.lower, maybe.upper
	}
	if d.misreadsBlocks(p) {
		p.Unchanged = false
	}
	for dir, s := range p.Sections {
		if s == nil {
			continue
		}
		for _, r := range s.Rules {
			if d.fitRule(p, model.Direction(dir), r) {
				p.Unchanged = false
			}
		}
	}
}

// fitRule reports whether the rule lost something.
func (d *dialect) fitRule(p *model.Policy, dir model.Direction, r *model.Rule) bool {
	var sure []model.Box
	var doubts []model.Doubt
	var reasons []reason
	for _, b := range r.Matches {
		f := d.fitBox(b, p.Class, dir, r.Action)
		if !f.lower.IsEmpty() {
			sure = append(sure, f.lower)
		}
		if !f.exact() && !f.upper.IsEmpty() {
			doubts = append(doubts, model.Doubt{Box: f.upper, Code: d.strictest(f.why)})
		}
		reasons = append(reasons, f.why...)
		d.sctpNeedsSetting(r, b)
		if len(f.why) == 0 && f.upper.IsEmpty() && !b.IsEmpty() {
			d.note(r.Origin, diag.SelectsNothing, "", "this part can never match: no object in Kubernetes can have such a label, value or port name")
		}
	}
	for _, doubt := range r.Doubts {
		f := d.fitBox(doubt.Box, p.Class, dir, r.Action)
		if !f.upper.IsEmpty() {
			doubts = append(doubts, model.Doubt{Box: f.upper, Code: doubt.Code})
		}
	}
	r.Matches, r.Doubts = sure, doubts
	d.reportLosses(r, reasons)
	return len(reasons) > 0
}

// subjectOrigin is the field that says whom a policy selects; the policy itself where no such field is at hand.
func subjectOrigin(p *model.Policy) model.Origin {
	out := p.Origin
	if p.Doc == nil {
		return out
	}
	for _, path := range []string{"spec.selector", "spec.namespaceSelector", "spec.serviceAccountSelector", "spec.podSelector", "spec.subject"} {
		if p.Doc.Has(path) {
			out.Path, out.Pos = path, p.Doc.Position(path)
			return out
		}
	}
	return out
}

// strictest picks the code that a user has to accept for the doubt: one that is not accepted yet, if there is one.
func (d *dialect) strictest(why []reason) *diag.Code {
	for _, w := range why {
		if !d.env.Accepted[w.code.ID] {
			return w.code
		}
	}
	return why[0].code
}

// reportLosses reports each reason once.
func (d *dialect) reportLosses(r *model.Rule, reasons []reason) {
	seen := map[string]bool{}
	for _, why := range reasons {
		if seen[why.code.ID+why.what] {
			continue
		}
		seen[why.code.ID+why.what] = true
		switch {
		case why.code == diag.Frozen && r.Action == model.Allow:
			d.note(r.Origin, why.code, why.hint, "%s, so what comes up later is not allowed", why.what)
		case why.code == diag.Frozen:
			d.note(r.Origin, why.code, why.hint, "%s, so what comes up later is denied as well", why.what)
		case r.Action == model.Allow:
			d.note(r.Origin, why.code, why.hint, "%s, so this part is not allowed", why.what)
		case why.denied && r.Action == model.Deny:
		case why.dropped:
			d.note(r.Origin, why.code, why.hint, "%s, and drops such packets in any case", why.what).Override = diag.Exact
		default:
			d.note(r.Origin, why.code, why.hint, "%s, so more is denied", why.what)
		}
	}
}

// fitted is a box between what is surely right and what is surely enough.
type fitted struct {
	lower, upper model.Box
	why          []reason
}

// exact reports whether the bounds are the same box.
func (f *fitted) exact() bool {
	for _, w := range f.why {
		if !w.dropped {
			return false
		}
	}
	return true
}

func (d *dialect) fitBox(b model.Box, class model.Class, dir model.Direction, action model.Action) fitted {
	subject := d.fitSelector(b.Subject, class)
	peer := d.fitPeer(b.Peer, class, dir, action)
	packets := d.fitTraffic(b.Traffic)
	f := fitted{lower: b, upper: b}
	f.lower.Subject, f.lower.Peer, f.lower.Traffic = subject.lower, peer.lower, packets.lower
	f.upper.Subject, f.upper.Peer, f.upper.Traffic = subject.upper, peer.upper, packets.upper
	f.why = append(append(append(f.why, subject.why...), peer.why...), packets.why...)
	d.fitNamed(&f, class, dir)
	d.fitHTTP(&f, class, dir, action)
	return f
}
