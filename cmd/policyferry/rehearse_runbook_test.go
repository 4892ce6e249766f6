package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestRunbookTranslates has a shell read the command of the runbook that writes the new policies, and runs it: it reads
// what the rehearsal has read, also with names that a shell would take apart.
func TestRunbookTranslates(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("skipped: there is no shell")
	}
	dir := filepath.Join(t.TempDir(), "my files; $(exit)")
	fixtures := filepath.Join("..", "..", "fixtures")
	if err := os.CopyFS(filepath.Join(dir, "cast"), os.DirFS(filepath.Join(fixtures, "cast"))); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(dir, "sample"), os.DirFS(filepath.Join(fixtures, "sample"))); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"facts":     {"--to", "cilium", "--cluster", filepath.Join(dir, "cast"), "--namespace", "shop", filepath.Join(dir, "sample", "calico.yaml")},
		"a code":    {"--to", "calico", "--cluster", filepath.Join(dir, "cast"), filepath.Join(dir, "sample", "cilium.yaml")},
		"an estate": {"--to", "calico", filepath.Join(fixtures, "estates", "cilium-gitops")},
	} {
		var result struct {
			Estates []struct {
				Summary struct{ Written int }
				Runbook struct{ Steps []struct{ Commands []string } }
			}
		}
		if err := json.Unmarshal(rehearsalOf(t, args...), &result); err != nil {
			t.Fatal(err)
		}
		estate := result.Estates[0]
		command := estate.Runbook.Steps[0].Commands[1]
		words, err := exec.Command(shell, "-c", "policyferry() { printf '%s\\n' \"$@\"; }; "+command).Output()
		if err != nil {
			t.Fatal(err)
		}
		list := strings.Split(strings.TrimSuffix(string(words), "\n"), "\n")
		out := filepath.Join(t.TempDir(), "out")
		list[slices.Index(list, "-o")+1] = out
		var stdout, stderr bytes.Buffer
		if code := Main(list, strings.NewReader(""), &stdout, &stderr); code > ExitFindings {
			t.Errorf("%s: %s: exit code %d\n%s", name, command, code, stderr.String())
			continue
		}
		if n := len(filesBelow(t, out)); n != estate.Summary.Written {
			t.Errorf("%s: %s: %d objects are written, of %d\n%s", name, command, n, estate.Summary.Written, stderr.String())
		}
	}
}

func filesBelow(t *testing.T, dir string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
