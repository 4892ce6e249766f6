package mutate

import "slices"

// flipDefaultDeny changes in which directions a policy isolates: Cilium's setting, or the types of the others.
func flipDefaultDeny(s site) []any {
	spec, ok := s.spec()
	if !ok {
		return nil
	}
	switch s.syntax {
	case cilium:
		return flipSetting(spec)
	case calico:
		return flipTypes(spec, "types")
	}
	return flipTypes(spec, "policyTypes")
}

func flipSetting(spec object) (out []any) {
	if !slices.ContainsFunc(sections, func(key string) bool { return spec[key] != nil }) {
		return nil
	}
	setting, stated := spec["enableDefaultDeny"].(object)
	if stated {
		out = append(out, with(spec, "enableDefaultDeny", gone{}))
	}
	for _, direction := range sections[:2] {
		now, said := setting[direction].(bool)
		if !said {
			now = spec[direction] != nil || spec[direction+"Deny"] != nil
		}
		out = append(out, with(spec, "enableDefaultDeny", with(setting, direction, !now)))
	}
	return out
}

func flipTypes(spec object, field string) (out []any) {
	types, ok := spec[field].([]any)
	if !ok {
		return nil
	}
	for _, direction := range []any{"Ingress", "Egress"} {
		if i := slices.Index(types, direction); i >= 0 {
			out = append(out, with(spec, field, slices.Delete(slices.Clone(types), i, i+1)))
			continue
		}
		out = append(out, with(spec, field, append(slices.Clip(types), direction)))
	}
	return append(out, with(spec, field, gone{}))
}

// moveInOrder puts a policy or tier before or behind all others, or where one without an order stands.
func moveInOrder(s site) []any {
	if len(s.path) != 3 {
		return nil // no field of the policy itself
	}
	switch s.key() {
	case "order", "priority":
		return []any{0.0, 999999.0, gone{}}
	case "tier":
		return []any{gone{}}
	}
	return nil
}
