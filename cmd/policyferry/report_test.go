package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/kube-openapi/pkg/validation/spec"
	"k8s.io/kube-openapi/pkg/validation/strfmt"
	"k8s.io/kube-openapi/pkg/validation/validate"
)

func docsFile(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func reportSchema(t *testing.T) *spec.Schema { return schemaOf(t, "report.schema.json") }

// schemaOf is a schema in docs with its references written out, which the validator does not follow.
func schemaOf(t *testing.T, name string) *spec.Schema {
	t.Helper()
	var raw map[string]any
	if err := json.Unmarshal(docsFile(t, name), &raw); err != nil {
		t.Fatal(err)
	}
	definitions := raw["definitions"].(map[string]any)
	delete(raw, "definitions")
	delete(raw, "$schema")
	text, err := json.Marshal(resolved(t, raw, definitions))
	if err != nil {
		t.Fatal(err)
	}
	var out spec.Schema
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return &out
}

func resolved(t *testing.T, v any, definitions map[string]any) any {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok {
			definition, known := definitions[strings.TrimPrefix(ref, "#/definitions/")]
			if !known || len(v) != 1 {
				t.Fatalf("%v is no reference to a definition", v)
			}
			return resolved(t, definition, definitions)
		}
		for key := range v {
			v[key] = resolved(t, v[key], definitions)
		}
	case []any:
		for i := range v {
			v[i] = resolved(t, v[i], definitions)
		}
	}
	return v
}

// reportOf translates and returns the report.
func reportOf(t *testing.T, args ...string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.json")
	var stdout, stderr bytes.Buffer
	code := Main(append([]string{"translate", "--report", path}, args...), strings.NewReader(""), &stdout, &stderr)
	text, err := os.ReadFile(path)
	if err != nil || code > ExitFindings {
		t.Fatalf("exit code %d, %v\n%s", code, err, stderr.String())
	}
	return text
}

// reports are reports of the samples and of a story for each way in which something can fail to be carried.
func reports(t *testing.T) map[string][]byte {
	t.Helper()
	sample := filepath.Join("..", "..", "fixtures", "sample")
	cast := filepath.Join("..", "..", "fixtures", "cast")
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	const text = `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: a, namespace: shop}
spec: {selector: app == 'a', tpyes: [Ingress]}
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: b}
spec: {order: 5, selector: app == 'a', types: [Ingress], ingress: [{action: Log}, {action: Allow, source: {nets: [10.0.0.0/8]}}]}
---
apiVersion: projectcalico.org/v3
kind: StagedNetworkPolicy
metadata: {name: c, namespace: shop}
spec: {selector: app == 'a', types: [Ingress]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: d, namespace: shop}
spec: {podSelector: {}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: d, namespace: shop}
spec: {podSelector: {}}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
`
	if err := os.WriteFile(bad, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		"to cilium":          reportOf(t, "--to", "cilium", "--cluster", cast, filepath.Join(sample, "calico.yaml")),
		"to calico":          reportOf(t, "--to", "calico", filepath.Join(sample, "cilium.yaml")),
		"blocked":            reportOf(t, "--to", "cilium", bad),
		"accepted":           reportOf(t, "--to", "cilium", "--accept", "PF1005", bad),
		"of Kubernetes only": reportOf(t, "--to", "calico", "--from", "cilium", bad),
	}
}

// TestReportKeepsToItsSchema holds real reports to docs/report.schema.json.
func TestReportKeepsToItsSchema(t *testing.T) {
	validator := validate.NewSchemaValidator(reportSchema(t), nil, "", strfmt.Default)
	seen := map[string]bool{}
	for name, text := range reports(t) {
		var v any
		if err := json.Unmarshal(text, &v); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, err := range validator.Validate(v).Errors {
			t.Errorf("%s: %v", name, err)
		}
		keys(v, "", seen)
		// The schema has teeth: nothing can be added, and nothing that is required can be left out.
		v.(map[string]any)["surprise"] = 1
		if validator.Validate(v).IsValid() {
			t.Errorf("%s: a key that is not in the schema is valid", name)
		}
		delete(v.(map[string]any), "surprise")
		delete(v.(map[string]any), "summary")
		if validator.Validate(v).IsValid() {
			t.Errorf("%s: a report without summary is valid", name)
		}
	}
	for _, path := range []string{"findings[].hint", "findings[].related[].position.line", "objects[].fields[].why", "objects[].codes[]",
		"reliedOn[].value", "outputs[].from[].kind", "findings[].path"} {
		if !seen[path] {
			t.Errorf("no report has %s, so it is not tested", path)
		}
	}
}

// keys collects the paths of all values.
func keys(v any, path string, into map[string]bool) {
	into[path] = true
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			keys(v[k], strings.TrimPrefix(path+"."+k, "."), into)
		}
	case []any:
		for _, item := range v {
			keys(item, path+"[]", into)
		}
	}
}

// TestReportPage holds docs/report.md to the schema: it names every key, and its example is a report.
func TestReportPage(t *testing.T) {
	schema, page := reportSchema(t), string(docsFile(t, "report.md"))
	var named func(s *spec.Schema)
	named = func(s *spec.Schema) {
		for key, sub := range s.Properties {
			if !strings.Contains(page, "`"+key+"`") {
				t.Errorf("report.md does not name %q", key)
			}
			named(&sub)
		}
		if s.Items != nil {
			named(s.Items.Schema)
		}
	}
	named(schema)
	_, example, _ := strings.Cut(page, "```json\n")
	example, _, found := strings.Cut(example, "```")
	var v any
	if err := json.Unmarshal([]byte(example), &v); err != nil || !found {
		t.Fatalf("the example of report.md: %v", err)
	}
	for _, err := range validate.NewSchemaValidator(schema, nil, "", strfmt.Default).Validate(v).Errors {
		t.Errorf("the example of report.md: %v", err)
	}
}
