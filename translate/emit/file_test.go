package emit

import (
	"os"
	"path/filepath"
	"testing"
)

func TestOneFileIsNotWrittenTwice(t *testing.T) {
	dir := t.TempDir()
	files := []File{{filepath.Join(dir, "a.yaml"), []byte("x")}, {dir + "/./a.yaml", []byte("y")}}
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
	files := []File{{first, []byte(Marker + "\nnew\n")}, {filepath.Join(first, "b.yaml"), []byte(Marker)}}
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
		"json with our trace": {"c.json", `{"metadata":{"annotations":{"policyferry.io/source":"x"}}}`, false},
		"json without":        {"d.json", `{}`, true},
		"yaml with the trace": {"e.yaml", `"policyferry.io/source": x`, true},
	}
	for name, test := range tests {
		path := filepath.Join(dir, test.name)
		if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := WriteFiles([]File{{path, []byte("new")}}, false); (err != nil) != test.foreign {
			t.Errorf("%s: %v", name, err)
		}
	}
}
