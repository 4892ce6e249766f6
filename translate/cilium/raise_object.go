package cilium

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/source"
)

// The annotations that lead back to the source.
const (
	annotationSource   = "policyferry.io/source"
	annotationPosition = "policyferry.io/position"
)

// newObject makes the object for a source policy: same namespace, same name where that is possible.
func (r *raiser) newObject(p *model.Policy) *object {
	o := &object{APIVersion: "cilium.io/v2", Kind: "CiliumClusterwideNetworkPolicy"}
	if o.Metadata.Namespace = r.namespaceOf(p); o.Metadata.Namespace != "" {
		o.Kind = "CiliumNetworkPolicy"
	}
	o.Metadata.Name = r.freeName(p, o.Kind, o.Metadata.Namespace)
	o.Metadata.Annotations = annotations(p)
	if p.Doc != nil && p.Doc.Has("metadata.labels") {
		var meta struct {
			Metadata struct {
				Labels map[string]string `json:"labels"`
			} `json:"metadata"`
		}
		if findings := p.Doc.DecodeKnown(&meta); findings.Len() == 0 {
			o.Metadata.Labels = meta.Metadata.Labels
			// Calico's own labels, such as the tier that 3.32 adds, say nothing about the new object.
			maps.DeleteFunc(o.Metadata.Labels, func(k, _ string) bool { return strings.HasPrefix(k, "projectcalico.org/") })
		}
	}
	return o
}

// Identity tells which object it is, and its annotations.
func (o *object) Identity() (diag.Object, map[string]string) {
	return diag.Object{APIVersion: o.APIVersion, Kind: o.Kind, Namespace: o.Metadata.Namespace, Name: o.Metadata.Name}, o.Metadata.Annotations
}

// annotations lead back to the source policy.
func annotations(p *model.Policy) map[string]string {
	out := map[string]string{annotationSource: sourceText(p.Object)}
	if p.Pos.File != "" {
		out[annotationPosition] = p.Pos.File
		if p.Pos.Line > 0 {
			out[annotationPosition] = fmt.Sprintf("%s:%d", p.Pos.File, p.Pos.Line)
		}
	}
	return out
}

// namespaceOf is the namespace of a namespaced policy.
func (r *raiser) namespaceOf(p *model.Policy) string {
	switch {
	case p.Object.Namespace != "":
		return p.Object.Namespace
	case p.Object.Kind != "NetworkPolicy" && p.Object.Kind != "CiliumNetworkPolicy":
		return ""
	case r.env.DefaultNamespace != "":
		return r.env.DefaultNamespace
	}
	return "default"
}

// freeName keeps the source's name unless it is taken or no object can have it.
func (r *raiser) freeName(p *model.Policy, kind, namespace string) string {
	name := r.unused(validName(p.Object.Name), kind, namespace)
	if name != p.Object.Name {
		r.note(p.Origin, diag.Renamed, "", "%s is written as %s %s", p.Object, kind, name)
	}
	return name
}

// unused takes a name, with a number where it is taken already.
func (r *raiser) unused(base, kind, namespace string) string {
	name := base
	for n := 2; r.taken[kind+" "+namespace+"/"+name]; n++ {
		name = fmt.Sprintf("%s-%d", base, n)
	}
	r.taken[kind+" "+namespace+"/"+name] = true
	return name
}

func validName(name string) string {
	if len(validation.IsDNS1123Subdomain(name)) == 0 {
		return name
	}
	var b strings.Builder
	for _, c := range strings.ToLower(name) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' {
			c = '-'
		}
		b.WriteRune(c)
	}
	out := strings.Trim(b.String(), "-.")
	if len(out) > 240 {
		out = strings.TrimRight(out[:240], "-.")
	}
	if len(validation.IsDNS1123Subdomain(out)) > 0 {
		return "policy"
	}
	return out
}

// passThrough writes the source document again, without nulls and what the server set.
func (r *raiser) passThrough(p *model.Policy) any {
	decoder := json.NewDecoder(bytes.NewReader(p.Doc.Stored()))
	decoder.UseNumber()
	var o map[string]any
	if err := decoder.Decode(&o); err != nil {
		r.note(p.Origin, diag.Internal, "", "%s cannot be written again: %v", p.Object, err)
		return nil
	}
	dropServerSet(o, "")
	return o
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
