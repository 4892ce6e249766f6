package cilium

import (
	"fmt"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
)

// Raise writes a flattened set as Cilium's objects, one for each source policy that says anything. What Cilium
// cannot say although Fit has seen the set, because flattening cut it, is reported and denied.
func Raise(flat *model.Flat, e *env.Env) []any {
	r := &raiser{dialect: newDialect(e, e.Target), taken: map[string]bool{}}
	var out []any
	for _, p := range flat.Policies {
		if o := r.policy(p); o != nil {
			out = append(out, o)
		}
	}
	return append(out, r.clusterPolicies(flat.Ordered)...)
}

// raiser writes one set.
type raiser struct {
	*dialect
	// taken are the names in use, by kind and namespace.
	taken map[string]bool
}

func (r *raiser) policy(p *model.FlatPolicy) any {
	if !p.Changed && p.Source.Unchanged && p.Source.Doc != nil {
		return r.passThrough(p.Source)
	}
	if p.IsEmpty() {
		return nil
	}
	o := r.newObject(p.Source)
	w := &writer{raiser: r, source: p.Source, namespace: o.Metadata.Namespace}
	specs := w.specs(p)
	switch len(specs) {
	case 0:
		return nil
	case 1:
		o.Spec = specs[0]
	default:
		o.Specs = specs
	}
	if kubernetes(p.Source.Object) {
		because := "Cilium reads it with another meaning"
		if p.Changed {
			because = "its part depends on other policies"
		}
		r.note(p.Source.Origin, diag.KubernetesReplaced, "", "%s is replaced by %s %s, because %s",
			p.Source.Object, o.Kind, o.Metadata.Name, because)
	}
	return o
}

// writer writes one policy.
type writer struct {
	*raiser
	source *model.Policy
	// namespace is that of the object, or empty for a cluster-wide one.
	namespace string
}

// losses reports what a part loses because Cilium cannot say it.
func (w *writer) losses(p model.Part, why []reason) {
	rule := p.Rule
	if rule == nil {
		rule = &model.Rule{Origin: w.source.Origin}
	}
	copied := *rule
	copied.Action = p.Action
	w.reportLosses(&copied, why)
}

func kubernetes(o diag.Object) bool {
	return o.APIVersion == "networking.k8s.io/v1" || o.APIVersion == "policy.networking.k8s.io/v1alpha2"
}

// sourceText names the source of an object in its annotation.
func sourceText(o diag.Object) string {
	if o.Namespace != "" {
		return fmt.Sprintf("%s %s/%s", o.Kind, o.Namespace, o.Name)
	}
	return o.Kind + " " + o.Name
}
