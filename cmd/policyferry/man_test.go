package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// commands are the root and all commands below it that a user sees.
func commands(c *cobra.Command) []*cobra.Command {
	out := []*cobra.Command{c}
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			out = append(out, commands(sub)...)
		}
	}
	return out
}

// TestManPages: every command has a page with all its flags, examples and a usable markup, the same in every run.
func TestManPages(t *testing.T) {
	dir, again := filepath.Join(t.TempDir(), "man1"), t.TempDir()
	for _, d := range []string{dir, again} {
		var stderr bytes.Buffer
		if code := Main([]string{"man", d}, nil, io.Discard, &stderr); code != ExitClean {
			t.Fatalf("exit code %d\n%s", code, stderr.String())
		}
	}
	flags, all := 0, commands(newRoot(nil, io.Discard, io.Discard))
	for _, c := range all {
		page, err := os.ReadFile(filepath.Join(dir, manName(c)))
		if err != nil {
			t.Error(err)
			continue
		}
		if same, err := os.ReadFile(filepath.Join(again, manName(c))); err != nil || !bytes.Equal(page, same) {
			t.Errorf("%s: another run writes another page (%v)", manName(c), err)
		}
		text := string(page)
		for _, section := range []string{".TH", ".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION", ".SH EXAMPLE"} {
			if !strings.Contains(text, "\n"+section) {
				t.Errorf("%s has no %s", manName(c), section)
			}
		}
		if !strings.Contains(text, c.Short) {
			t.Errorf("%s does not say %q", manName(c), c.Short)
		}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			flags++
			if !strings.Contains(text, "--"+f.Name+`\fP`) {
				t.Errorf("%s does not name --%s", manName(c), f.Name)
			}
		})
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != len(all) {
		t.Errorf("%d pages for %d commands (%v)", len(files), len(all), err)
	}
	if len(all) < 10 || flags < 40 {
		t.Errorf("%d commands with %d flags are too few", len(all), flags)
	}
	rendered(t, dir)
}

// overstruck is what a printer strikes before the letter that shall be bold or underlined.
var overstruck = regexp.MustCompile(".\x08")

// rendered reads the pages with the system's own formatter, where there is one, which warns of bad markup.
func rendered(t *testing.T, dir string) {
	t.Helper()
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Log("groff is not installed, so the pages are not rendered")
		return
	}
	pages, err := filepath.Glob(filepath.Join(dir, "*.1"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		var stdout, stderr bytes.Buffer
		cmd := exec.Command(groff, "-man", "-Tascii", "-ww", page)
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		if err := cmd.Run(); err != nil || stderr.Len() > 0 {
			t.Errorf("%s: %v\n%s", filepath.Base(page), err, stderr.String())
		}
		if plain := overstruck.ReplaceAllString(stdout.String(), ""); !strings.Contains(plain, "EXAMPLE") {
			t.Errorf("%s is rendered without its examples:\n%s", filepath.Base(page), plain)
		}
	}
}
