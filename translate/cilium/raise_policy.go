package cilium

import (
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

// slot collects what a policy says about one subject.
type slot struct {
	subject selector.Selector
	allow   [2][]element
	deny    [2][]element
	// isolates says that the slot has to put its subject into default deny, rules or none.
	isolates [2]bool
}

func (s *slot) says(d model.Direction) bool { return len(s.allow[d])+len(s.deny[d]) > 0 }

// specs writes a policy as Cilium's Rules: one for each conjunction of labels that is a subject.
func (w *writer) specs(p *model.FlatPolicy) []*rule {
	slots := w.slots(p)
	var out []*rule
	for _, s := range slots {
		out = append(out, w.slotRules(p, s)...)
	}
	return out
}

func (w *writer) slots(p *model.FlatPolicy) []*slot {
	var slots []*slot
	at := func(subject selector.Selector) *slot {
		for _, s := range slots {
			if s.subject.String() == subject.String() {
				return s
			}
		}
		slots = append(slots, &slot{subject: subject})
		return slots[len(slots)-1]
	}
	for _, d := range []model.Direction{model.Ingress, model.Egress} {
		for _, subject := range p.Subjects(d) {
			s := at(subject)
			for _, part := range merged(p.Parts[d], subject) {
				elements := w.elements(part, d)
				if part.Action == model.Deny {
					s.deny[d] = append(s.deny[d], elements...)
				} else {
					s.allow[d] = append(s.allow[d], elements...)
				}
			}
		}
	}
	for _, d := range []model.Direction{model.Ingress, model.Egress} {
		if isolated := p.Isolated[d]; !isolated.IsNone() && !isolatedBy(slots, d, isolated) {
			at(isolated).isolates[d] = true
		}
	}
	return slots
}

// isolatedBy reports whether the rules of the slots already put every endpoint of the selector into default deny.
func isolatedBy(slots []*slot, d model.Direction, isolated selector.Selector) bool {
	covered := none
	for _, s := range slots {
		if s.says(d) && isolated.Covers(s.subject) {
			covered = covered.Or(s.subject)
		}
	}
	return covered.Covers(isolated)
}

func (w *writer) slotRules(p *model.FlatPolicy, s *slot) []*rule {
	if !s.isolates[model.Ingress] && !s.isolates[model.Egress] && !s.says(model.Ingress) && !s.says(model.Egress) {
		return nil
	}
	var out []*rule
	for _, subject := range w.subjects(s.subject) {
		r := &rule{}
		if w.source.Class == model.HostSubjects {
			r.NodeSelector = &subject
		} else {
			r.EndpointSelector = &subject
		}
		for _, d := range []model.Direction{model.Ingress, model.Egress} {
			w.direction(p, s, r, d)
		}
		out = append(out, r)
	}
	return out
}

// direction writes one direction of one Rule. A list with one empty element is how default deny without any rule is
// written: the list must not be empty (pkg/policy/api/rule_validation.go), and the element matches nobody.
func (w *writer) direction(p *model.FlatPolicy, s *slot, r *rule, d model.Direction) {
	allow := s.allow[d]
	if s.isolates[d] && !s.says(d) {
		allow = []element{{}}
	}
	r.put(d, allow, s.deny[d])
	if !s.says(d) || s.isolates[d] || p.Isolated[d].Covers(s.subject) {
		return
	}
	if !w.hasDefaultDeny() {
		w.note(w.source.Origin, diag.Setting, "use Cilium 1.16 or later with enable-non-default-deny-policies",
			"%s rules isolate their subjects, because this Cilium cannot keep them from it", d)
		return
	}
	off := false
	if r.EnableDefaultDeny == nil {
		r.EnableDefaultDeny = &defaultDeny{}
	}
	if d == model.Ingress {
		r.EnableDefaultDeny.Ingress = &off
	} else {
		r.EnableDefaultDeny.Egress = &off
	}
}

// merged joins the parts of one subject that come from one rule and differ only in peer or only in traffic, and
// drops those that others cover. Flattening cuts boxes finer than people write them.
func merged(parts []model.Part, subject selector.Selector) []model.Part {
	var out []model.Part
	for _, p := range parts {
		if p.Subject.String() == subject.String() {
			out = join(out, p)
		}
	}
	return out
}

func join(list []model.Part, p model.Part) []model.Part {
	for i, q := range list {
		if q.Rule != p.Rule || q.Action != p.Action || len(q.Named)+len(p.Named)+len(q.HTTP)+len(p.HTTP) > 0 {
			continue
		}
		switch {
		case q.Covers(p.Box):
			return list
		case q.Peer.Equal(p.Peer):
			list[i].Traffic = q.Traffic.Union(p.Traffic)
			return list
		case q.Traffic.Equal(p.Traffic) && !q.Peer.Union(p.Peer).TooComplex():
			list[i].Peer = q.Peer.Union(p.Peer)
			return list
		}
	}
	return append(list, p)
}
