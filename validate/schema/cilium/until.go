package cilium

// Until takes out of a policy what releases up to the given one, by its minor number, had and the linked one has no
// more, so that the rest can be judged by the linked definitions: rules for kafka and for parsers in plugins, which
// 1.20 removed, and fromRequires and toRequires, which 1.19 wants empty. What is taken out is not judged. The object
// is not changed.
func Until(object map[string]any, minor int) map[string]any {
	if minor >= linked {
		return object
	}
	out := copied(object).(map[string]any)
	rules := []any{out["spec"]}
	if specs, ok := out["specs"].([]any); ok {
		rules = append(rules, specs...)
	}
	for _, rule := range rules {
		for _, section := range []string{"ingress", "ingressDeny", "egress", "egressDeny"} {
			for _, element := range mappings(field(rule, section)) {
				if minor < 19 {
					delete(element, "fromRequires")
					delete(element, "toRequires")
				}
				for _, ports := range mappings(element["toPorts"]) {
					withoutParsers(ports)
				}
			}
		}
	}
	return out
}

// withoutParsers takes the removed kinds of rules out of an element of toPorts, and with the last of them the rules.
func withoutParsers(ports map[string]any) {
	rules, ok := ports["rules"].(map[string]any)
	if !ok {
		return
	}
	before := len(rules)
	for _, name := range []string{"kafka", "l7", "l7proto"} {
		delete(rules, name)
	}
	if len(rules) == 0 && before > 0 {
		delete(ports, "rules")
	}
}

// copied is a value with mappings and lists of its own.
func copied(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, value := range v {
			out[key] = copied(value)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = copied(item)
		}
		return out
	}
	return v
}

func field(v any, name string) any {
	content, _ := v.(map[string]any)
	return content[name]
}

// mappings are the mappings in a list.
func mappings(list any) []map[string]any {
	items, _ := list.([]any)
	var out []map[string]any
	for _, item := range items {
		if content, ok := item.(map[string]any); ok {
			out = append(out, content)
		}
	}
	return out
}
