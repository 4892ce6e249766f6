package cilium

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/validate/schema/problem"
)

// later is a field of a rule, or a value of one, that a release before does not know. An API server drops such a
// field, which can turn a rule into a wider one. What 1.14 already had is not listed; for what releases before the
// linked one had and it has no more, see Until.
var later = []struct {
	// field is written like a path; * stands for any part of a key.
	field string
	// values are those of the field that came later than the field itself; nil means the field.
	values []string
	// since is the minor number of Cilium 1.
	since int
}{
	{"enableDefaultDeny", nil, 16},
	{"*[].*Nodes", nil, 16},
	{"*[].fromGroups", nil, 16},
	{"*[].toPorts[].ports[].endPort", nil, 16},
	{"*[].toPorts[].listener.priority", nil, 16},
	{"*[].*CIDRSet[].cidrGroupSelector", nil, 17},
	{"log", nil, 18},
	{"*[].toPorts[].ports[].protocol", []string{"VRRP", "IGMP"}, 19},
	{"*[].toPorts[].ports[].protocol", []string{"GRE", "IPIP", "IPV6", "ESP", "AH"}, 20},
	{"*[].*Entities[]", []string{"cluster-mesh"}, 20},
}

// linked is the minor number of the release whose definitions are linked.
const linked = 20

// Since reports what a policy has that releases before the given one, by its minor number, brought.
func Since(object map[string]any, minor int) problem.List {
	var problems problem.List
	if minor >= linked {
		return nil
	}
	rules := map[*problem.Path]any{problem.Root("spec"): object["spec"]}
	specs, _ := object["specs"].([]any)
	for i, spec := range specs {
		rules[problem.Root("specs").Item(i)] = spec
	}
	for at, rule := range rules {
		for _, l := range later {
			if minor >= l.since {
				continue
			}
			match(rule, strings.Split(l.field, "."), at, func(v any, at *problem.Path) {
				if l.values == nil {
					problems.Unknown(at, "Cilium has this field since 1.%d", l.since)
				} else if text, ok := v.(string); ok && slices.Contains(l.values, text) {
					problems.Wrong(at, "Cilium takes %s here since 1.%d", text, l.since)
				}
			})
		}
		servicesWithPorts(&problems, rule, at, minor)
	}
	return problems
}

// match shows every value that a path with wildcards leads to.
func match(v any, fields []string, at *problem.Path, show func(any, *problem.Path)) {
	if len(fields) == 0 {
		show(v, at)
		return
	}
	content, _ := v.(map[string]any)
	pattern, isList := strings.CutSuffix(fields[0], "[]")
	for _, key := range slices.Sorted(maps.Keys(content)) {
		if ok, err := path.Match(pattern, key); err != nil || !ok {
			continue
		}
		if !isList {
			match(content[key], fields[1:], at.Field(key), show)
			continue
		}
		items, _ := content[key].([]any)
		for i, item := range items {
			match(item, fields[1:], at.Field(key).Item(i), show)
		}
	}
}

// servicesWithPorts: before Cilium 1.17 the agent refused a rule with toServices and toPorts.
func servicesWithPorts(problems *problem.List, rule any, at *problem.Path, minor int) {
	if minor >= 17 {
		return
	}
	match(rule, []string{"egress*[]"}, at, func(v any, at *problem.Path) {
		entry, _ := v.(map[string]any)
		if notEmpty(entry["toServices"]) && notEmpty(entry["toPorts"]) {
			problems.Unenforced(at, "before Cilium 1.17 toServices and toPorts cannot stand in one rule")
		}
	})
}
