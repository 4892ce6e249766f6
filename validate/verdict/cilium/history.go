package cilium

import (
	"encoding/json"
	"fmt"
)

// field is a field that releases before 1.minor do not have. Their API server drops it.
type field struct {
	name  string
	minor int
}

var (
	laterFields        = []field{{"enableDefaultDeny", 16}}
	laterElementFields = []field{{"fromNodes", 16}, {"toNodes", 16}, {"fromGroups", 16}}
	laterPortFields    = []field{{"endPort", 16}}
	laterCIDRFields    = []field{{"cidrGroupSelector", 17}}
)

// prune drops the fields of a spec that the release does not have.
func (s *settings) prune(raw json.RawMessage) (json.RawMessage, error) {
	if s.release.since(1, 17) {
		return raw, nil
	}
	var spec map[string]any
	if err := unmarshal(raw, &spec); err != nil {
		return nil, err
	}
	s.drop(spec, laterFields)
	for _, section := range []string{"ingress", "ingressDeny", "egress", "egressDeny"} {
		for _, element := range objects(spec[section]) {
			s.drop(element, laterElementFields)
			for _, name := range []string{"fromCIDRSet", "toCIDRSet"} {
				for _, set := range objects(element[name]) {
					s.drop(set, laterCIDRFields)
				}
			}
			for _, ports := range objects(element["toPorts"]) {
				for _, port := range objects(ports["ports"]) {
					s.drop(port, laterPortFields)
				}
			}
		}
	}
	return json.Marshal(spec)
}

func (s *settings) drop(object map[string]any, fields []field) {
	for _, f := range fields {
		if !s.release.since(1, f.minor) {
			delete(object, f.name)
		}
	}
}

// objects are the mappings in a list.
func objects(list any) []map[string]any {
	items, _ := list.([]any)
	var out []map[string]any
	for _, item := range items {
		if object, ok := item.(map[string]any); ok {
			out = append(out, object)
		}
	}
	return out
}

// rejectedThen says why an older release does not enforce a spec that 1.20 accepts.
func (s *settings) rejectedThen(spec *policySpec) error {
	for _, elements := range [][]element{spec.Ingress, spec.IngressDeny, spec.Egress, spec.EgressDeny} {
		for i := range elements {
			e := &elements[i]
			switch {
			case !s.release.since(1, 17) && len(e.ToServices) > 0 && len(e.ToPorts) > 0:
				return fmt.Errorf("toServices with toPorts before 1.17")
			case s.release.since(1, 19) && len(e.FromRequires)+len(e.ToRequires) > 0:
				return fmt.Errorf("fromRequires and toRequires since 1.19")
			}
			for _, name := range append(e.FromEntities, e.ToEntities...) {
				if name == "cluster-mesh" && !s.release.since(1, 20) {
					return fmt.Errorf("entity cluster-mesh before 1.20")
				}
			}
		}
	}
	return nil
}

// withoutRequires drops the fields that the types of 1.20 cannot hold and releases before 1.19 honour.
func withoutRequires(raw json.RawMessage) (json.RawMessage, error) {
	var spec map[string]any
	if err := unmarshal(raw, &spec); err != nil {
		return nil, err
	}
	for _, section := range []string{"ingress", "ingressDeny", "egress", "egressDeny"} {
		for _, element := range objects(spec[section]) {
			delete(element, "fromRequires")
			delete(element, "toRequires")
		}
	}
	return json.Marshal(spec)
}
