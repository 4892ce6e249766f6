package main

import (
	"io"
	"os"
	"time"

	"github.com/fatih/color"
	"github.com/schollz/progressbar/v3"
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

// progress shows on a terminal what a long run is doing.
type progress struct {
	bar *progressbar.ProgressBar
	w   io.Writer
}

func newProgress(w io.Writer) *progress {
	if !isTerminal(w) {
		return &progress{}
	}
	return &progress{w: w, bar: progressbar.NewOptions(-1, progressbar.OptionSetWriter(w), progressbar.OptionClearOnFinish(),
		progressbar.OptionSpinnerType(14), progressbar.OptionSetElapsedTime(true))}
}

func (p *progress) stage(name string) {
	if p.bar != nil {
		p.bar.Describe(name)
	}
}

// bytes shows how much of the input is read. A total of -1 is not known.
func (p *progress) bytes(name string, total int64) {
	if p.bar == nil {
		return
	}
	_ = p.bar.Finish()
	p.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(p.w), progressbar.OptionClearOnFinish(), progressbar.OptionShowBytes(true),
		progressbar.OptionSetDescription(name), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetElapsedTime(true))
}

// at moves the bar.
func (p *progress) at(n int64) {
	if p.bar != nil {
		_ = p.bar.Set64(n)
	}
}

// done removes what the progress shows; it may be called twice.
func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Finish()
		p.bar = nil
	}
}
