package translate

import (
	"github.com/policyferry/policyferry/translate/calico"
	"github.com/policyferry/policyferry/translate/cilium"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/kubernetes"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/source"
)

// lowerStandard reads the standard kinds as the source CNI reads them, and notes which of them the target CNI would
// read with the same meaning: those can be written again as they are.
func (t *translation) lowerStandard() []*model.Policy {
	quiet := &env.Env{Facts: t.env.Facts, Source: t.env.Target, Target: t.env.Target, Findings: &diag.List{},
		DefaultNamespace: t.env.DefaultNamespace}
	var out []*model.Policy
	for _, d := range t.standard {
		p := lowerOne(d, t.reading(t.env, t.env.Source.CNI), t.env)
		if p == nil {
			t.refused = append(t.refused, d)
			continue
		}
		p.Unchanged = t.targetReads(d) && sameMeaning(p, lowerOne(d, t.reading(quiet, t.env.Target.CNI), quiet))
		out = append(out, p)
	}
	return out
}

func (t *translation) targetReads(d *source.Document) bool {
	return d.Object.Kind == "NetworkPolicy" ||
		compat.ReadsAdminPolicy(t.env.Target, d.Object.Kind, t.env.Facts.Cilium.ClusterNetworkPolicy)
}

func lowerOne(d *source.Document, r kubernetes.Reading, e *env.Env) *model.Policy {
	if d.Object.Kind == "NetworkPolicy" {
		return kubernetes.LowerNetworkPolicy(d, r, e)
	}
	if p := kubernetes.LowerAdmin(d, r, e); p != nil {
		return p.Policy
	}
	return nil
}

// sameMeaning reports whether two readings of one document are the same and leave no doubt.
func sameMeaning(a, b *model.Policy) bool {
	if b == nil || !a.Subject.Equal(b.Subject) {
		return false
	}
	for d := range a.Sections {
		x, y := a.Sections[d], b.Sections[d]
		if (x == nil) != (y == nil) {
			return false
		}
		if x == nil {
			continue
		}
		if x.Isolates != y.Isolates || len(x.Rules) != len(y.Rules) {
			return false
		}
		for i := range x.Rules {
			if !sameRule(x.Rules[i], y.Rules[i]) {
				return false
			}
		}
	}
	return true
}

func sameRule(x, y *model.Rule) bool {
	if x.Action != y.Action || len(x.Matches) != len(y.Matches) || len(x.Doubts)+len(y.Doubts) > 0 {
		return false
	}
	for i := range x.Matches {
		if x.Matches[i].String() != y.Matches[i].String() {
			return false
		}
	}
	return true
}

// reading is how a CNI understands the standard kinds in this cluster.
func (t *translation) reading(e *env.Env, cni compat.CNI) kubernetes.Reading {
	if cni == compat.Calico {
		return kubernetes.Reading{CNI: cni, Addresses: calico.Addresses(e), Namespaces: calico.Namespaces(t.own, e)}
	}
	return kubernetes.Reading{CNI: cni, Addresses: cilium.Addresses(e), WholeFamilies: cilium.WholeFamilies(e), OnlyExcluding: cilium.OnlyExcluding(e),
		FirstPortOnly: !cilium.ReadsPortRanges(e), DeafToSCTPPorts: cilium.DeafToSCTPPorts(e)}
}
