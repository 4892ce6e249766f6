package lint

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/policyferry/policyferry/translate/source"
)

// TestLineEndings: what a text says, and where, does not depend on whether its lines end as in Windows.
func TestLineEndings(t *testing.T) {
	texts := map[string]string{
		"a suppression":     strings.Replace(suppressible, "ports: [{port: 80}]", "ports: [{port: 80}] # policyferry:ignore PF6003 meant", 1),
		"a bad one":         strings.Replace(suppressible, "ports: [{port: 80}]", "ports: [{port: 80}] # policyferry:ignore PF6003", 1),
		"no YAML":           "apiVersion: [\n---\n" + suppressible,
		"a tab":             suppressible + "\t- x\n",
		"a template":        "apiVersion: v1\nkind: X\nmetadata: {name: '{{ .Name }}'}\n---\n" + suppressible,
		"a block scalar":    "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: a}\nspec:\n  description: |\n    one\n    two\n  endpointSelector: {}\n  ingres: []\n",
		"a quoted scalar":   "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: a}\nspec:\n  description: \"one\n    two\"\n  endpointSelector: {}\n  ingres: []\n",
		"JSON":              "{\"apiVersion\": \"cilium.io/v2\",\n\"kind\": \"CiliumNetworkPolicy\",\n\"metadata\": {\"name\": \"a\"},\n\"spec\": {\"endpointSelector\": {},\n\"ingres\": []}}\n",
		"a byte order mark": "\uFEFF" + suppressible,
	}
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts[file] = string(text)
	}
	stories, err := filepath.Glob("../../fixtures/*/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range stories {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			if strings.HasPrefix(f.Name, "source/") {
				texts[file+" "+f.Name] = string(f.Data)
			}
		}
	}
	found := 0
	for name, text := range texts {
		unix, windows := lintLines(t, text), lintLines(t, strings.ReplaceAll(text, "\n", "\r\n"))
		found += len(unix)
		if !slices.Equal(unix, windows) {
			t.Errorf("%s: with LF\n%s\nwith CRLF\n%s", name, strings.Join(unix, "\n"), strings.Join(windows, "\n"))
		}
	}
	if len(texts) < 100 || found < 500 {
		t.Errorf("%d texts with %d findings are too few to mean something", len(texts), found)
	}
}

// lintLines is all that lint says of a text.
func lintLines(t *testing.T, text string) []string {
	t.Helper()
	set, problems := source.ReadInputs([]source.Input{{Name: "p.yaml", Data: []byte(text)}}, source.Options{})
	r, err := Run(set.Documents, Options{Reading: problems, Remarks: set.Remarks, PortableTo: []Target{ToCalico, ToCilium}})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range r.Findings {
		out = append(out, fmt.Sprintf("%s %s %s %q %v", f.String(), f.Object, f.Path, f.Hint, f.Related))
	}
	for _, f := range r.Suppressed {
		out = append(out, fmt.Sprintf("suppressed %s %q", f.String(), f.Reason))
	}
	for _, o := range r.Objects {
		out = append(out, fmt.Sprintf("%s %s %v", o.Pos, o.Object, o.Leaves))
	}
	return out
}
