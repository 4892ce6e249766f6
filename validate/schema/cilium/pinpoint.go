package cilium

import (
	"maps"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/validate/schema/problem"
)

// pinpoint reports the smallest parts of a value that are refused. refuse says why a value is, or nothing.
//
// The elements of a list stand for themselves, and so do the parts of a label selector that is wrong in several places:
// each of them is asked about alone. The fields of an object may need each other, so one of them is to blame only if
// it is refused for the same reason as the object.
func pinpoint(value any, at *problem.Path, refuse func(any) string, report func(at *problem.Path, message string)) {
	message := refuse(value)
	if message == "" {
		return
	}
	found := false
	switch v := value.(type) {
	case []any:
		for i, element := range v {
			alone := func(part any) string { return refuse([]any{part}) }
			if alone(element) != "" {
				found = true
				pinpoint(element, at.Item(i), alone, report)
			}
		}
	case map[string]any:
		apart := strings.HasPrefix(message, "invalid label selector: [")
		for _, key := range slices.Sorted(maps.Keys(v)) {
			alone := func(part any) string { return refuse(map[string]any{key: part}) }
			if why := alone(v[key]); why == message || apart && why != "" {
				found = true
				pinpoint(v[key], at.Field(key), alone, report)
				if !apart {
					break
				}
			}
		}
	}
	if !found {
		report(at, message)
	}
}
