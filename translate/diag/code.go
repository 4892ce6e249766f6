// Package diag is the vocabulary of everything that policyferry reports: positions, codes, findings.
//
// A code is defined once, by one line in codes.go, and documented once, in docs/codes. Its number and name are
// stable: a code is never reused for another meaning.
package diag

import (
	"fmt"
	"slices"
	"strings"
)

// Severity orders findings by how much they need the reader's attention.
type Severity int

// The severities. A Note asks for nothing, a Warning asks to be read, an Error stops something.
const (
	Note Severity = iota
	Warning
	Error
)

// String returns note, warning or error.
func (s Severity) String() string {
	return [...]string{"note", "warning", "error"}[s]
}

// ParseSeverity reads what String writes.
func ParseSeverity(s string) (Severity, error) {
	for _, sev := range []Severity{Note, Warning, Error} {
		if sev.String() == s {
			return sev, nil
		}
	}
	return Note, fmt.Errorf("unknown severity %q: use note, warning or error", s)
}

// Effect is what a finding does to the verdicts of the output, compared to the source.
type Effect string

// The effects.
const (
	// Exact: the output gives the same verdicts; the finding explains how.
	Exact Effect = "exact"
	// Narrows: the output allows less than the source.
	Narrows Effect = "narrows"
	// Opens: the output would allow more than the source. Nothing is written unless the user accepts the code.
	Opens Effect = "opens"
	// Inert: what is reported has no say in any verdict.
	Inert Effect = "inert"
	// Refused: the object is not carried.
	Refused Effect = "refused"
)

// Code is one kind of finding.
type Code struct {
	// ID is PF and four digits: 1xxx reading, 2xxx portability, 3xxx translation, 4xxx verification,
	// 5xxx rehearsal, 6xxx lint, 9xxx our own fault.
	ID string
	// Name is a short stable name in kebab case.
	Name string
	// Severity and Effect are those of every finding with this code, unless the finding overrides the effect.
	Severity Severity
	Effect   Effect
	// Since is the release that introduced the code.
	Since string
	// Title is one sentence that says what is found.
	Title string
}

var registry = map[string]*Code{}

func define(id, name string, severity Severity, effect Effect, since, title string) *Code {
	if registry[id] != nil {
		panic("diag: code defined twice: " + id)
	}
	c := &Code{ID: id, Name: name, Severity: severity, Effect: effect, Since: since, Title: title}
	registry[id] = c
	return c
}

// Codes returns all codes, ordered by ID.
func Codes() []*Code {
	out := make([]*Code, 0, len(registry))
	for _, c := range registry {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b *Code) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// Lookup finds a code by ID, in any case, or by name.
func Lookup(s string) (*Code, bool) {
	if c, ok := registry[strings.ToUpper(s)]; ok {
		return c, true
	}
	for _, c := range registry {
		if c.Name == strings.ToLower(s) {
			return c, true
		}
	}
	return nil, false
}

// At makes a finding of this code.
func (c *Code) At(pos Position, object Object, path, format string, args ...any) Finding {
	return Finding{Code: c, Pos: pos, Object: object, Path: path, Message: fmt.Sprintf(format, args...)}
}
