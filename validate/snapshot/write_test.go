package snapshot

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func small(t *testing.T, name string) *Snapshot {
	t.Helper()
	return fromText(t, fmt.Sprintf("apiVersion: v1\nkind: Namespace\nmetadata: {name: %s}\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a, namespace: %s}\n", name, name))
}

func TestReplacesAsAWhole(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "out")
	for _, name := range []string{"one", "two"} {
		if err := small(t, name).Write(dir, false); err != nil {
			t.Fatal(err)
		}
		files := contents(t, dir)
		if len(files) != 3 || files["namespaces/"+name+"/serviceaccounts.yaml"] == "" {
			t.Errorf("%v", files)
		}
	}
	if entries, err := os.ReadDir(filepath.Dir(dir)); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestKeepsWhatIsNotOurs(t *testing.T) {
	for name, c := range map[string]struct {
		file         string
		force, never bool
	}{
		"a file of the user's":              {file: "README.md"},
		"a file of the user's inside":       {file: "namespaces/shop/notes.txt"},
		"yaml that no snapshot has":         {file: "facts.yaml"},
		"a repository":                      {file: ".git/HEAD", never: true},
		"a file of the user's, with force":  {file: "README.md", force: true},
		"a repository, whatever one forces": {file: ".git/HEAD", force: true, never: true},
	} {
		dir := t.TempDir()
		if err := small(t, "shop").Write(dir, false); err != nil { // an empty directory is anyone's
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(c.file))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("mine"), 0o600)); err != nil {
			t.Fatal(err)
		}
		err := small(t, "other").Write(dir, c.force)
		var foreign *NotOurs
		if refused := errors.As(err, &foreign); refused != (!c.force || c.never) || refused && foreign.Repository != c.never {
			t.Errorf("%s: %v", name, err)
		}
		if _, kept := contents(t, dir)[c.file]; kept != (err != nil) {
			t.Errorf("%s: kept %v after %v", name, kept, err)
		}
	}
}

func TestADirectoryWithoutIndexIsNoSnapshot(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "cluster"), 0o700), os.WriteFile(filepath.Join(dir, "cluster", "nodes.yaml"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	var foreign *NotOurs
	if err := small(t, "shop").Write(dir, false); !errors.As(err, &foreign) {
		t.Errorf("%v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := small(t, "shop").Write(file, true); err == nil || !strings.Contains(err.Error(), "no directory") {
		t.Errorf("%v", err)
	}
}

// TestHostileNames: a name from a file does not leave the directory.
func TestHostileNames(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	s := fromText(t, "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a, namespace: ../../../x}\n")
	if err := s.Write(dir, false); err != nil {
		t.Fatal(err)
	}
	if files := contents(t, dir); files["namespaces/-..-..-x/serviceaccounts.yaml"] == "" {
		t.Errorf("%v", files)
	}
}

// TestLargeKindsGoOn: a kind that outgrows a file goes on in the next, and nothing is lost.
func TestLargeKindsGoOn(t *testing.T) {
	text := strings.Repeat("x", 60<<10)
	var objects []Object
	for i := range 600 {
		o, err := newObject(resourceOf("v1", "ServiceAccount"), fields{"apiVersion": "v1", "kind": "ServiceAccount",
			"metadata": fields{"name": fmt.Sprintf("a-%04d", i), "namespace": "shop", "labels": fields{"a": text}}})
		if err != nil {
			t.Fatal(err)
		}
		objects = append(objects, o)
	}
	files, err := (&Snapshot{Objects: objects}).files()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, f := range files {
		if len(f.data) > fileBytes+1<<20 {
			t.Errorf("%s has %d bytes", f.path, len(f.data))
		}
		if !layout.MatchString(f.path) {
			t.Errorf("%s is no path of a snapshot", f.path)
		}
		found += strings.Count(string(f.data), "\nkind: ServiceAccount\n")
	}
	if len(files) != 4 || files[1].path != "namespaces/shop/serviceaccounts-2.yaml" || found != 600 {
		t.Errorf("%d files, %d objects", len(files), found)
	}
}

// TestNamespacesThatShareADirectory: names that differ in case only, or only in what no directory is called, overwrite
// nothing, whatever the file system makes of them.
func TestNamespacesThatShareADirectory(t *testing.T) {
	var text string
	for _, ns := range []string{"shop", "Shop", "a/b", "a-b", "a-c"} {
		text += fmt.Sprintf("apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a, namespace: %s}\n---\n", ns)
	}
	files, err := fromText(t, text).files()
	if err != nil {
		t.Fatal(err)
	}
	paths, accounts := map[string]bool{}, 0
	for _, f := range files {
		if path := strings.ToLower(f.path); paths[path] || !layout.MatchString(f.path) {
			t.Errorf("%s is written twice, or is no file of a snapshot", f.path)
		}
		paths[strings.ToLower(f.path)] = true
		if f.path == IndexFile {
			continue
		}
		accounts += strings.Count(string(f.data), "kind: ServiceAccount\n")
	}
	if accounts != 5 {
		t.Errorf("%d objects of 5 are written: %v", accounts, paths)
	}
}

// TestPutBack: if the new directory cannot be put into its place, the old one is put back.
func TestPutBack(t *testing.T) {
	dir := t.TempDir()
	old, fresh := filepath.Join(dir, "old"), filepath.Join(dir, "missing")
	if err := os.Mkdir(filepath.Join(dir, "out"), 0o700); err != nil {
		t.Fatal(err)
	}
	err := swap(fresh, filepath.Join(dir, "out"), old)
	if _, kept := os.Stat(filepath.Join(dir, "out")); err == nil || kept != nil || errors.As(err, new(*stuck)) {
		t.Errorf("%v, %v", err, kept)
	}
}
