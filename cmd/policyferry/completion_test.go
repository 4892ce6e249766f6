package main

import (
	"bytes"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// few is the usage of a flag that takes one of a few words: "format of the answer: text or json".
var few = regexp.MustCompile(`: ((?:[a-z]+(?: \([^)]*\))?, )*[a-z]+(?: \([^)]*\))? or [a-z]+)(?: \(|$)`)

// TestEveryChoiceIsCompleted: where help names the few words that a flag takes, the tab key completes them.
func TestEveryChoiceIsCompleted(t *testing.T) {
	found := 0
	for _, c := range commands(newRoot(nil, io.Discard, io.Discard)) {
		path := strings.Fields(c.CommandPath())[1:]
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			words := few.FindStringSubmatch(f.Usage)
			if words == nil || f.Value.Type() == "bool" {
				return
			}
			found++
			var stdout bytes.Buffer
			if code := Main(append(append([]string{cobra.ShellCompRequestCmd}, path...), "--"+f.Name, ""), nil, &stdout, io.Discard); code != ExitClean {
				t.Errorf("%s --%s: exit code %d", c.CommandPath(), f.Name, code)
			}
			offered := strings.Fields(stdout.String())
			for _, word := range regexp.MustCompile(`\([^)]*\)`).Split(words[1], -1) {
				for _, w := range strings.FieldsFunc(strings.ReplaceAll(word, " or ", ","), func(r rune) bool { return r == ',' || r == ' ' }) {
					if !slices.Contains(offered, w) {
						t.Errorf("%s --%s takes %q, and %q are offered", c.CommandPath(), f.Name, w, offered)
					}
				}
			}
		})
	}
	if found < 12 {
		t.Errorf("%d flags with a few words are too few", found)
	}
}
