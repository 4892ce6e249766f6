package mend

import (
	"bufio"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/lint"
)

// corpusEnv names a directory of real policies with an index (index.tsv). It is no part of the project.
const corpusEnv = "POLICYFERRY_CORPUS"

func corpusFiles(t *testing.T) (dir string, files []string) {
	t.Helper()
	dir = os.Getenv(corpusEnv)
	if dir == "" {
		t.Skipf("%s is not set: it names a directory of real policies with their verdicts", corpusEnv)
	}
	f, err := os.Open(filepath.Join(dir, "index.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		if name, _, _ := strings.Cut(lines.Text(), "\t"); filepath.Ext(name) == ".yaml" {
			files = append(files, name)
		}
	}
	if len(files) < 100 {
		t.Fatalf("the index has only %d files", len(files))
	}
	return dir, files
}

// TestCorpus makes the safe fixes of real policies, each alone, and lints what comes out: a fix takes its finding away,
// and nothing gets worse. What is refused is told, since a fix that is called safe ought to be.
func TestCorpus(t *testing.T) {
	dir, files := corpusFiles(t)
	made, refused, unsafe := map[string]int{}, map[string]int{}, map[string]int{}
	changed := 0
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		_, r, run := linted(t, string(text), lint.Options{})
		fixable := false
		for _, f := range r.Findings {
			if f.Fix != nil && f.Fix.Unsafe != "" {
				unsafe[f.Code.ID]++
			}
			fixable = fixable || f.Fix != nil && f.Fix.Unsafe == ""
		}
		if !fixable {
			continue
		}
		out := run(Options{})
		for _, o := range out.Outcomes {
			switch {
			case o.Refused == "":
				made[o.Finding.Code.ID]++
			case !o.Waits():
				refused[o.Finding.Code.ID]++
				t.Logf("%s: %s: %s", file, o.Finding.Code.ID, o.Refused)
			}
		}
		after, fixed := out.Texts["p.yaml"]
		if !fixed {
			continue
		}
		changed++
		_, again, _ := linted(t, string(after), lint.Options{})
		if n, m := errorsOf(r), errorsOf(again); m > n {
			t.Errorf("%s: %d errors before and %d after", file, n, m)
		}
		if len(again.Findings) >= len(r.Findings) && len(out.Outcomes) > 0 {
			t.Errorf("%s: %d findings before and %d after", file, len(r.Findings), len(again.Findings))
		}
	}
	for _, code := range slices.Sorted(maps.Keys(made)) {
		t.Logf("%s: %d made, %d refused", code, made[code], refused[code])
	}
	t.Logf("%d files changed; not made without being asked for: %v", changed, unsafe)
}

func errorsOf(r *lint.Result) int {
	n := 0
	for _, f := range r.Findings {
		if f.Severity == diag.Error {
			n++
		}
	}
	return n
}
