package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows on a terminal how far a long run is: a bar where it is known how much there is to do, and a spinner
// where it is not. Nothing of it stays, and where nobody looks nothing is written: to files and pipes, to a terminal that
// does not understand how a line is cleared, and in CI, where some runners give a terminal to a log.
type progress struct {
	w   io.Writer
	bar *progressbar.ProgressBar
	// name, n and total are what is shown. A total of -1 is not known.
	name     string
	n, total int64
	// turning says that the bar is a spinner without a count, which can go on under another name.
	turning bool
}

func newProgress(w io.Writer) *progress {
	if !isTerminal(w) || !ansi(w.(*os.File)) || os.Getenv("CI") != "" {
		return &progress{}
	}
	return &progress{w: w}
}

// stage shows what is being done, where nobody knows for how long.
func (p *progress) stage(name string) {
	if p.bar == nil || !p.turning {
		p.begin(name, -1)
		p.turning = p.bar != nil
		return
	}
	p.name = name
	p.bar.Describe(p.fit(name, besideSpinner))
}

// count shows how many of a number of things are done. What is done at once needs no bar.
func (p *progress) count(name string, n, total int) {
	switch {
	case p.w == nil:
	case p.bar != nil && p.name == name && p.total == int64(total) && int64(n) >= p.n:
		p.at(int64(n))
	case n >= total && total >= 0:
		p.stage(name)
	default:
		p.begin(name, int64(total), progressbar.OptionShowCount())
		p.at(int64(n))
	}
}

// bytes begins to show how much of the input is read. A total of -1 is not known.
func (p *progress) bytes(name string, total int64) {
	p.begin(name, total, progressbar.OptionShowCount(), progressbar.OptionShowBytes(true))
	p.at(0)
}

// begin shows something else than before.
func (p *progress) begin(name string, total int64, how ...progressbar.Option) {
	if p.w == nil {
		return
	}
	p.done()
	p.name, p.n, p.total, p.turning = name, 0, total, false
	how = append(how, progressbar.OptionShowTotalBytes(total >= 0))
	p.bar = progressbar.NewOptions64(total, append(how, progressbar.OptionSetWriter(p.w), progressbar.OptionUseANSICodes(true), progressbar.OptionClearOnFinish(),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSpinnerType(14), progressbar.OptionSetElapsedTime(true), progressbar.OptionSetWidth(30))...)
	beside := besideBar
	if total < 0 {
		beside = besideSpinner
	}
	p.bar.Describe(p.fit(name, beside))
}

// What stands beside a name: the turning sign, a count and the time; or all that and the bar, however short.
const (
	besideSpinner = 30
	besideBar     = 42
)

// fit shortens a name so that the line does not go on in the next one, where nothing would clear it.
func (p *progress) fit(name string, beside int) string {
	width := 80
	if f, ok := p.w.(*os.File); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
			width = columns
		}
	}
	room := max(8, width-beside)
	if letters := []rune(name); len(letters) > room {
		return string(letters[:room-1]) + "…"
	}
	return name
}

// at moves the bar.
func (p *progress) at(n int64) {
	if p.bar != nil {
		p.n = n
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
