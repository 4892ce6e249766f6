package crossing

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

type fields map[string]any

const namespaceLabel = "k8s:io.kubernetes.pod.namespace"

// ciliumGuard allows everything to and from pods. The namespace is the key that pods have, and health endpoints and the
// ingress proxy have not.
func ciliumGuard(isolated [2]isolation) fields {
	var specs []fields
	for d, allow := range []fields{
		{"ingress": []fields{{"fromEntities": []string{"all"}}}}, {"egress": []fields{{"toEntities": []string{"all"}}}},
	} {
		match := []fields{{"key": namespaceLabel, "operator": "Exists"}}
		if len(isolated[d]) > 0 {
			match = append(match, fields{"key": namespaceLabel, "operator": "NotIn", "values": isolated[d].namespaces()})
		}
		specs = append(specs, ciliumSpec(match, allow))
		for _, namespace := range isolated[d].namespaces() {
			if others, ok := isolated[d][namespace].others(); ok {
				specs = append(specs, ciliumSpec(append([]fields{{"key": namespaceLabel, "operator": "In", "values": []string{namespace}}}, others...), allow))
			}
		}
	}
	return fields{
		"apiVersion": "cilium.io/v2", "kind": "CiliumClusterwideNetworkPolicy", "metadata": fields{"name": guardName}, "specs": specs,
	}
}

func ciliumSpec(match []fields, allow fields) fields {
	out := maps.Clone(allow)
	out["endpointSelector"] = fields{"matchExpressions": match}
	return out
}

// others are the requirements of pods that none of the selectors selects; false if they are not one conjunction, or
// nobody is left.
func (s selectors) others() ([]fields, bool) {
	var out []fields
	for _, one := range s {
		if len(one) != 1 {
			return nil, false
		}
		r := one[0]
		not := map[string]string{"In": "NotIn", "NotIn": "In", "Exists": "DoesNotExist", "DoesNotExist": "Exists"}[r.Operator]
		if not == "" {
			return nil, false
		}
		f := fields{"key": "k8s:" + r.Key, "operator": not}
		if len(r.Values) > 0 {
			f["values"] = r.Values
		}
		if r.Operator == "NotIn" { // it also selects who lacks the key, and In asks for it
			f["operator"] = "In"
		}
		out = append(out, f)
	}
	return out, true
}

// calicoGuards allow everything at the end of a tier: one policy, or one for each direction where standard policies
// isolate other pods in each.
func calicoGuards(tier string, isolated [2]isolation) []fields {
	ingress, egress := isolated[0].calicoOthers(), isolated[1].calicoOthers()
	allow := []fields{{"action": "Allow"}}
	guard := func(suffix, selector string, more fields) fields {
		spec := fields{"tier": tier, "order": 1_000_000_000, "namespaceSelector": "all()", "selector": selector}
		maps.Copy(spec, more)
		return fields{
			"apiVersion": "projectcalico.org/v3", "kind": "GlobalNetworkPolicy",
			"metadata": fields{"name": tier + "." + guardName + suffix}, "spec": spec,
		}
	}
	if ingress == egress {
		return []fields{guard("", ingress, fields{"types": []string{"Ingress", "Egress"}, "ingress": allow, "egress": allow})}
	}
	return []fields{
		guard("-ingress", ingress, fields{"types": []string{"Ingress"}, "ingress": allow}),
		guard("-egress", egress, fields{"types": []string{"Egress"}, "egress": allow}),
	}
}

// calicoOthers is a selector of the pods that are not isolated.
func (i isolation) calicoOthers() string {
	var terms []string
	for _, namespace := range i.namespaces() {
		for _, one := range i[namespace] {
			term := []string{fmt.Sprintf("projectcalico.org/namespace == '%s'", namespace)}
			for _, r := range one {
				term = append(term, r.calico())
			}
			terms = append(terms, "!("+strings.Join(term, " && ")+")")
		}
	}
	if len(terms) == 0 {
		return "all()"
	}
	return strings.Join(terms, " && ")
}

func (r requirement) calico() string {
	values := "{'" + strings.Join(r.Values, "', '") + "'}"
	switch r.Operator {
	case "In":
		return r.Key + " in " + values
	case "NotIn":
		return r.Key + " not in " + values
	case "Exists":
		return "has(" + r.Key + ")"
	}
	return "!has(" + r.Key + ")"
}

func (i isolation) namespaces() []string { return slices.Sorted(maps.Keys(i)) }
