package docs_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/policyferry/policyferry/"

// allowed says which packages of ours each package may import: those named, and nothing else. docs/architecture.md
// draws the same table. A judge that imports the translator could repeat its mistakes and call them right.
var allowed = map[string][]string{
	"translate/diag":     {},
	"translate/cidr":     {},
	"translate/selector": {},
	"translate/traffic":  {},
	"translate/parallel": {},
	"translate/emit":     {"translate/parallel"},
	"translate/compat":   {},
	"translate/source":   {"translate/diag", "translate/parallel"},
	"translate/fqdn":     {"translate/diag", "translate/cidr", "translate/compat"},
	"translate/ledger":   {"translate/diag", "translate/source"},
	"translate/cluster":  {"translate/diag", "translate/source", "translate/cidr", "translate/parallel"},
	"translate/model":    {"translate/diag", "translate/source", "translate/cidr", "translate/selector", "translate/traffic"},
	"translate/env":      {"translate/diag", "translate/source", "translate/ledger", "translate/cluster", "translate/compat", "translate/fqdn"},

	"translate/kubernetes": syntax,
	"translate/calico":     syntax,
	"translate/cilium":     syntax,
	"translate/order":      syntax,
	"translate":            append([]string{"translate/kubernetes", "translate/calico", "translate/cilium", "translate/order", "translate/parallel"}, syntax...),

	"validate/verdict/condition": {},
	"validate/verdict":           {"validate/verdict/condition"},
	"validate/verdict/calico":    judge,
	"validate/verdict/cilium":    judge,
	"validate/synthetic":         {"translate/source", "translate/cluster"},
	"validate/replay/flow":       {},
	"validate/replay/hubble":     {"validate/replay/flow"},
	"validate/replay/goldmane":   {"validate/replay/flow"},
	"validate/replay/felix":      {"validate/replay/flow"},
	"validate/replay/csv":        {"validate/replay/flow"},
	"validate/learned":           {"translate/source"},
	"validate/replay": {"translate/source", "translate/cidr", "translate/cluster", "translate/compat", "translate/fqdn", "validate/learned", "validate/equiv", "validate/verdict", "validate/replay/flow",
		"validate/replay/hubble", "validate/replay/goldmane", "validate/replay/felix", "validate/replay/csv"},
	"validate/equiv": append([]string{"translate/parallel", "validate/verdict/calico", "validate/verdict/cilium"}, judge...),
}

// syntax is what the packages between documents and the model may use; they never import each other.
var syntax = []string{"translate/diag", "translate/source", "translate/ledger", "translate/cidr", "translate/selector",
	"translate/traffic", "translate/cluster", "translate/compat", "translate/model", "translate/env", "translate/fqdn", "translate/parallel"}

// judge is what a judge may use: what reads documents and facts, and nothing that translates.
var judge = []string{"translate/diag", "translate/source", "translate/cidr", "translate/cluster", "translate/compat", "validate/verdict", "validate/verdict/condition"}

// mayImport gives the rules for packages that are not listed one by one.
func mayImport(pkg, imported string) bool {
	if list, ok := allowed[pkg]; ok {
		return slices.Contains(list, imported)
	}
	switch {
	case strings.HasPrefix(pkg, "translate/"):
		return false
	case strings.HasPrefix(pkg, "validate/schema"):
		return strings.HasPrefix(imported, "validate/schema") || slices.Contains(judge, imported) || imported == "translate"
	case strings.HasPrefix(pkg, "validate/"), pkg == "fixtures", strings.HasPrefix(pkg, "fixtures/"):
		return !strings.HasPrefix(imported, "cmd/")
	}
	return strings.HasPrefix(pkg, "cmd/") || pkg == "docs"
}

// TestDependenciesPointOneWay reads the imports of every file that is not a test.
func TestDependenciesPointOneWay(t *testing.T) {
	root := ".."
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != root || d.Name() == "engines" || d.Name() == "testdata") {
			return filepath.SkipDir // the engines are modules of their own
		}
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		files++
		pkg, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range f.Imports {
			imported, ours := strings.CutPrefix(strings.Trim(i.Path.Value, `"`), module)
			if ours && !mayImport(filepath.ToSlash(pkg), imported) {
				t.Errorf("%s: %s must not import %s", path, pkg, imported)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Fatalf("only %d files were read", files)
	}
}
