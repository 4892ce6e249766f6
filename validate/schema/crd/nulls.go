package crd

import "github.com/policyferry/policyferry/validate/schema/problem"

// nullEntries finds null under keys that the user has chosen, such as the labels of a selector. A field that is null
// is as good as absent; but a selector loses one of its requirements where an API server takes the null out of a
// custom resource (defaulting.PruneNonNullableNullsWithoutDefaults), and asks for an empty value where it decodes a
// kind of its own. Whoever wrote it meant neither.
func nullEntries(n *node, v any, at *problem.Path) problem.List {
	var problems problem.List
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			at := at.Field(key)
			if property := n.properties[key]; property != nil {
				problems = append(problems, nullEntries(property, value, at)...)
				continue
			}
			if n.additional == nil {
				continue
			}
			if value == nil {
				problems.Wrong(at, `null is no value; write "" if the empty one is meant`)
			}
			problems = append(problems, nullEntries(n.additional, value, at)...)
		}
	case []any:
		for i, item := range v {
			if n.items != nil {
				problems = append(problems, nullEntries(n.items, item, at.Item(i))...)
			}
		}
	}
	return problems
}
