package docs_test

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/fixtures"
)

// trapRow is a row of a table of traps: the trap, what goes wrong, the effect, the stories.
var trapRow = regexp.MustCompile(`^\| ((?:calico|cilium) [A-Z]?\d+) \| (.+) \| (.+) \| (.*) \|$`)

// trapsOf reads the traps that a story names in its header, such as "calico 17, 18" or "cilium W1; calico 3".
func trapsOf(t *testing.T, s *fixtures.Story) []string {
	t.Helper()
	var out []string
	for list := range strings.SplitSeq(s.Settings["traps"], ";") {
		list = strings.TrimSpace(list)
		if list == "" {
			continue
		}
		cni, numbers, _ := strings.Cut(list, " ")
		for n := range strings.SplitSeq(numbers, ",") {
			trap := cni + " " + strings.TrimPrefix(strings.TrimSpace(n), cni+" ")
			if !trapName.MatchString(trap) {
				t.Errorf("%s: %q is not the name of a trap", s.Path, trap)
				continue
			}
			out = append(out, trap)
		}
	}
	return out
}

var (
	trapName = regexp.MustCompile(`^(calico|cilium) [A-Z]?\d+$`)
	trapLink = regexp.MustCompile(`\]\((\.\./fixtures/[^)]*)\)`)
)

// toldBy maps each trap to the stories that name it.
func toldBy(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	err := fs.WalkDir(fixtures.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".txtar" {
			return err
		}
		data, err := fs.ReadFile(fixtures.Files, name)
		if err != nil {
			return err
		}
		s, err := fixtures.Parse(name, data)
		if err != nil {
			return err
		}
		for _, trap := range trapsOf(t, s) {
			out[trap] = append(out[trap], name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestTraps holds docs/traps.md to the stories: each trap in its tables links at least one story, and only stories that
// name it; and what stories name is there, for every CNI that the page has a table for.
func TestTraps(t *testing.T) {
	text, err := os.ReadFile("traps.md")
	if err != nil {
		t.Fatal(err)
	}
	told := toldBy(t)
	listed := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		row := trapRow.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if row == nil {
			continue
		}
		trap, effect := row[1], row[3]
		if listed[trap] {
			t.Errorf("%s stands twice", trap)
		}
		listed[trap] = true
		if !slices.Contains([]string{"W", "N", "W/N", "–"}, effect) {
			t.Errorf("%s: effect %q is none of W, N, W/N and –", trap, effect)
		}
		links := trapLink.FindAllStringSubmatch(row[4], -1)
		if len(links) == 0 {
			t.Errorf("%s: no story tells it", trap)
		}
		for _, link := range links {
			if story := strings.TrimPrefix(link[1], "../fixtures/"); !slices.Contains(told[trap], story) {
				t.Errorf("%s links %s, which is no story, or one that does not name the trap", trap, story)
			}
		}
	}
	if !listed["calico 1"] || len(listed) < 54 {
		t.Fatalf("only %d traps were found in the tables", len(listed))
	}
	for _, trap := range slices.Sorted(maps.Keys(told)) {
		cni, _, _ := strings.Cut(trap, " ")
		if !listed[trap] && slices.ContainsFunc(slices.Collect(maps.Keys(listed)), func(l string) bool { return strings.HasPrefix(l, cni+" ") }) {
			t.Errorf("%s is named by %v and is not in the tables", trap, told[trap])
		}
	}
}
