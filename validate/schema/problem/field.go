package problem

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/util/validation/field"
)

// FromErrors reads the errors of the API server's code about an object. explain says a message better where it can; it
// may be nil.
func FromErrors(object any, errs field.ErrorList, explain func(at *Path, message string) string) List {
	var out List
	for _, err := range errs {
		path, message := place(err)
		at := Resolve(object, path)
		if explain != nil {
			message = explain(at, message)
		}
		out = append(out, Problem{Path: at.String(), Message: lowerFirst(message), Cause: WrongValue})
	}
	return out
}

// place parts an error into the field and what is wrong with it. The schema validator repeats the field in the text
// (spec.egress in body must be of type array), and names it nowhere else when a combination of schemas fails.
func place(err *field.Error) (path, message string) {
	path = strings.TrimPrefix(err.Field, "<nil>")
	if _, said, found := strings.Cut(err.Detail, " in body "); found {
		return path, withValue(err.BadValue, said)
	}
	if path == "" && strings.HasPrefix(err.Detail, `"`) {
		if quoted, said, found := strings.Cut(err.Detail[1:], `" `); found {
			return quoted, said
		}
	}
	return path, err.ErrorBody()
}

// withValue puts the value before what is said about it, unless that names it already.
func withValue(value any, said string) string {
	switch v := value.(type) {
	case string:
		if v != "" && !strings.Contains(said, v) {
			return fmt.Sprintf("%q %s", v, said)
		}
	case int64, float64, bool:
		return fmt.Sprintf("%v %s", v, said)
	}
	return said
}

func lowerFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(first)) + s[size:]
}
