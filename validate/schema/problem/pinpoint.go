package problem

import (
	"maps"
	"slices"
)

// Pinpoint asks a validator that says what is wrong, but not where, about ever smaller parts of a value, and reports
// the smallest ones that are refused. refuse says why a part is, or nothing.
//
// The elements of a list stand for themselves: each of them is asked about alone. The fields of an object may need
// each other, so one of them is to blame only if it is refused for the same reason as the object, or if apart says of
// that reason that it is several in one.
func Pinpoint(value any, at *Path, refuse func(any) string, apart func(message string) bool, report func(at *Path, message string)) {
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
				Pinpoint(element, at.Item(i), alone, apart, report)
			}
		}
	case map[string]any:
		several := apart(message)
		for _, key := range slices.Sorted(maps.Keys(v)) {
			alone := func(part any) string { return refuse(map[string]any{key: part}) }
			if why := alone(v[key]); why == message || several && why != "" {
				found = true
				Pinpoint(v[key], at.Field(key), alone, apart, report)
				if !several {
					break
				}
			}
		}
	}
	if !found {
		report(at, message)
	}
}
