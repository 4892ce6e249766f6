package report

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	_ "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif" // for its schema
	"github.com/xeipuuv/gojsonschema"

	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/lint"
)

// broken is a text that cannot be read, and an object that nothing enforces.
const broken = policies + `---
kind: [
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: idle, namespace: bank}
spec: {endpointSelector: {}, ingress: []}
`

func sarifOf(t *testing.T, r *Run) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := SARIF(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// officialSchema is the schema of OASIS as go-sarif carries it. That module holds documents of its own types to it;
// ours are to be held as they are written.
func officialSchema(t *testing.T) *gojsonschema.Schema {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3").Output()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), "pkg", "report", "v210", "sarif", "schema.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	literal := file.Scope.Lookup("schema").Decl.(*ast.ValueSpec).Values[0].(*ast.BasicLit)
	text, err := strconv.Unquote(literal.Value)
	if err != nil || !strings.Contains(text, "Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema") {
		t.Fatalf("%v, the schema is\n%s", err, text)
	}
	schema, err := gojsonschema.NewSchema(gojsonschema.NewStringLoader(text))
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// TestSARIFKeepsToTheSchema holds runs to the schema of OASIS, and the schema to refusing what SARIF does not have.
func TestSARIFKeepsToTheSchema(t *testing.T) {
	schema := officialSchema(t)
	for name, r := range map[string]*Run{"nothing": {Result: &lint.Result{}, Version: "test"}, "policies": run(t, policies, lint.ToKubernetes), "broken": run(t, broken), "hostile": hostile()} {
		text := sarifOf(t, r)
		result, err := schema.Validate(gojsonschema.NewBytesLoader(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range result.Errors() {
			t.Errorf("%s: %s", name, e)
		}
		for _, other := range []string{`"results": {}, "x": [`, `"result": [`} {
			wrong := bytes.Replace(text, []byte(`"results": [`), []byte(other), 1)
			if result, err := schema.Validate(gojsonschema.NewBytesLoader(wrong)); err != nil || result.Valid() {
				t.Errorf("%s: %s is valid, %v", name, other, err)
			}
		}
	}
}

// TestSARIF looks at one result and its rule.
func TestSARIF(t *testing.T) {
	var doc sarifLog
	if err := json.Unmarshal(sarifOf(t, run(t, policies)), &doc); err != nil {
		t.Fatal(err)
	}
	r := doc.Runs[0]
	if len(r.Results) != 2 {
		t.Fatalf("%d results", len(r.Results))
	}
	first := r.Results[0]
	at := first.Locations[0]
	if first.RuleID != "PF6003" || first.Level != "warning" || at.PhysicalLocation.Region.StartLine != 8 || at.PhysicalLocation.Region.StartColumn != 7 ||
		at.PhysicalLocation.ArtifactLocation != (sarifArtifact{"policy.yaml", sourceRoot}) || len(first.RelatedLocations) != 1 ||
		at.LogicalLocations[0].FullyQualifiedName != "NetworkPolicy shop/web spec.ingress[0]" || len(first.PartialFingerprints[fingerprintKey]) != 32 {
		t.Errorf("%+v", first)
	}
	// The fix deletes line 8.
	change := first.Fixes[0].ArtifactChanges[0]
	if want := (sarifRegion{StartLine: 8, StartColumn: 1, EndLine: 9, EndColumn: 1}); len(change.Replacements) != 1 ||
		change.Replacements[0] != (sarifReplacement{DeletedRegion: want}) || change.ArtifactLocation != at.PhysicalLocation.ArtifactLocation {
		t.Errorf("%+v", change)
	}
	rule := r.Tool.Driver.Rules[first.RuleIndex]
	if rule.ID != first.RuleID || rule.DefaultConfiguration.Level != "warning" || !strings.HasPrefix(rule.FullDescription.Text, "Rules of NetworkPolicies") ||
		!strings.Contains(rule.Help.Markdown, "## The way out") || strings.Contains(rule.Help.Markdown, "](PF") {
		t.Errorf("%+v", rule)
	}
}

// TestArtifacts: relative below the directory of the run, absolute elsewhere, and always a URI.
func TestArtifacts(t *testing.T) {
	dir := t.TempDir()
	for file, want := range map[string]sarifArtifact{
		"a b/c.yaml":                             {"a%20b/c.yaml", sourceRoot},
		"./x.yaml":                               {"x.yaml", sourceRoot},
		"a:b.yaml":                               {"./a:b.yaml", sourceRoot},
		filepath.Join(dir, "deep", "x.yaml"):     {"deep/x.yaml", sourceRoot},
		filepath.Join(dir+"-other", "100%.yaml"): {"file://" + filepath.ToSlash(dir) + "-other/100%25.yaml", ""},
		source.Stdin:                             {"stdin", sourceRoot},
	} {
		if got := artifact(dir, file); got != want {
			t.Errorf("%s: %+v, want %+v", file, got, want)
		}
	}
}
