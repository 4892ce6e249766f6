package crossing

import (
	"encoding/json"
	"slices"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/source"
)

// guardName is the name of a guard, which is deleted when the phase is done.
const guardName = "policyferry-crossing"

// guarded applies the changes under a guard: a policy that allows everything wherever no other decides. Under it no pod
// is isolated before all that allows it something is there. Denies are denies under it, so what is applied decides at
// once as it will in the end.
func (c *Crossing) guarded(start *state, changes []Change) []Change {
	guards := c.guards(start, changes)
	var out []Change
	for _, g := range guards {
		if g.after == nil {
			out = append(out, Change{Document: g.doc, Guard: true})
		}
	}
	for _, ch := range changes {
		out = append(out, ch)
		for _, g := range guards {
			if g.after != nil && *g.after == ch.Document.Object.Name && ch.Document.Object.Kind == "Tier" {
				out = append(out, Change{Document: g.doc, Guard: true})
			}
		}
	}
	for _, g := range guards {
		out = append(out, Change{Delete: true, Document: g.doc, Guard: true})
	}
	return out
}

type guard struct {
	doc *source.Document
	// after is the tier that must be there first; nil for none.
	after *string
}

// guards are those that the target needs: one, or in Calico one at the end of every tier. Namespaces with a standard
// policy are left out: their pods are isolated already, and a guard would open them.
func (c *Crossing) guards(start *state, changes []Change) []guard {
	var closed []string
	for _, d := range start.objects {
		if d.Object.Kind == "NetworkPolicy" && owner(d) == "" && !slices.Contains(closed, d.Object.Namespace) {
			closed = append(closed, d.Object.Namespace)
		}
	}
	slices.Sort(closed)
	if c.Target.CNI == compat.Cilium {
		return []guard{{doc: object(ciliumGuard(closed))}}
	}
	var out []guard
	for _, tier := range tiersOf(changes) {
		g := guard{doc: object(calicoGuard(tier, closed))}
		if tier != "default" {
			g.after = &tier
		}
		out = append(out, g)
	}
	return out
}

// tiersOf are the tiers that have policies, in the order in which they are read.
func tiersOf(changes []Change) []string {
	var out []string
	for _, ch := range changes {
		if owner(ch.Document) != compat.Calico || rankOf(ch.Document, compat.Calico, nil).group < 2 {
			continue
		}
		tier, ok := ch.Document.Scalar("spec.tier")
		if !ok {
			tier = "default"
		}
		if !slices.Contains(out, tier) {
			out = append(out, tier)
		}
	}
	return out
}

type fields map[string]any

func ciliumGuard(closed []string) fields {
	const namespace = "k8s:io.kubernetes.pod.namespace"
	// the key is what pods have and health endpoints and the ingress proxy have not
	match := []fields{{"key": namespace, "operator": "Exists"}}
	if len(closed) > 0 {
		match = append(match, fields{"key": namespace, "operator": "NotIn", "values": closed})
	}
	return fields{
		"apiVersion": "cilium.io/v2", "kind": "CiliumClusterwideNetworkPolicy", "metadata": fields{"name": guardName},
		"spec": fields{
			"endpointSelector": fields{"matchExpressions": match},
			"ingress":          []fields{{"fromEntities": []string{"all"}}},
			"egress":           []fields{{"toEntities": []string{"all"}}},
		},
	}
}

func calicoGuard(tier string, closed []string) fields {
	selector := "all()"
	if len(closed) > 0 {
		selector = "projectcalico.org/name not in {"
		for i, name := range closed {
			if i > 0 {
				selector += ", "
			}
			selector += "'" + name + "'"
		}
		selector += "}"
	}
	return fields{
		"apiVersion": "projectcalico.org/v3", "kind": "GlobalNetworkPolicy", "metadata": fields{"name": tier + "." + guardName},
		"spec": fields{
			"tier": tier, "order": 1_000_000_000, "namespaceSelector": selector, "types": []string{"Ingress", "Egress"},
			"ingress": []fields{{"action": "Allow"}}, "egress": []fields{{"action": "Allow"}},
		},
	}
}

// object reads an object as an API server would.
func object(f fields) *source.Document {
	text, err := json.Marshal(f)
	if err != nil {
		panic("crossing: a guard cannot be written: " + err.Error())
	}
	docs, problems := source.ReadBytes("guard", text, source.Options{})
	if problems.Len() > 0 || len(docs) != 1 {
		panic("crossing: a guard cannot be read back")
	}
	return docs[0]
}
