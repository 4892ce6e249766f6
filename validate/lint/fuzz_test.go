package lint

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// FuzzRun lints anything that can be read: every finding has words and a place in the text, none is a fault of ours,
// and the order of the documents changes nothing.
func FuzzRun(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		f.Fatal("no testdata", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	opt := Options{PortableTo: []Target{ToCalico, ToCilium, ToKubernetes}}
	f.Fuzz(func(t *testing.T, text []byte) {
		docs, _ := source.ReadBytes("fuzz.yaml", text, source.Options{MaxNodes: 5000, MaxFileBytes: 1 << 16})
		told := func() []string {
			r, err := Run(docs, opt)
			if err != nil {
				return nil // a version in the facts that nobody knows
			}
			var out []string
			for _, x := range r.Findings {
				if x.Message == "" || x.Pos.Line == 0 || x.Code.ID >= "PF9" {
					t.Errorf("%s", x.String())
				}
				if x.Severity < diag.Note || x.Severity > diag.Error || x.Topic == "" {
					t.Errorf("%s: severity %d, topic %q", x.String(), x.Severity, x.Topic)
				}
				out = append(out, x.String()+x.Hint)
			}
			return out
		}
		one := told()
		slices.Reverse(docs)
		if two := told(); !slices.Equal(one, two) {
			t.Errorf("one order says %q, the other %q", one, two)
		}
	})
}
