// Package report writes what lint found, for people and for programs. A format is one file and one entry in Formats.
package report

import (
	"io"
	"maps"
	"slices"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/lint"
)

// Run is one run of lint.
type Run struct {
	*lint.Result
	// Version is that of policyferry.
	Version string
	// Texts are the texts of the files by name, in which the edits of fixes stand.
	Texts map[string][]byte
	// Fixed are the findings that were fixed in this run.
	Fixed []lint.Finding
	// Dir is the working directory: files below it are named relative to it where a format asks for that. Empty
	// leaves names as they are.
	Dir string
	// Paint colours the name of a severity; nil leaves it plain. Only text for people uses it.
	Paint func(diag.Severity) string
}

// Format writes a run.
type Format interface {
	Write(w io.Writer, run *Run) error
}

// Func is a Format that is a function.
type Func func(w io.Writer, run *Run) error

// Write calls the function.
func (f Func) Write(w io.Writer, run *Run) error { return f(w, run) }

// Formats are the formats by name.
var Formats = map[string]Format{
	"text":     Func(Text),
	"json":     Func(JSON),
	"sarif":    Func(SARIF),
	"junit":    Func(JUnit),
	"github":   Func(GitHub),
	"markdown": Func(Markdown),
}

// Names are the names of the formats, sorted.
func Names() []string { return slices.Sorted(maps.Keys(Formats)) }
