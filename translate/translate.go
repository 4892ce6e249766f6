// Package translate carries a whole policy set from Calico to Cilium or back.
//
//	documents ──read──▶ syntax ──lower──▶ model ──order──▶ model ──raise──▶ syntax ──write──▶ documents
//
// It promises that nothing is silent (every field of every object is carried exactly or reported), that the output
// never allows what the source denies unless the user accepted that very finding, and that the same input gives the
// same output whatever the order of the documents. It neither reads nor writes files.
package translate

import (
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/calico"
	"github.com/policyferry/policyferry/translate/cilium"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/order"
	"github.com/policyferry/policyferry/translate/source"
)

// Translate translates one policy set. The error is a *UsageError; everything about the input itself is a finding.
func Translate(docs []*source.Document, opt Options) (*Result, error) {
	docs = canonical(docs)
	from, err := sourceCNI(opt, docs)
	if err != nil {
		return nil, err
	}
	t := &translation{opt: opt, findings: &diag.List{}, passedOver: map[string]int{}}
	facts, problems := cluster.Load(canonical(append(slices.Clone(docs), opt.Cluster...)))
	t.findings.Append(problems)
	if t.env, err = t.environment(from, facts); err != nil {
		return nil, err
	}
	t.lacking(docs)
	t.sort(docs)
	t.forgetRefusedHosts(docs)
	set := t.lower()
	outputs := t.write(t.raise(set))
	return t.result(outputs), nil
}

// translation is the state of one call.
type translation struct {
	opt        Options
	env        *env.Env
	findings   *diag.List
	own        []*source.Document // policy of the source CNI
	standard   []*source.Document // policy of the standard kinds that the source reads
	refused    []*source.Document // policy that is not carried
	passedOver map[string]int
}

// canonical puts documents into an order that depends only on what they are.
func canonical(docs []*source.Document) []*source.Document {
	out := slices.Clone(docs)
	slices.SortStableFunc(out, func(a, b *source.Document) int {
		x, y := a.Object, b.Object
		if c := strings.Compare(x.Kind+"\x00"+x.Namespace+"\x00"+x.Name+"\x00"+x.APIVersion,
			y.Kind+"\x00"+y.Namespace+"\x00"+y.Name+"\x00"+y.APIVersion); c != 0 {
			return c
		}
		if a.Pos == b.Pos {
			return a.Index - b.Index
		}
		if a.Pos.Before(b.Pos) {
			return -1
		}
		return 1
	})
	return out
}

func (t *translation) environment(from compat.CNI, facts *cluster.Facts) (*env.Env, error) {
	e := &env.Env{Facts: facts, Relied: &cluster.Relied{}, Findings: t.findings, Accepted: map[string]bool{}, FQDNCache: t.opt.FQDNCache}
	var err error
	if e.Source, err = release(from, t.opt.SourceVersion, factVersion(from, facts)); err != nil {
		return nil, err
	}
	if e.Target, err = release(t.opt.To, t.opt.TargetVersion, factVersion(t.opt.To, facts)); err != nil {
		return nil, err
	}
	for _, id := range t.opt.Accept {
		code, ok := diag.Lookup(id)
		if !ok {
			return nil, &UsageError{Message: "unknown code " + id, Hint: "policyferry explain lists the codes"}
		}
		e.Accepted[code.ID] = true
	}
	if e.DefaultNamespace = t.opt.DefaultNamespace; e.DefaultNamespace == "" {
		e.DefaultNamespace = "default"
	}
	return e, nil
}

// forgetRefusedHosts takes host endpoints that Calico would not accept out of the facts: there are none such.
func (t *translation) forgetRefusedHosts(docs []*source.Document) {
	if !slices.ContainsFunc(t.refused, func(d *source.Document) bool { return d.Object.Kind == "HostEndpoint" }) {
		return
	}
	kept := slices.DeleteFunc(slices.Clone(docs), func(d *source.Document) bool { return slices.Contains(t.refused, d) })
	t.env.Facts, _ = cluster.Load(canonical(append(kept, t.opt.Cluster...)))
}

// lower reads the set into the model.
func (t *translation) lower() *model.Set {
	kube := t.lowerStandard()
	if t.env.Source.CNI == compat.Calico {
		return calico.Lower(t.own, kube, t.env)
	}
	return cilium.Lower(t.own, kube, t.env)
}

// raise writes the model as the target's objects.
func (t *translation) raise(set *model.Set) []any {
	if t.env.Target.CNI == compat.Calico {
		calico.Fit(set, t.env)
		t.overruled(set)
		return calico.Raise(set, t.env)
	}
	cilium.Fit(set, t.env)
	t.overruled(set)
	return cilium.Raise(order.Flatten(set, t.env, cilium.Ordered(set, t.env)), t.env)
}
