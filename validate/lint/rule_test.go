package lint

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/source"
)

// marks are the codes that a line of testdata expects, behind a # at its end. A line without is a promise as well.
var marks = regexp.MustCompile(`# (PF\d{4}(?:, PF\d{4})*)$`)

// TestRules lints every file of testdata, with what is no policy in it as the cluster facts, and wants exactly the
// findings that its lines are marked with.
func TestRules(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no testdata", err)
	}
	fired := map[string]bool{}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]bool{}
			for i, line := range strings.Split(string(text), "\n") {
				if m := marks.FindStringSubmatch(line); m != nil {
					for _, code := range strings.Split(m[1], ", ") {
						want[fmt.Sprintf("%03d %s", i+1, code)] = true
					}
				}
			}
			got := map[string]bool{}
			for _, f := range lintTogether(t, file, string(text)).Findings {
				key := fmt.Sprintf("%03d %s", f.Pos.Line, f.Code.ID)
				got[key], fired[f.Code.ID] = true, true
				if !want[key] {
					t.Errorf("not wanted: %s", f.String())
				}
			}
			for _, key := range slices.Sorted(maps.Keys(want)) {
				if !got[key] {
					t.Errorf("missing: line %s", key)
				}
			}
		})
	}
	for _, r := range all {
		if !fired[r.code.ID] && r.code.ID != "PF6014" { // it needs an old release; its page has one
			t.Errorf("nothing in testdata makes %s fire", r.code.ID)
		}
	}
}

// lintTogether lints a text with all that is no policy in it as the cluster facts.
func lintTogether(t *testing.T, name, text string) *Result {
	t.Helper()
	docs, problems := source.ReadBytes(name, []byte(text), source.Options{})
	var policies, facts []*source.Document
	for _, d := range docs {
		if isPolicy(d.Object) {
			policies = append(policies, d)
		} else {
			facts = append(facts, d)
		}
	}
	r, err := Run(policies, Options{Cluster: facts, Reading: problems})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestFindingsSpeakOfThePolicy holds the words to lint's point of view: nothing is translated, so there is no output.
func TestFindingsSpeakOfThePolicy(t *testing.T) {
	files, err := filepath.Glob("../../fixtures/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no stories", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, policies, _ := strings.Cut(string(text), "-- source")
		_, policies, _ = strings.Cut(policies, "--\n")
		policies, _, _ = strings.Cut(policies, "\n-- ")
		for _, f := range lintText(t, filepath.Base(file), policies, Options{}).Findings {
			if f.Topic != Reading && (strings.Contains(f.Message, "output") || strings.Contains(f.Message+f.Hint, "translat") || strings.Contains(f.Message, "carried")) {
				t.Errorf("%s: %s\n  hint: %s", file, f.String(), f.Hint)
			}
			if f.Message != strings.TrimSuffix(f.Message, ".") || f.Pos.Line == 0 {
				t.Errorf("%s: %s", file, f.String())
			}
		}
	}
}
