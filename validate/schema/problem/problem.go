// Package problem says why an object would not be enforced as it stands, and which of its fields is the reason.
package problem

import (
	"fmt"
	"slices"
	"strings"
)

// Cause tells who is in the way of an object: the schema of its kind, or the CNI behind the API server.
type Cause string

// The causes, in the order in which an object meets them.
const (
	// UnknownField: the kind has no such field. An API server drops it, or refuses the object when asked to be strict.
	UnknownField Cause = "unknown-field"
	// WrongValue: the API server refuses the object.
	WrongValue Cause = "wrong-value"
	// NotEnforced: the API server takes the object and the CNI passes it over as a whole.
	NotEnforced Cause = "not-enforced"
	// PartIgnored: the CNI enforces the object as if the field said less than it does.
	PartIgnored Cause = "part-ignored"
)

// Problem is one reason why an object would not be enforced as it stands.
type Problem struct {
	// Path is the field, such as spec.ingress[0].source.nets[1]; empty means the object as a whole.
	Path string `json:"path"`
	// Message says what is wrong with it, in lower case and without a final period.
	Message string `json:"message"`
	// Cause tells who is in the way.
	Cause Cause `json:"cause"`
	// Hint is the way out where one is known, or empty.
	Hint string `json:"hint,omitempty"`
}

// String is the path and the message.
func (p Problem) String() string {
	if p.Path == "" {
		return p.Message
	}
	return p.Path + ": " + p.Message
}

// List collects problems. The zero value is ready for use.
type List []Problem

// Unknown adds a field that the kind does not have.
func (l *List) Unknown(at *Path, format string, args ...any) { l.add(UnknownField, at, format, args) }

// Wrong adds a value that the API server refuses.
func (l *List) Wrong(at *Path, format string, args ...any) { l.add(WrongValue, at, format, args) }

// Unenforced adds a value for which the CNI passes over an object that the API server takes.
func (l *List) Unenforced(at *Path, format string, args ...any) { l.add(NotEnforced, at, format, args) }

// Ignored adds a value that the CNI overlooks in an object that it enforces.
func (l *List) Ignored(at *Path, format string, args ...any) { l.add(PartIgnored, at, format, args) }

func (l *List) add(cause Cause, at *Path, format string, args []any) {
	*l = append(*l, Problem{Path: at.String(), Message: fmt.Sprintf(format, args...), Cause: cause})
}

// Sorted orders problems by path, cause and message and leaves each in once, so that a report does not depend on the
// order in which a validator ran through a map.
func Sorted(l List) List {
	slices.SortFunc(l, compare)
	return slices.Compact(l)
}

func compare(a, b Problem) int {
	if c := strings.Compare(a.Path, b.Path); c != 0 {
		return c
	}
	if c := strings.Compare(string(a.Cause), string(b.Cause)); c != 0 {
		return c
	}
	return strings.Compare(a.Message, b.Message)
}
