package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/fields"
)

// mapping is what docs/mapping.md says.
type mapping struct {
	text string
	// fields are the paths that its tables name, by kind.
	fields map[string][]string
}

var (
	// tableOf is the line before a table of fields: where they stand, and in which kinds.
	tableOf   = regexp.MustCompile("^Fields at `([^`]+)` of ([^:]+):$")
	codeSpan  = regexp.MustCompile("`([^`]+)`")
	anyCode   = regexp.MustCompile(`PF[0-9]{4}`)
	storyLink = regexp.MustCompile(`\]\((\.\./fixtures/[^)]*)\)`)
	brace     = regexp.MustCompile(`\{([^{}]*)\}`)
)

func readMapping(t *testing.T) *mapping {
	t.Helper()
	text, err := os.ReadFile("mapping.md")
	if err != nil {
		t.Fatal(err)
	}
	m := &mapping{text: string(text), fields: map[string][]string{}}
	var prefix string
	var kinds []string
	for line := range strings.Lines(m.text) {
		line = strings.TrimSuffix(line, "\n")
		if match := tableOf.FindStringSubmatch(line); match != nil {
			prefix, kinds = match[1], strings.Split(match[2], ", ")
			continue
		}
		if !strings.HasPrefix(line, "|") && line != "" {
			kinds = nil // the table is over
		}
		first, _, _ := strings.Cut(strings.TrimPrefix(line, "|"), "|")
		for _, span := range codeSpan.FindAllStringSubmatch(first, -1) {
			for _, kind := range kinds {
				m.fields[kind] = append(m.fields[kind], expanded(prefix+"."+span[1])...)
			}
		}
	}
	return m
}

// expanded replaces braces by each of their alternatives, as a shell does.
func expanded(s string) []string {
	at := brace.FindStringSubmatchIndex(s)
	if at == nil {
		return []string{s}
	}
	var out []string
	for _, alternative := range strings.Split(s[at[2]:at[3]], ",") {
		out = append(out, expanded(s[:at[0]]+alternative+s[at[1]:])...)
	}
	return out
}

// TestMappingNamesEveryField holds the tables to the Go types of the kinds, in both ways.
func TestMappingNamesEveryField(t *testing.T) {
	m := readMapping(t)
	for _, kind := range fields.Kinds() {
		named := m.fields[kind.String()]
		delete(m.fields, kind.String())
		var has []string
		for _, f := range kind.Fields {
			has = append(has, f.Path)
			if !slices.Contains(named, f.Path) {
				t.Errorf("mapping.md does not name %s of %s", f.Path, kind)
			}
		}
		for _, path := range named {
			if !slices.Contains(has, path) {
				t.Errorf("mapping.md names %s of %s, which does not exist", path, kind)
			}
		}
	}
	for kind := range m.fields {
		t.Errorf("mapping.md has a table of %s, which is no kind", kind)
	}
}

// TestMappingNamesEveryLoss asks for each code of what a target cannot say.
func TestMappingNamesEveryLoss(t *testing.T) {
	m := readMapping(t)
	for _, c := range diag.Codes() {
		if strings.HasPrefix(c.ID, "PF2") && !strings.Contains(m.text, c.ID) {
			t.Errorf("mapping.md does not say when %s (%s) is reported", c.ID, c.Name)
		}
	}
}

// TestMappingRefersToWhatExists looks up every code and every story.
func TestMappingRefersToWhatExists(t *testing.T) {
	m := readMapping(t)
	for _, id := range anyCode.FindAllString(m.text, -1) {
		if _, ok := diag.Lookup(id); !ok {
			t.Errorf("mapping.md names %s, which is no code", id)
		}
	}
	stories := storyLink.FindAllStringSubmatch(m.text, -1)
	for _, s := range stories {
		if _, err := os.Stat(filepath.FromSlash(s[1])); err != nil {
			t.Errorf("mapping.md refers to %s, which does not exist", s[1])
		}
	}
	if len(stories) < 50 {
		t.Errorf("mapping.md refers to %d stories only", len(stories))
	}
}
