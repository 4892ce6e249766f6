package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/kube-openapi/pkg/validation/strfmt"
	"k8s.io/kube-openapi/pkg/validation/validate"
)

// lintOf lints and returns the JSON.
func lintOf(t *testing.T, stdin string, args ...string) any {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := Main(append([]string{"lint", "--format", "json"}, args...), strings.NewReader(stdin), &stdout, &stderr)
	var v any
	if err := json.Unmarshal(stdout.Bytes(), &v); err != nil || code > ExitFindings {
		t.Fatalf("exit code %d, %v\n%s", code, err, stderr.String())
	}
	return v
}

// TestLintKeepsToItsSchema holds real runs to docs/lint.schema.json.
func TestLintKeepsToItsSchema(t *testing.T) {
	schema := schemaOf(t, "lint.schema.json")
	validator := validate.NewSchemaValidator(schema, nil, "", strfmt.Default)
	sample := filepath.Join("..", "..", "fixtures", "sample")
	seen := map[string]bool{}
	for name, v := range map[string]any{
		"samples":    lintOf(t, "", "--portable-to", "both", sample),
		"kubernetes": lintOf(t, "", "--portable-to", "kubernetes", sample),
		"a template": lintOf(t, "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: '{{ .Name }}'}\n", "-"),
		"moot": lintOf(t, `{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a},
			spec: {podSelector: {}, ingress: [{ports: [{port: 80}]}, {}]}}`, "-"),
		"a typing mistake": lintOf(t, "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: a}\nspec: {endpointSelector: {}, egress: [{toEnities: [all]}]}\n", "-"),
	} {
		for _, err := range validator.Validate(v).Errors {
			t.Errorf("%s: %v", name, err)
		}
		keys(v, "", seen)
		v.(map[string]any)["surprise"] = 1
		if validator.Validate(v).IsValid() {
			t.Errorf("%s: a key that is not in the schema is valid", name)
		}
	}
	for _, path := range []string{"findings[].hint", "findings[].related[].position.line", "findings[].fix.edits[].endColumn",
		"findings[].fix.reason", "objects[].leaves[].codes[]",
		"objects[].leaves[].facts[]", "portability[].byNamespace", "releases[]"} {
		if !seen[path] {
			t.Errorf("no run has %s, so it is not tested", path)
		}
	}
	page := string(docsFile(t, "lint.md"))
	for key := range schema.Properties {
		if !strings.Contains(page, "`"+key+"`") {
			t.Errorf("lint.md does not name %q", key)
		}
	}
}
