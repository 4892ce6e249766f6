package calico

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/source"
)

const apiVersion = "projectcalico.org/v3"

// raiser writes one set.
type raiser struct {
	*target
	tiers   []*object
	objects []any
	// taken are the names in use, by kind and namespace.
	taken     map[string]bool
	usesNodes bool
	// names are the lists of DNS names in use, by the value of their sets' label.
	names map[string][]string
}

// Raise writes a fitted set as Calico's objects. Calico evaluates tiers, policies and rules in order, so an ordered
// tier stays one. In a tier without order every deny beats every allow: denies go before allows. What puts its
// endpoints into default deny goes into the tier "default", what does not into tiers that pass on what they do not
// decide:
//
//	policyferry-deny     denies of policies that do not isolate
//	policyferry-allow    allows of policies that do not isolate, where something later would deny
//	default              everything else, with the Kubernetes NetworkPolicies
func Raise(set *model.Set, e *env.Env) []any {
	r := &raiser{target: newTarget(e), taken: map[string]bool{}, names: map[string][]string{}}
	main := mainTier(set)
	for i, t := range set.Tiers {
		switch {
		case i == main && t.Unordered:
			r.unordered(set, i)
		default:
			r.ordered(t, r.tierFor(t, i, main))
		}
	}
	var out []any
	if r.usesNodes {
		out = append(out, r.nodesSet())
	}
	out = append(out, r.nameSets()...)
	for _, t := range r.tiers {
		out = append(out, t)
	}
	return append(out, r.objects...)
}

// mainTier is the tier that becomes Calico's "default": the one without order, or the one of that name. It is -1 if
// there is none.
func mainTier(set *model.Set) int {
	main := -1
	for i, t := range set.Tiers {
		if t.Unordered || main < 0 && t.Name == tierDefault {
			main = i
		}
	}
	return main
}

// passThrough writes a source document again, without nulls and what the server set.
func (r *raiser) passThrough(p *model.Policy) {
	decoder := json.NewDecoder(bytes.NewReader(p.Doc.Stored()))
	decoder.UseNumber()
	var o map[string]any
	if err := decoder.Decode(&o); err != nil {
		r.note(p.Origin, diag.Internal, "", "%s cannot be written again: %v", p.Object, err)
		return
	}
	dropServerSet(o, "")
	r.objects = append(r.objects, o)
}

// dropServerSet removes server-set fields from an object and its metadata.
func dropServerSet(fields map[string]any, path string) {
	for key, value := range fields {
		at := source.Field(path, key)
		if source.IsServerSet(at) {
			delete(fields, key)
			continue
		}
		if inner, ok := value.(map[string]any); ok && (at == "metadata" || at == "metadata.annotations") {
			dropServerSet(inner, at)
			if len(inner) == 0 {
				delete(fields, key)
			}
		}
	}
}

// namespaceOfPolicy is the namespace in which a policy is written, or empty for a global one. A source that does not
// state its namespace still selects in one only.
func namespaceOfPolicy(p *model.Policy) string {
	namespaced := p.Object.Namespace != "" || p.Object.Kind == "NetworkPolicy" || p.Object.Kind == "CiliumNetworkPolicy"
	if p.Class == model.HostSubjects || !namespaced {
		return ""
	}
	namespace := p.Object.Namespace
	for _, c := range p.Selected().Clauses() {
		list, finite := c.Values(selector.Key{Kind: selector.NamespaceName}).Finite()
		if !finite || len(list) != 1 || namespace != "" && list[0] != namespace {
			return ""
		}
		namespace = list[0]
	}
	return namespace
}

// sourceText names the source of an object in its annotation.
func sourceText(o diag.Object) string {
	return strings.TrimSpace(o.String())
}
