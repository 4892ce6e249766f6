package changed

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/source"
)

// repository is a new repository with a commit of some files.
func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	for key, value := range map[string]string{
		"GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com",
		"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com",
	} {
		t.Setenv(key, value)
	}
	dir := t.TempDir()
	run(t, dir, "init", "-q", "-b", "main")
	put(t, dir, files)
	run(t, dir, "add", ".")
	run(t, dir, "commit", "-q", "-m", "first")
	return dir
}

func run(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func put(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func object(name string) string {
	return "---\napiVersion: v1\nkind: A\nmetadata: {name: " + name + "}\n"
}

// touched reads a directory and names the objects of today that are touched, and those that there were.
func touched(t *testing.T, dir string, paths ...string) (now, was []string) {
	t.Helper()
	r, err := Since(dir, "main")
	if err != nil {
		t.Fatal(err)
	}
	set, problems := source.Read(paths, nil, source.Options{})
	b, err := r.Before(paths, set, problems)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range set.Documents {
		if b.Touched(d) {
			now = append(now, d.Object.Name)
		}
	}
	for _, d := range b.Set.Documents {
		was = append(was, d.Object.Name)
	}
	slices.Sort(was)
	return now, was
}

// TestNamesOfFiles has paths that git would quote, and a range with every kind of change.
func TestNamesOfFiles(t *testing.T) {
	dir := repository(t, map[string]string{
		"a/plain.yaml": object("plain"), "a/ä b\"c.yaml": object("quoted"), "a/gone.yaml": object("gone"), "a/old.yaml": object("moved") + object("second"),
		"b/elsewhere.yaml": object("elsewhere"), "notes.txt": "none",
	})
	put(t, dir, map[string]string{
		"a/ä b\"c.yaml": object("quoted") + object("added"), "a/new\tfile.yml": object("new"), "b/elsewhere.yaml": object("other"), "notes.txt": "some",
	})
	run(t, dir, "mv", "a/old.yaml", "a/moved.yaml")
	run(t, dir, "rm", "-q", "a/gone.yaml")
	now, was := touched(t, dir, filepath.Join(dir, "a"))
	if want := []string{"new", "added"}; !slices.Equal(slices.Sorted(slices.Values(now)), slices.Sorted(slices.Values(want))) {
		t.Errorf("touched: %q", now)
	}
	if want := []string{"gone", "moved", "plain", "quoted", "second"}; !slices.Equal(was, want) {
		t.Errorf("there were %q", was)
	}
}

// TestMovedInto: a file that comes from outside of the paths says what it said.
func TestMovedInto(t *testing.T) {
	dir := repository(t, map[string]string{"a/x.yaml": object("x"), "b/y.yaml": object("y")})
	run(t, dir, "mv", "b/y.yaml", "a/y.yaml")
	now, was := touched(t, dir, filepath.Join(dir, "a"))
	if len(now) > 0 || !slices.Equal(was, []string{"x", "y"}) {
		t.Errorf("touched %q, there were %q", now, was)
	}
}

// TestLinks: a link is as old as what it leads to.
func TestLinks(t *testing.T) {
	dir := repository(t, map[string]string{"real/x.yaml": object("x")})
	if err := os.Symlink(filepath.Join("..", "real", "x.yaml"), filepath.Join(dir, "real", "link.yaml")); err != nil {
		t.Skip("no links here: ", err)
	}
	run(t, dir, "add", ".")
	run(t, dir, "commit", "-q", "-m", "a link")
	if now, _ := touched(t, dir, filepath.Join(dir, "real", "link.yaml")); len(now) > 0 {
		t.Errorf("touched %q", now)
	}
	put(t, dir, map[string]string{"real/x.yaml": object("y")})
	if now, _ := touched(t, dir, filepath.Join(dir, "real", "link.yaml")); !slices.Equal(now, []string{"y"}) {
		t.Errorf("touched %q", now)
	}
}

// TestWhatGitDoesNotCompare: of files that lie in a repository of their own, or at which git was told not to look, nobody
// knows what they were, so nothing in them is passed over. Those that git ignores are named.
func TestWhatGitDoesNotCompare(t *testing.T) {
	dir := repository(t, map[string]string{".gitignore": "out/\n", "a/x.yaml": object("x"), "a/hidden.yaml": object("hidden")})
	module := repository(t, map[string]string{"y.yaml": object("y")})
	run(t, dir, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", module, "sub")
	run(t, dir, "commit", "-q", "-m", "a module")
	put(t, dir, map[string]string{"out/rendered.yaml": object("rendered"), "sub/y.yaml": object("z"), "nested/n.yaml": object("n"), "a/hidden.yaml": object("seen")})
	run(t, filepath.Join(dir, "nested"), "init", "-q")
	run(t, dir, "update-index", "--assume-unchanged", "a/hidden.yaml")
	now, _ := touched(t, dir, dir)
	if want := []string{"n", "seen", "z"}; !slices.Equal(slices.Sorted(slices.Values(now)), want) {
		t.Errorf("touched: %q, want %q", now, want)
	}
	r, err := Since(dir, "main")
	if err != nil {
		t.Fatal(err)
	}
	set, problems := source.Read([]string{dir}, nil, source.Options{})
	if b, err := r.Before([]string{dir}, set, problems); err != nil || !slices.Equal(b.Ignored, []string{filepath.Join(dir, "out", "rendered.yaml")}) {
		t.Errorf("ignored: %v, %v", b, err)
	}
	run(t, dir, "add", "--force", "out/rendered.yaml") // a file that is known is not ignored
	if now, _ := touched(t, dir, dir); !slices.Contains(now, "rendered") {
		t.Errorf("touched: %q", now)
	}
}

func TestProblems(t *testing.T) {
	var p *Problem
	if _, err := Since(t.TempDir(), "main"); !errors.As(err, &p) || p.Hint == "" {
		t.Errorf("outside of a repository: %v", err)
	}
	dir := repository(t, map[string]string{"a.yaml": object("a")})
	for _, base := range []string{"nowhere", "--output=x", "", "HEAD:a.yaml"} {
		if _, err := Since(dir, base); !errors.As(err, &p) {
			t.Errorf("%q: %v", base, err)
		}
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := Since(dir, "main"); !errors.As(err, &p) || !strings.Contains(p.Message, "there is no git program") {
		t.Errorf("without git: %v", err)
	}
}
