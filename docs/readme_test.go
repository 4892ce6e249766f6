package docs_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var updateReadme = flag.Bool("update-readme", false, "rewrite the outputs in README.md")

// TestReadme runs every policyferry command that README.md shows, in the root of the repository, and compares what it
// prints, standard output before standard error.
func TestReadme(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "policyferry")
	if out, err := exec.Command("go", "build", "-o", bin, "../cmd/policyferry").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	path := filepath.Join("..", "README.md")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	runs := 0
	lines := strings.Split(string(data), "\n")
	for i := 0; i < len(lines); i++ {
		out = append(out, lines[i])
		args, ok := strings.CutPrefix(lines[i], "$ policyferry ")
		if !ok {
			continue
		}
		runs++
		out = append(out, readmeOutput(t, bin, strings.Fields(args))...)
		for i+1 < len(lines) && lines[i+1] != "```" {
			i++
		}
	}
	if runs < 2 {
		t.Errorf("README.md shows %d commands, which is too few to be worked examples each way", runs)
	}
	want := strings.Join(out, "\n")
	if want == string(data) {
		return
	}
	if *updateReadme {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("README.md shows other output than the program prints; it should read:\n%s", want)
}

func readmeOutput(t *testing.T, bin string, args []string) []string {
	t.Helper()
	cmd := exec.Command(bin, args...)
	cmd.Dir = ".."
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if _, ran := err.(*exec.ExitError); !ran {
			t.Fatal(err)
		}
	}
	return strings.Split(strings.TrimRight(stdout.String()+stderr.String(), "\n"), "\n")
}
