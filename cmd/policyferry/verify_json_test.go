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

// answerOf runs verify or eval with JSON.
func answerOf(t *testing.T, args ...string) []byte {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := Main(append(args, "--format", "json"), strings.NewReader(""), &stdout, &stderr); code == ExitUsage || code == ExitFault {
		t.Fatalf("exit code %d\n%s", code, stderr.String())
	}
	return stdout.Bytes()
}

const brokenAndHTTP = `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: broken, namespace: shop}
spec: {endpointSelector: {}, ingress: []}
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: http, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: db}}
  ingress:
  - toPorts: [{ports: [{port: "5432", protocol: TCP}], rules: {http: [{method: GET}]}}]
  - icmps: [{fields: [{type: 8, family: IPv4}]}]
`

// TestAnswersKeepToTheirSchemas holds real answers to docs/verify.schema.json and docs/eval.schema.json.
func TestAnswersKeepToTheirSchemas(t *testing.T) {
	cast, sample := filepath.Join("..", "..", "fixtures", "cast"), filepath.Join("..", "..", "fixtures", "sample")
	calico, after := filepath.Join(sample, "calico.yaml"), filepath.Join(sample, "after.yaml")
	odd := filepath.Join(t.TempDir(), "odd.yaml")
	if err := os.WriteFile(odd, []byte(brokenAndHTTP), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		required string // a key without which there is no answer
		answers  [][]byte
		seen     []string
	}{
		"verify.schema.json": {"compared", [][]byte{
			answerOf(t, "verify", "--cluster", cast, calico, after),
			answerOf(t, "verify", calico, calico),
			answerOf(t, "verify", "--max", "1", "--cluster", cast, calico, odd),
			answerOf(t, "verify", "--max", "0", "--cluster", cast, odd, calico),
		}, []string{"left.notEnforced[].reason", "differences[].left.ingressWhen.anyOf[]", "differences[].example", "differences[].witness.icmpType", "differences[].witness.sourcePort",
			"differences[].right.by[].path", "differences[].right.by[].where", "notCompared[]"}},
		"eval.schema.json": {"judged", [][]byte{
			answerOf(t, "eval", "--cluster", cast, calico, "shop/web shop/db tcp/5432"),
			answerOf(t, "eval", "--cluster", cast, calico, "203.0.113.7 shop/db icmp/8"),
			answerOf(t, "eval", "--cluster", cast, odd, "shop/web shop/db tcp/5432"),
			answerOf(t, "eval", "--cluster", cast, odd, "shop/web shop/db 47"),
		}, []string{"connection.icmpCode", "judged.why", "judged.by[].policy"}},
	} {
		validator := validate.NewSchemaValidator(schemaOf(t, name), nil, "", strfmt.Default)
		seen := map[string]bool{}
		for _, text := range c.answers {
			var v map[string]any
			if err := json.Unmarshal(text, &v); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for _, err := range validator.Validate(v).Errors {
				t.Errorf("%s: %v\n%s", name, err, text)
			}
			keys(v, "", seen)
			v["surprise"] = 1
			if validator.Validate(v).IsValid() {
				t.Errorf("%s: a key that is not in the schema is valid", name)
			}
			delete(v, "surprise")
			delete(v, c.required)
			if validator.Validate(v).IsValid() {
				t.Errorf("%s: an answer without %s is valid", name, c.required)
			}
		}
		for _, path := range c.seen {
			if !seen[path] {
				t.Errorf("%s: no answer has %s, so it is not tested", name, path)
			}
		}
	}
}

// TestVerifyPage holds docs/verify.md to the schemas: it names every key, and its example is an answer.
func TestVerifyPage(t *testing.T) {
	page := string(docsFile(t, "verify.md"))
	var named func(s *spec.Schema)
	named = func(s *spec.Schema) {
		for key, sub := range s.Properties {
			if !strings.Contains(page, "`"+key+"`") {
				t.Errorf("verify.md does not name %q", key)
			}
			named(&sub)
		}
		if s.Items != nil {
			named(s.Items.Schema)
		}
	}
	schema := schemaOf(t, "verify.schema.json")
	named(schema)
	named(schemaOf(t, "eval.schema.json"))
	_, example, _ := strings.Cut(page, "```json\n")
	example, _, found := strings.Cut(example, "```")
	var v any
	if err := json.Unmarshal([]byte(example), &v); err != nil || !found {
		t.Fatalf("the example of verify.md: %v", err)
	}
	for _, err := range validate.NewSchemaValidator(schema, nil, "", strfmt.Default).Validate(v).Errors {
		t.Errorf("the example of verify.md: %v", err)
	}
}
