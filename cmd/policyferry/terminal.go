package main

import (
	"io"
	"os"

	"github.com/fatih/color"
	"golang.org/x/term"

	"github.com/policyferry/policyferry/translate/diag"
)

// isTerminal reports whether the writer is a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// paint colours text for one writer; on anything but a terminal it leaves text alone. NO_COLOR is honoured.
type paint struct{ on bool }

func painter(w io.Writer) paint {
	if !isTerminal(w) || os.Getenv("NO_COLOR") != "" {
		return paint{}
	}
	return paint{ansi(w.(*os.File))}
}

func (p paint) with(s string, attributes ...color.Attribute) string {
	if !p.on {
		return s
	}
	c := color.New(attributes...)
	c.EnableColor()
	return c.Sprint(s)
}

func (p paint) bold(s string) string { return p.with(s, color.Bold) }

func (p paint) severity(s diag.Severity) string {
	switch s {
	case diag.Error:
		return p.with(s.String(), color.FgRed, color.Bold)
	case diag.Warning:
		return p.with(s.String(), color.FgYellow)
	}
	return p.with(s.String(), color.FgCyan)
}
