package release

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// hook is one of .pre-commit-hooks.yaml, with the keys that we use (pre-commit.com, "Creating new hooks").
type hook struct {
	ID, Name, Description, Entry, Language, Files string
	PassFilenames                                 bool `yaml:"pass_filenames"`
	RequireSerial                                 bool `yaml:"require_serial"`
}

func readHooks(t *testing.T) []hook {
	t.Helper()
	var hooks []hook
	readYAML(t, ".pre-commit-hooks.yaml", &hooks)
	return hooks
}

// runHook runs a hook as pre-commit does: the entry, then the args of the user, and no file names.
func runHook(t *testing.T, dir string, h hook, args ...string) (int, string) {
	t.Helper()
	words := append(strings.Fields(h.Entry), args...)
	if words[0] != "policyferry" {
		t.Fatalf("the hook %s runs %s", h.ID, words[0])
	}
	cmd := exec.Command(program(t), words[1:]...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if _, ran := err.(*exec.ExitError); err != nil && !ran {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// TestHooks: pre-commit installs the program with go install ./... in a copy of the repository, and runs it when a
// manifest is committed.
func TestHooks(t *testing.T) {
	hooks := readHooks(t)
	if len(hooks) != 1 {
		t.Fatalf("%d hooks", len(hooks))
	}
	h := hooks[0]
	if h.ID != "policyferry-lint" || h.Language != "golang" || h.PassFilenames || !h.RequireSerial {
		t.Errorf("%+v", h)
	}
	out, err := goList(t, `{{if eq .Name "main"}}{{.ImportPath}}{{end}}`)
	if err != nil || !slices.Contains(strings.Fields(out), "github.com/policyferry/policyferry/cmd/policyferry") {
		t.Errorf("go install ./... installs no policyferry: %s %v", out, err)
	}
	// pre-commit searches with Python's re.search, which reads this expression as Go does.
	files := regexp.MustCompile(h.Files)
	for name, want := range map[string]bool{"a.yaml": true, "a/b.yml": true, "p.json": true, "README.md": false, "a.yaml.tmpl": false, "jsonnet": false} {
		if files.MatchString(name) != want {
			t.Errorf("%s: the hook runs: %v", name, !want)
		}
	}

	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "policies", "good.yaml"), good)
	if code, out := runHook(t, dir, h, "policies/"); code != 0 {
		t.Errorf("exit code %d\n%s", code, out)
	}
	writeFile(t, filepath.Join(dir, "policies", "bad.yaml"), bad)
	if code, out := runHook(t, dir, h, "policies/"); code != 1 || !strings.Contains(out, "PF1010") {
		t.Errorf("exit code %d\n%s", code, out)
	}
	// Without args, the set is that of the configuration; without either, the hook says what to do.
	if code, out := runHook(t, dir, h); code != 2 || !strings.Contains(out, "paths") {
		t.Errorf("exit code %d\n%s", code, out)
	}
	writeFile(t, filepath.Join(dir, ".policyferry.yaml"), "paths: [policies]\nfail-on: never\n")
	if code, out := runHook(t, dir, h); code != 0 || !strings.Contains(out, "PF1010") {
		t.Errorf("exit code %d\n%s", code, out)
	}
}

func goList(t *testing.T, format string) (string, error) {
	t.Helper()
	cmd := exec.Command("go", "list", "-f", format, "./...")
	cmd.Dir, cmd.Env = root, os.Environ()
	out, err := cmd.Output()
	return string(out), err
}
