package release

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"text/template"

	"go.yaml.in/yaml/v3"
)

// root is the repository.
const root = ".."

// What a release would fill into the templates of .goreleaser.yaml.
var example = map[string]any{
	"Tag": "v0.1.0", "Version": "0.1.0", "FullCommit": "0123456789abcdef0123456789abcdef01234567",
	"CommitDate": "2026-12-01T00:00:00Z", "CommitTimestamp": "1796083200", "Os": "linux", "Arch": "amd64",
}

// filled is a template of .goreleaser.yaml with the values of the example, and the others in their place.
func filled(t *testing.T, text string, others map[string]any) string {
	t.Helper()
	values := map[string]any{}
	for k, v := range example {
		values[k] = v
	}
	for k, v := range others {
		values[k] = v
	}
	parsed, err := template.New("").Option("missingkey=error").Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := parsed.Execute(&out, values); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// program builds policyferry once, with what a release would set, and returns its path.
func program(t *testing.T) string {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "policyferry-release-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "policyferry")
	cmd := exec.Command("go", "build", "-o", path, "./cmd/policyferry")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", &buildError{err, out}
	}
	return path, nil
})

type buildError struct {
	error
	output []byte
}

func (e *buildError) Error() string { return e.error.Error() + "\n" + string(e.output) }

// TestMain removes what built made.
func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := built(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// readYAML reads a file of the repository, and refuses keys that the type has not.
func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	decodeYAML(t, name, readFile(t, name), into)
}

func decodeYAML(t *testing.T, name string, data []byte, into any) {
	t.Helper()
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func decodeJSON(t *testing.T, data []byte) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	return v
}

// Policies for the tests: one that is in order, one with a warning, one that nothing enforces.
const (
	good = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: good, namespace: shop}
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress:
  - ports: [{port: 80, protocol: TCP}]
`
	doubtful = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: doubtful, namespace: shop}
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress:
  - ports: [{port: 80, protocol: TCP}]
  - {}
`
	bad = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: bad, namespace: shop}
spec:
  endpointSelector: {}
  ingress: []
`
)
