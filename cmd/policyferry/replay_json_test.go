package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"k8s.io/kube-openapi/pkg/validation/strfmt"
	"k8s.io/kube-openapi/pkg/validation/validate"

	"github.com/policyferry/policyferry/validate/replay"
	"github.com/policyferry/policyferry/validate/replay/flow"
)

// TestReplayKeepsToItsSchema holds real answers to docs/replay.schema.json.
func TestReplayKeepsToItsSchema(t *testing.T) {
	root := filepath.Join("..", "..", "fixtures")
	cast, flows := filepath.Join(root, "cast"), filepath.Join(root, "replay", "hubble.json")
	calico, cilium := filepath.Join(root, "sample", "calico.yaml"), filepath.Join(root, "sample", "after.yaml")
	odd, table := filepath.Join(t.TempDir(), "odd.yaml"), filepath.Join(t.TempDir(), "flows.csv")
	for path, content := range map[string]string{
		odd:   brokenAndHTTP,
		table: "source,destination,protocol,port,verdict\nshop/cart,shop/db,icmp,,allow\nshop/web,shop/db,tcp,5432,allow\n",
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	validator := validate.NewSchemaValidator(schemaOf(t, "replay.schema.json"), nil, "", strfmt.Default)
	seen := map[string]bool{}
	for _, text := range [][]byte{
		answerOf(t, "replay", "--cluster", cast, "--before", cilium, "--after", calico, flows),
		answerOf(t, "replay", "--cluster", cast, "--before", cilium, "--max", "1", flows),
		answerOf(t, "replay", "--cluster", cast, "--before", cilium, "--after", odd, table),
	} {
		var v map[string]any
		if err := json.Unmarshal(text, &v); err != nil {
			t.Fatal(err)
		}
		for _, err := range validator.Validate(v).Errors {
			t.Errorf("%v\n%s", err, text)
		}
		keys(v, "", seen)
		v["surprise"] = 1
		if validator.Validate(v).IsValid() {
			t.Error("a key that is not in the schema is valid")
		}
		delete(v, "surprise")
		delete(v, "records")
		if validator.Validate(v).IsValid() {
			t.Error("an answer without records is valid")
		}
	}
	for _, path := range []string{"after.notEnforced[].reason", "before.unused[].where", "connections[].before.by[].path", "connections[].why",
		"connections[].witness.icmpType", "connections[].first", "connections[].from.namespace", "corrupt[].text", "coverage.first"} {
		if !seen[path] {
			t.Errorf("no answer has %s, so it is not tested", path)
		}
	}
}

// TestReplaySharesDefinitions holds what replay and verify both write to one definition.
func TestReplaySharesDefinitions(t *testing.T) {
	read := func(name string) map[string]any {
		var schema struct {
			Definitions map[string]any `json:"definitions"`
		}
		if err := json.Unmarshal(docsFile(t, name), &schema); err != nil {
			t.Fatal(err)
		}
		return schema.Definitions
	}
	ours, theirs := read("replay.schema.json"), read("verify.schema.json")
	for _, name := range []string{"action", "witness", "condition", "judged"} {
		if diff := cmp.Diff(theirs[name], ours[name]); diff != "" {
			t.Errorf("the definition of %s in verify.schema.json and in replay.schema.json:\n%s", name, diff)
		}
	}
}

// TestReplayBuckets: docs/replay.md says what each key means under which connections and records are counted.
func TestReplayBuckets(t *testing.T) {
	page := string(docsFile(t, "replay.md"))
	var keys []string
	for _, k := range replay.Kinds() {
		keys = append(keys, string(k))
	}
	for _, k := range flow.Kinds() {
		keys = append(keys, k.String())
	}
	for _, key := range keys {
		if !strings.Contains(page, "| `"+key+"` | ") {
			t.Errorf("replay.md has no row for %q", key)
		}
	}
}

// TestReplayPage holds docs/replay.md to the schema: it names every key.
func TestReplayPage(t *testing.T) {
	page := string(docsFile(t, "replay.md")) + string(docsFile(t, "verify.md"))
	var named func(s *spec.Schema)
	named = func(s *spec.Schema) {
		for key, sub := range s.Properties {
			if !strings.Contains(page, "`"+key+"`") {
				t.Errorf("replay.md does not name %q", key)
			}
			named(&sub)
		}
		if s.Items != nil {
			named(s.Items.Schema)
		}
	}
	named(schemaOf(t, "replay.schema.json"))
}
