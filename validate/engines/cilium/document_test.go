package cilium

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadDocuments(t *testing.T) {
	docs := documents(t, `
# A comment alone is no document.
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Pod, metadata: {name: a, namespace: shop}}
- {apiVersion: v1, kind: PodList, items: [{metadata: {name: b, namespace: shop}}]}
---
{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "c"}}
`)
	var got []string
	for _, d := range docs {
		got = append(got, d.group()+"/"+d.Kind+" "+qualified(d.Namespace, d.Name))
	}
	want := "/Pod shop/a, /Pod shop/b, networking.k8s.io/NetworkPolicy c"
	if strings.Join(got, ", ") != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestReadDocumentsRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"no object":      "[1, 2]",
		"no kind":        "apiVersion: v1",
		"a key twice":    "apiVersion: v1\nkind: Pod\nkind: Pod",
		"broken YAML":    "apiVersion: [",
		"in a list":      "apiVersion: v1\nkind: List\nitems: [7]",
		"kind of no API": "kind: Pod",
	} {
		if docs, err := ReadDocuments("test", []byte(text)); err == nil {
			t.Errorf("%s: read as %v", name, docs)
		} else if !strings.Contains(err.Error(), "test, document 1") {
			t.Errorf("%s: %v does not say where", name, err)
		}
	}
}

func TestReadPathsWalks(t *testing.T) {
	root := t.TempDir()
	object := "apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n"
	for _, file := range []string{"a.yaml", "deep/er/b.yml", "c.json", "README.md", "d.yaml.bak"} {
		path := filepath.Join(root, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, ".json") {
			object = `{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}}`
		}
		if err := os.WriteFile(path, []byte(object), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	docs, err := ReadPaths([]string{root})
	if err != nil || len(docs) != 3 {
		t.Errorf("%d documents of the directory, want 3 (%v)", len(docs), err)
	}
	// A file that is named is read whatever it is called.
	docs, err = ReadPaths([]string{filepath.Join(root, "d.yaml.bak")})
	if err != nil || len(docs) != 1 {
		t.Errorf("%d documents of the file, want 1 (%v)", len(docs), err)
	}
	if _, err = ReadPaths([]string{filepath.Join(root, "nothing")}); err == nil {
		t.Error("a path that does not exist is no error")
	}
}
