package release

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/rhysd/actionlint"
)

// lintWorkflow holds a workflow to actionlint, with our action where the workflow uses ./.
func lintWorkflow(t *testing.T, name string, text []byte) {
	t.Helper()
	linter, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	project, err := actionlint.NewProject(root)
	if err != nil {
		t.Fatal(err)
	}
	problems, err := linter.Lint(name, text, project)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%v", p)
	}
}

// third is a step of somebody else's action, which must be pinned to a version.
var third = regexp.MustCompile(`(?m)^ *-? *uses: ([^.\s][^\s]*)`)

var pinned = regexp.MustCompile(`^[\w-]+/[\w./-]+@v\d+(\.\d+\.\d+)?$`)

func TestWorkflows(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*.yml"))
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lintWorkflow(t, file, text)
		pins(t, filepath.Base(file), string(text))
	}
}

func pins(t *testing.T, name, text string) {
	t.Helper()
	for _, m := range third.FindAllStringSubmatch(text, -1) {
		if !pinned.MatchString(m[1]) {
			t.Errorf("%s uses %s, which is no version", name, m[1])
		}
	}
}
