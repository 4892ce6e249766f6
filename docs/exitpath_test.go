package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestExitPath runs every command of the tutorial, one after the other in a copy of the sample estates, and compares what
// it prints with what the page shows, standard output before standard error. A cd holds for all that follows.
func TestExitPath(t *testing.T) {
	for _, name := range []string{"sh", "diff", "sed"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("skipped: there is no %s", name)
		}
	}
	tools, work := t.TempDir(), t.TempDir()
	if out, err := exec.Command("go", "build", "-o", filepath.Join(tools, "policyferry"), "../cmd/policyferry").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.CopyFS(work, os.DirFS(filepath.Join("..", "fixtures", "estates"))); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("exit-path.md")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	console, runs, dir := false, 0, filepath.Join(work, "calico-platform")
	for _, line := range strings.Split(string(page), "\n") {
		switch command, ok := strings.CutPrefix(line, "$ "); {
		case line == "```console", console && line == "```":
			console = !console
		case console && !ok:
			continue // what was printed when the page was written
		case console && strings.HasPrefix(command, "cd "):
			dir = filepath.Join(dir, strings.TrimPrefix(command, "cd "))
		case console:
			runs++
			out = append(out, line)
			out = append(out, tutorialOutput(t, tools, dir, command)...)
			continue
		}
		out = append(out, line)
	}
	if runs < 12 {
		t.Errorf("only %d commands were run", runs)
	}
	got := strings.Join(out, "\n")
	if got == string(page) {
		return
	}
	if *updateReadme {
		if err := os.WriteFile("exit-path.md", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("exit-path.md shows other output than the commands print (go test ./docs -run TestExitPath -update-readme rewrites it):\n%s", got)
}

func tutorialOutput(t *testing.T, tools, dir, command string) []string {
	t.Helper()
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+tools+string(os.PathListSeparator)+os.Getenv("PATH"))
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("%s: %v\n%s%s", command, err, stdout.String(), stderr.String())
	}
	text := strings.TrimRight(stdout.String()+stderr.String(), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}
