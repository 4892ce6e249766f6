package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/kube-openapi/pkg/validation/spec"
	"k8s.io/kube-openapi/pkg/validation/strfmt"
	"k8s.io/kube-openapi/pkg/validation/validate"
)

// rehearsals are results of the sample estates, and of what is ready.
func rehearsals(t *testing.T) map[string][]byte {
	t.Helper()
	fixtures := filepath.Join("..", "..", "fixtures")
	out := map[string][]byte{}
	for name, args := range map[string][]string{
		"ready":    {"--to", "cilium", "--cluster", filepath.Join(fixtures, "cast"), filepath.Join(fixtures, "sample", "calico.yaml")},
		"accepted": {"--to", "calico", "--accept", "PF2002:until=2027-01-01:agreed", "--cluster", filepath.Join(fixtures, "cast"), filepath.Join(fixtures, "sample", "cilium.yaml")},
		"no pods":  {"--to", "cilium", filepath.Join(fixtures, "sample", "calico.yaml")},
		"calico":   {"--to", "cilium", filepath.Join(fixtures, "estates", "calico-platform")},
		"cilium":   {"--to", "calico", filepath.Join(fixtures, "estates", "cilium-gitops")},
	} {
		out[name] = rehearsalOf(t, args...)
	}
	return out
}

func rehearsalOf(t *testing.T, args ...string) []byte {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := Main(append([]string{"rehearse", "--json", "-", "--now", "2026-12-01T00:00:00Z"}, args...), strings.NewReader(""), &stdout, &stderr)
	if code > ExitFindings {
		t.Fatalf("exit code %d\n%s", code, stderr.String())
	}
	return stdout.Bytes()
}

// TestRehearsalsKeepToTheirSchema holds real runs to docs/rehearse.schema.json.
func TestRehearsalsKeepToTheirSchema(t *testing.T) {
	validator := validate.NewSchemaValidator(schemaOf(t, "rehearse.schema.json"), nil, "", strfmt.Default)
	verdicts := map[string]bool{}
	for name, text := range rehearsals(t) {
		var result map[string]any
		if err := json.Unmarshal(text, &result); err != nil {
			t.Fatal(err)
		}
		if r := validator.Validate(result); !r.IsValid() {
			t.Errorf("%s: %v", name, r.AsError())
		}
		verdicts[result["verdict"].(string)] = true
		result["estates"].([]any)[0].(map[string]any)["added"] = true
		if validator.Validate(result).IsValid() {
			t.Errorf("%s: a key that is not in the schema is valid", name)
		}
	}
	if len(verdicts) != 3 {
		t.Errorf("only the verdicts %v are there", verdicts)
	}
	page, schema := string(docsFile(t, "rehearse.md")), schemaOf(t, "rehearse.schema.json")
	for _, properties := range []map[string]spec.Schema{schema.Properties, schema.Properties["estates"].Items.Schema.Properties} {
		for key := range properties {
			if !slices.Contains([]string{"name", "path", "syntheticCluster", "omitted", "estates"}, key) && !strings.Contains(page, "`"+key+"`") {
				t.Errorf("rehearse.md does not name %q", key)
			}
		}
	}
}

// TestRehearsalsAreDeterministic: the same snapshot at the same time gives the same bytes.
func TestRehearsalsAreDeterministic(t *testing.T) {
	fixtures := filepath.Join("..", "..", "fixtures")
	args := []string{"--to", "calico", "--cluster", filepath.Join(fixtures, "cast"), filepath.Join(fixtures, "sample", "cilium.yaml")}
	if first := rehearsalOf(t, args...); !bytes.Equal(first, rehearsalOf(t, args...)) {
		t.Error("two runs differ")
	}
}
