package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// panics is an input that fails in a way nobody has thought of.
type panics struct{}

func (panics) Read([]byte) (int, error) { panic("no reader") }

// TestPanicIsReported: a panic is a fault of ours and is reported as one, and nothing is written.
func TestPanicIsReported(t *testing.T) {
	var stdout, stderr bytes.Buffer
	var stdin io.Reader = panics{}
	if code := Main([]string{"translate", "--to", "cilium", "-"}, stdin, &stdout, &stderr); code != ExitFault {
		t.Errorf("exit code %d, want %d", code, ExitFault)
	}
	if !strings.Contains(stderr.String(), "PF9003") || stdout.Len() > 0 {
		t.Errorf("stdout %q, stderr %q", stdout.String(), stderr.String())
	}
}
