package mend

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/lint"
	"github.com/policyferry/policyferry/validate/verdict"
	"github.com/policyferry/policyferry/validate/world"
)

// settle decides on fixes: all of them if they are an equivalence together with those that are decided on, else the
// halves of them one after the other, down to the ones that are none.
func (m *mender) settle(works, beside []*work) {
	if len(works) == 0 {
		return
	}
	why := m.wrong(append(append([]*work(nil), beside...), works...))
	if why == "" {
		for _, w := range works {
			w.made = true
		}
		return
	}
	if len(works) == 1 {
		works[0].Refused = why
		return
	}
	half := len(works) / 2
	m.settle(works[:half], beside)
	for _, w := range works[:half] {
		if w.made {
			beside = append(beside, w)
		}
	}
	m.settle(works[half:], beside)
}

// wrong says why fixes cannot be made; empty if they are proven to be an equivalence.
func (m *mender) wrong(works []*work) string {
	after, err := m.edited(works)
	if err != nil {
		return err.Error()
	}
	for _, s := range m.sets {
		answer, witness, err := m.compare(s, &edited{}, after)
		switch {
		case err != nil:
			return fmt.Sprintf("it cannot be proven that %s enforces the same: %v", s.Release.Name(), err)
		case answer == equiv.Unknown:
			return fmt.Sprintf("it is not known whether %s would enforce the same", s.Release.Name())
		case answer != equiv.Equivalent:
			return fmt.Sprintf("%s would not enforce the same: %s", s.Release.Name(), witness)
		}
	}
	return ""
}

// force makes a fix that is no equivalence, and tells what it does, beside those that are made already.
func (m *mender) force(w *work) {
	base, err := m.edited(m.made())
	if err != nil {
		w.Refused = err.Error()
		return
	}
	after, err := m.edited(append(m.made(), w))
	if err != nil {
		w.Refused = err.Error()
		return
	}
	w.made = true
	for _, s := range m.sets {
		answer, _, err := m.compare(s, base, after)
		if err != nil {
			answer = equiv.Unknown
		}
		if answer != equiv.Equivalent {
			w.Answer = string(answer)
		}
	}
}

// compare compares the part of a set in which the changed objects have a say, as it is at the base and after. A witness of
// a difference is told in words.
func (m *mender) compare(s lint.PolicySet, base, after *edited) (answer equiv.Answer, witness string, err error) {
	sets := m.alone(s, after)
	if len(sets) == 0 {
		return equiv.Equivalent, "", nil
	}
	if !addsUp(s) {
		sets = append(sets, m.concerned(s.Documents, after))
	}
	objects := m.objects()
	inventories := [][]*source.Document{withoutPods(objects)}
	if len(inventories[0]) < len(objects) { // What holds for the pods of today shall hold for others too.
		inventories = append(inventories, objects)
	} else {
		m.out.Synthetic = true
	}
	for _, before := range sets {
		pairs, err := versions(base.of(before), after.of(before))
		if err != nil {
			return "", "", err
		}
		for _, inventory := range m.withSettings(s, inventories, before) {
			for _, p := range pairs {
				answer, witness, err = compareIn(inventory, s.Release, p[0], p[1])
				if err != nil || answer != equiv.Equivalent {
					return answer, witness, err
				}
			}
		}
	}
	return answer, "", nil
}

// withSettings adds to the inventories those in which CIDRs of Cilium match nodes and pods, if a policy names CIDRs and
// the facts do not say whether they do: what is proven shall hold both ways.
func (m *mender) withSettings(s lint.PolicySet, inventories [][]*source.Document, policies []*source.Document) [][]*source.Document {
	if s.Release.CNI != compat.Cilium || !slices.ContainsFunc(policies, namesCIDRs) {
		return inventories
	}
	if facts, _ := cluster.Load(inventories[0]); facts.Cilium.CIDRMatchModeKnown {
		return inventories
	}
	docs, _ := source.ReadBytes("settings", []byte(`apiVersion: v1
kind: ConfigMap
metadata: {name: cilium-config, namespace: kube-system}
data: {policy-cidr-match-mode: "nodes,pods"}
`), source.Options{})
	out := slices.Clone(inventories)
	for _, inventory := range inventories {
		out = append(out, slices.Concat(inventory, docs))
	}
	return out
}

func namesCIDRs(d *source.Document) bool {
	text, err := d.JSON()
	return err != nil || bytes.Contains(text, []byte("CIDR")) || bytes.Contains(text, []byte("ipBlock"))
}

func compareIn(objects []*source.Document, release compat.Release, before, after []*source.Document) (equiv.Answer, string, error) {
	w, problems, err := world.Of(objects, before, after)
	if err != nil {
		return "", "", err
	}
	for _, p := range problems.All() {
		if p.Code.Severity == diag.Error {
			return "", "", fmt.Errorf("%s", p.Message)
		}
	}
	var sides [2]*equiv.Side
	for i, docs := range [][]*source.Document{before, after} {
		set := equiv.Set{CNI: release.CNI, Version: release.Version.String(), Documents: docs}
		if sides[i], err = equiv.NewSide(set, w.Facts, w.Objects); err != nil {
			return "", "", err
		}
	}
	r, err := equiv.Compare(sides[0], sides[1], w.Facts, equiv.Options{Explain: 1})
	if err != nil {
		return "", "", err
	}
	if len(r.Differences) == 0 {
		return r.Answer, "", nil
	}
	d := r.Differences[0]
	return r.Answer, fmt.Sprintf("%s is %s, and would be %s", d.Witness, words(d.Left), words(d.Right)), nil
}

func words(v verdict.Verdict) string {
	switch {
	case v.Egress == verdict.Unknown || v.Ingress == verdict.Unknown:
		return "not known"
	case v.Allowed():
		return "allowed"
	}
	return "denied"
}

func withoutPods(docs []*source.Document) []*source.Document {
	var out []*source.Document
	for _, d := range docs {
		if d.Object.Kind != "Pod" {
			out = append(out, d)
		}
	}
	return out
}

// objects describe the cluster: those that are given as its facts, and those beside the policies.
func (m *mender) objects() []*source.Document {
	out := append([]*source.Document(nil), m.opt.Cluster...)
	in := map[*source.Document]bool{}
	for _, s := range m.sets {
		for _, d := range s.Documents {
			in[d] = true
		}
	}
	for _, d := range m.set.Documents {
		if !in[d] {
			out = append(out, d)
		}
	}
	return out
}
