package emit

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

const object = `{"kind":"CiliumNetworkPolicy","apiVersion":"cilium.io/v2","status":{"x":1},
"spec":{"ingress":[{"toPorts":[{"ports":[{"protocol":"TCP","port":"80"}]}],"fromEndpoints":[{"matchLabels":{"b":"true","a":"0x1f"}}]},{}],
"endpointSelector":{},"egress":[],"enableDefaultDeny":{"egress":false}},
"metadata":{"namespace":"shop","creationTimestamp":null,"name":"on","annotations":{"spec":"1:20","apiVersion":"line one\nline two"}}}`

func TestOrderOfAPerson(t *testing.T) {
	text, err := YAML([][]byte{[]byte(object)})
	if err != nil {
		t.Fatal(err)
	}
	want := `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: "on"
  namespace: shop
  annotations:
    apiVersion: |-
      line one
      line two
    spec: "1:20"
spec:
  endpointSelector: {}
  enableDefaultDeny:
    egress: false
  ingress:
    - fromEndpoints:
        - matchLabels:
            a: "0x1f"
            b: "true"
      toPorts:
        - ports:
            - port: "80"
              protocol: TCP
    - {}
  egress: []
`
	if got := string(text); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// TestReadBack holds the text to the meaning of the object, as Kubernetes reads it.
func TestReadBack(t *testing.T) {
	for _, s := range []string{"", "on", "No", "y", "~", "null", "1", "-1.5e3", "0o17", "0x1F", "1:30", "1_000", "2001-01-01",
		"a: b", "a #b", "- a", "'", `"`, "{", "*a", "&a", "!a", "%a", "@a", "`a", "a\nb", " a", "a ", "é", "\u2028", "#", "a\tb", "=", "<<", "?", "|", ">"} {
		in, err := json.Marshal(map[string]any{"v": s, s: "key"})
		if err != nil {
			t.Fatal(err)
		}
		text, err := YAML([][]byte{in})
		if err != nil {
			t.Errorf("%q: %v", s, err)
			continue
		}
		var got, want map[string]any
		if err := yaml.Unmarshal(text, &got); err != nil {
			t.Errorf("%q: %v\n%s", s, err, text)
			continue
		}
		if err := json.Unmarshal(in, &want); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q is read back as %v\n%s", s, got, text)
		}
	}
}

func TestWriteFilesLeavesForeignFilesAlone(t *testing.T) {
	dir := t.TempDir()
	foreign, ours := filepath.Join(dir, "b.yaml"), filepath.Join(dir, "sub", "a.yaml")
	if err := os.WriteFile(foreign, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	files := []File{{Path: ours, Data: []byte(Marker + "\nnew\n")}, {Path: foreign, Data: []byte(Marker + "\nnew\n")}}
	if err := WriteFiles(files, false); err == nil || !strings.Contains(err.Error(), "not written by policyferry") {
		t.Fatalf("error %v", err)
	}
	if _, err := os.Stat(ours); err == nil {
		t.Error("half of the files were written")
	}
	if err := WriteFiles(files, true); err != nil {
		t.Fatal(err)
	}
	if err := WriteFiles(files, false); err != nil {
		t.Errorf("our own files cannot be written again: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".policyferry-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
