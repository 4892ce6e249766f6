package emit

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestOneFileIsNotWrittenTwice(t *testing.T) {
	dir := t.TempDir()
	files := []File{{Path: filepath.Join(dir, "a.yaml"), Data: []byte("x")}, {Path: dir + "/./a.yaml", Data: []byte("y")}}
	if err := WriteFiles(files, true); err == nil {
		t.Error("two outputs went into one file")
	}
	if _, err := os.Stat(files[0].Path); err == nil {
		t.Error("one of the two was written")
	}
}

func TestFailureLeavesEverythingAsItWas(t *testing.T) {
	dir := t.TempDir()
	first := filepath.Join(dir, "a.yaml")
	if err := os.WriteFile(first, []byte(Marker+"\nold\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	// A file cannot lie below a file.
	files := []File{{Path: first, Data: []byte(Marker + "\nnew\n")}, {Path: filepath.Join(first, "b.yaml"), Data: []byte(Marker)}}
	if err := WriteFiles(files, true); err == nil {
		t.Fatal("no error")
	}
	if data, err := os.ReadFile(first); err != nil || string(data) != Marker+"\nold\n" {
		t.Errorf("%q, %v", data, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestWhatWasWritten(t *testing.T) {
	dir := t.TempDir()
	tests := map[string]struct {
		name, text string
		foreign    bool
	}{
		"yaml with marker":    {"a.yaml", Marker + "\nkind: A\n", false},
		"yaml without":        {"b.yaml", "kind: A\n" + Marker + "\n", true},
		"json with marker":    {"c.json", marked(t), false},
		"nothing":             {"f.json", "", true},
		"json without":        {"d.json", `{}`, true},
		"yaml with the trace": {"e.yaml", `"policyferry.io/source": x`, true},
	}
	for name, test := range tests {
		path := filepath.Join(dir, test.name)
		if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := WriteFiles([]File{{Path: path, Data: []byte("new")}}, false); (err != nil) != test.foreign {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func marked(t *testing.T) string {
	t.Helper()
	text, err := JSON([][]byte{[]byte(`{"kind":"K"}`)})
	if err != nil {
		t.Fatal(err)
	}
	return string(Mark(text))
}

// TestMarkChangesNoObject: a marked text holds what it held before.
func TestMarkChangesNoObject(t *testing.T) {
	var list struct{ Items []map[string]string }
	if err := json.Unmarshal([]byte(marked(t)), &list); err != nil || len(list.Items) != 1 || list.Items[0]["kind"] != "K" {
		t.Errorf("%v, %v", list, err)
	}
}

func TestForceReplacesFilesOnly(t *testing.T) {
	dir := t.TempDir()
	taken := filepath.Join(dir, "b.yaml")
	if err := os.Mkdir(taken, 0o700); err != nil {
		t.Fatal(err)
	}
	first := filepath.Join(dir, "a.yaml")
	if err := WriteFiles([]File{{Path: first}, {Path: taken}}, true); err == nil {
		t.Error("a directory was replaced by a file")
	}
	if _, err := os.Stat(first); err == nil {
		t.Error("one of the two was written")
	}
}

func TestLeftover(t *testing.T) {
	dir := t.TempDir()
	files := []File{{Path: filepath.Join(dir, "x", "a.yaml"), Data: Mark(nil)}, {Path: filepath.Join(dir, "b.json"), Data: []byte(marked(t))}}
	if err := WriteFiles(append(files, File{Path: filepath.Join(dir, "foreign.yaml")}), false); err != nil {
		t.Fatal(err)
	}
	for n, want := range [][]string{{files[1].Path, files[0].Path}, {files[1].Path}, nil} {
		got, err := Leftover(dir, files[:n])
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("with %d files written: %v, %v; want %v", n, got, err, want)
		}
	}
	if got, err := Leftover(filepath.Join(dir, "none"), nil); err != nil || got != nil {
		t.Errorf("below a directory that does not exist: %v, %v", got, err)
	}
}
