package mutate

import (
	"slices"
	"strings"
)

func dropObject(s site) []any {
	if len(s.path) == 1 {
		return []any{gone{}}
	}
	return nil
}

func dropRule(s site) []any {
	if _, ok := s.rule(); ok {
		return []any{gone{}}
	}
	return nil
}

// dropCriterion takes out a field by which a rule says whom or what it is about.
func dropCriterion(s site) []any {
	_, field := s.path[len(s.path)-1].(string)
	if field && s.within(sections...) && !slices.Contains(sections, s.key()) &&
		!slices.Contains([]string{"action", "operator", "key", "name", "namespace"}, s.key()) {
		return []any{gone{}}
	}
	return nil
}

// dropItem takes one of several out of a list that is no list of rules.
func dropItem(s site) []any {
	if _, rule := s.rule(); rule || !strings.HasSuffix(s.key(), "[]") || len(s.path) < 4 ||
		slices.Contains([]string{"types[]", "policyTypes[]", "except[]", "notNets[]"}, s.key()) {
		return nil
	}
	return []any{gone{}}
}

// dropException takes a hole out of a network.
func dropException(s site) []any {
	if slices.Contains([]string{"except[]", "except", "notNets[]"}, s.key()) {
		return []any{gone{}}
	}
	return nil
}

// addEmptyRule adds to each direction a rule that says nothing: to Cilium it isolates, to others it allows everything.
func addEmptyRule(s site) (out []any) {
	spec, ok := s.spec()
	if !ok || !slices.ContainsFunc(sections, func(key string) bool { return spec[key] != nil }) && spec["types"] == nil && spec["policyTypes"] == nil {
		return nil
	}
	empty := object{}
	if s.syntax == calico {
		empty["action"] = "Allow"
	}
	for _, key := range sections[:2] {
		rules, _ := spec[key].([]any)
		out = append(out, with(spec, key, append(slices.Clip(rules), any(empty))))
	}
	return out
}

// swapAction makes a deny of an allow. Cilium writes it as the list in which the rule stands.
func swapAction(s site) (out []any) {
	if s.key() == "action" {
		for _, action := range []string{"Allow", "Deny"} {
			if s.syntax == kubernetes && action == "Allow" {
				action = "Accept"
			}
			if s.value != action {
				out = append(out, action)
			}
		}
		return out
	}
	spec, ok := s.spec()
	if !ok || s.syntax != cilium {
		return nil
	}
	for _, lists := range [][2]string{{"ingress", "ingressDeny"}, {"ingressDeny", "ingress"}, {"egress", "egressDeny"}, {"egressDeny", "egress"}} {
		from, _ := spec[lists[0]].([]any)
		to, _ := spec[lists[1]].([]any)
		for i, rule := range from {
			changed := with(spec, lists[1], append(slices.Clip(to), rule))
			rest := slices.Delete(slices.Clone(from), i, i+1)
			if len(rest) == 0 {
				out = append(out, with(changed, lists[0], gone{}))
				continue
			}
			out = append(out, with(changed, lists[0], rest))
		}
	}
	return out
}

// swapRules changes the order of two rules with different actions, which Cilium's do not have.
func swapRules(s site) (out []any) {
	rules, ok := s.value.([]any)
	if !ok || !slices.Contains(sections[:2], s.key()) {
		return nil
	}
	action := func(i int) any {
		rule, _ := rules[i].(object)
		return rule["action"]
	}
	for i := 1; i < len(rules); i++ {
		if action(i-1) != action(i) {
			swapped := slices.Clone(rules)
			swapped[i-1], swapped[i] = rules[i], rules[i-1]
			out = append(out, swapped)
		}
	}
	return out
}

// swapDirections makes what enters leave, and the other way round.
func swapDirections(s site) []any {
	spec, ok := s.spec()
	if !ok {
		return nil
	}
	out := object{}
	for key, value := range spec {
		out[mirror(key)] = value
	}
	for _, key := range sections {
		rules, _ := out[key].([]any)
		turned := make([]any, len(rules))
		for i, rule := range rules {
			turned[i] = turn(rule, key)
		}
		if out[key] != nil {
			out[key] = turned
		}
	}
	for _, key := range []string{"types", "policyTypes"} {
		if types, ok := spec[key].([]any); ok {
			out[key] = mirrored(types)
		}
	}
	return []any{out}
}

func mirrored(types []any) []any {
	out := make([]any, len(types))
	for i, t := range types {
		text, _ := t.(string)
		out[i] = mirror(text)
	}
	return out
}

// turn makes a rule one of the other direction. Where Calico says source and destination, the ports stay at the
// destination.
func turn(rule any, section string) any {
	fields, _ := rule.(object)
	out := object{}
	for key, value := range fields {
		switch {
		case strings.HasPrefix(key, "from") && strings.HasPrefix(section, "egress"):
			key = "to" + strings.TrimPrefix(key, "from")
		case strings.HasPrefix(key, "to") && key != "toPorts" && strings.HasPrefix(section, "ingress"):
			key = "from" + strings.TrimPrefix(key, "to")
		case key == "from" || key == "to":
			key = map[string]string{"from": "to", "to": "from"}[key]
		}
		out[key] = value
	}
	source, _ := fields["source"].(object)
	destination, _ := fields["destination"].(object)
	if source != nil || destination != nil {
		out["source"] = with(with(destination, "ports", orGone(source["ports"])), "notPorts", orGone(source["notPorts"]))
		out["destination"] = with(with(source, "ports", orGone(destination["ports"])), "notPorts", orGone(destination["notPorts"]))
	}
	return out
}

func orGone(v any) any {
	if v == nil {
		return gone{}
	}
	return v
}

var opposite = map[string]string{"ingress": "egress", "egress": "ingress", "ingressDeny": "egressDeny", "egressDeny": "ingressDeny",
	"Ingress": "Egress", "Egress": "Ingress"}

func mirror(key string) string {
	if other, ok := opposite[key]; ok {
		return other
	}
	return key
}
