package release

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// block is a piece of docs/ci.md between fences.
type block struct {
	language, text string
	line           int
}

// ciPage is docs/ci.md and its blocks.
func ciPage(t *testing.T) (string, []block) {
	t.Helper()
	page := string(readFile(t, "docs/ci.md"))
	var blocks []block
	var open *block
	for i, line := range strings.Split(page, "\n") {
		switch language, fence := strings.CutPrefix(line, "```"); {
		case fence && open == nil:
			open = &block{language: language, line: i + 1}
		case fence:
			blocks = append(blocks, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	if open != nil {
		t.Fatalf("docs/ci.md: the block at line %d has no end", open.line)
	}
	return page, blocks
}

// file is the block that begins with the name of a file in a comment.
func file(t *testing.T, name string) block {
	t.Helper()
	_, blocks := ciPage(t)
	for _, b := range blocks {
		if first, _, _ := strings.Cut(b.text, "\n"); strings.TrimLeft(first, "#/ ") == name {
			return b
		}
	}
	t.Fatalf("docs/ci.md shows no %s", name)
	return block{}
}

// workplace is a directory like a repository that follows the page, and an environment in which its commands run: policyferry
// itself, and stand-ins for what a test has not.
type workplace struct {
	t    *testing.T
	dir  string
	home string
	path string
}

// standIns do with their arguments what the real ones would, as far as the page needs it. A command that they do not
// know fails.
var standIns = map[string]string{
	// kubectl finds a plugin as kubectl does; what it would get from a cluster or render lies in a file.
	"kubectl": `case "$1 $2" in
"krew install") [ "$3" = policyferry ] && ln -s "$PROGRAM" "$HOME/.local/bin/kubectl-policyferry" ;;
"get ciliumnetworkpolicies,networkpolicies") [ "$3 $4 $5" = "-A -o yaml" ] && cat policies/good.yaml ;;
"kustomize overlays/production") cat policies/good.yaml ;;
policyferry*) shift; exec kubectl-policyferry "$@" ;;
*) echo "kubectl: unknown: $*" >&2; exit 64 ;;
esac`,
	"helm": `[ "$*" = "template shop charts/shop" ] && cat policies/good.yaml`,
	// docker runs the entry point of the image, which is the program, with what stands behind the image.
	"docker": `[ "$1 $2 $3" = "run --rm -v" ] && [ "$4" = "$PWD:/work:ro" ] && [ "$5 $6" = "-w /work" ] || exit 64
case $7 in ghcr.io/policyferry/policyferry:v0.1.0) shift 7; exec policyferry "$@" ;; *) exit 64 ;; esac`,
	"gh": `[ "$1 $2 $3" = "pr comment 7" ] || exit 64
while [ "$1" != --body-file ]; do shift; done
cp "$2" commented.md`,
}

func newWorkplace(t *testing.T) *workplace {
	t.Helper()
	w := &workplace{t: t, dir: t.TempDir(), home: t.TempDir()}
	bin := t.TempDir()
	for name, script := range standIns {
		path := filepath.Join(bin, name)
		writeFile(t, path, "#!/bin/sh\n"+script+"\n")
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	local := filepath.Join(w.home, ".local", "bin")
	if err := os.MkdirAll(local, 0o755); err != nil {
		t.Fatal(err)
	}
	w.path = strings.Join([]string{bin, local, filepath.Dir(program(t)), os.Getenv("PATH")}, string(filepath.ListSeparator))
	writeFile(t, filepath.Join(w.dir, "policies", "good.yaml"), good)
	writeFile(t, filepath.Join(w.dir, "policies", "doubtful.yaml"), doubtful)
	git(t, w.dir, "init", "-q", "-b", "main")
	git(t, w.dir, "add", "-A")
	git(t, w.dir, "commit", "-q", "-m", "policies")
	git(t, w.dir, "update-ref", "refs/remotes/origin/main", "HEAD")
	return w
}

// run runs a command of the page and holds it to its exit code.
func (w *workplace) run(command string, code int) string {
	w.t.Helper()
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = w.dir
	cmd.Env = []string{"HOME=" + w.home, "PATH=" + w.path, "PROGRAM=" + program(w.t), "PR=7", "GH_TOKEN=none"}
	out, err := cmd.CombinedOutput()
	if _, ran := err.(*exec.ExitError); err != nil && !ran {
		w.t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		w.t.Errorf("%s: exit code %d, want %d\n%s", command, got, code, out)
	}
	return string(out)
}

// made wants a file that a command has written to hold a text.
func (w *workplace) made(name, text string) {
	w.t.Helper()
	data, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil || !strings.Contains(string(data), text) {
		w.t.Errorf("%s does not hold %q (%v)", name, text, err)
	}
}

// TestCIPageCommands runs what stands behind a $ in docs/ci.md, from top to bottom in one directory.
func TestCIPageCommands(t *testing.T) {
	w := newWorkplace(t)
	_, blocks := ciPage(t)
	ran := 0
	for _, b := range blocks {
		if b.language != "console" {
			continue
		}
		for _, line := range strings.Split(strings.TrimSpace(b.text), "\n") {
			command, ok := strings.CutPrefix(line, "$ ")
			if !ok {
				t.Errorf("docs/ci.md:%d: %q is no command", b.line, line)
				continue
			}
			ran++
			w.run(command, 0)
		}
	}
	if ran < 12 {
		t.Errorf("%d commands are too few", ran)
	}
	w.made(".policyferry.yaml", "#paths:")
	w.made("policyferry-baseline.json", `"PF6003"`)
	w.made("man/man1/policyferry-lint.1", ".TH")
	w.made("policyferry.bash", "__start_policyferry")
	if out := w.run("kubectl_complete-policyferry lint --format sa", 0); !strings.Contains(out, "\nsarif\n") {
		t.Errorf("kubectl completes %q", out)
	}
	// A set that got worse since its baseline fails.
	writeFile(t, filepath.Join(w.dir, "policies", "bad.yaml"), bad)
	if out := w.run("policyferry lint --baseline policyferry-baseline.json policies/", 1); strings.Contains(out, "PF6003") || !strings.Contains(out, "PF1010") {
		t.Errorf("with a baseline\n%s", out)
	}
}

// TestCIPageGitHub holds the workflow to actionlint and runs its steps, the action with the program that is built here.
func TestCIPageGitHub(t *testing.T) {
	b := file(t, ".github/workflows/policy.yml")
	const uses = "uses: policyferry/policyferry@v0.1.0"
	if !strings.Contains(b.text, uses) {
		t.Fatalf("the workflow does not use the action")
	}
	lintWorkflow(t, filepath.Join(root, ".github", "workflows", "policy.yml"), []byte(strings.Replace(b.text, uses, "uses: ./", 1)))
	pins(t, "docs/ci.md", b.text)
	var workflow struct {
		Name        string
		On          any
		Permissions map[string]string
		Jobs        map[string]struct {
			RunsOn string `yaml:"runs-on"`
			Steps  []struct {
				Name, ID, Uses, If, Run string
				With, Env               map[string]string
			}
		}
	}
	decodeYAML(t, "docs/ci.md", []byte(b.text), &workflow)
	w, r := newWorkplace(t), newRunner(t)
	r.work = w.dir
	linted, commented := false, false
	for _, step := range workflow.Jobs["lint"].Steps {
		switch {
		case strings.HasPrefix(step.Uses, "policyferry/"):
			r.inputs, linted = step.With, true
			r.run("lint")
			r.want(0, map[string]string{"warnings": "1"})
			w.made(step.With["sarif"], `"version": "2.1.0"`)
		case strings.HasPrefix(step.Uses, "github/codeql-action/upload-sarif@"):
			w.made(step.With["sarif_file"], `"PF6003"`)
		case step.Run != "":
			w.run(step.Run, 0)
			w.made("commented.md", "PF6003")
			commented = true
		}
		// Reports are of use above all when something was found, and are not there when nothing was judged.
		if m := regexp.MustCompile(`hashFiles\('([^']+)'\)`).FindStringSubmatch(step.If); step.If != "" && (m == nil || !strings.HasPrefix(step.If, "${{ !cancelled() && ")) {
			t.Errorf("the step runs %s", step.If)
		} else if m != nil {
			w.made(m[1], "PF6003")
		}
	}
	if !linted || !commented {
		t.Errorf("linted %v, commented %v", linted, commented)
	}
}

func TestCIPageGitLab(t *testing.T) {
	var pipeline map[string]struct {
		Image struct {
			Name       string
			Entrypoint []string
		}
		Script    []string
		Artifacts struct {
			When    string
			Reports struct{ JUnit string }
		}
	}
	decodeYAML(t, "docs/ci.md", []byte(file(t, ".gitlab-ci.yml").text), &pipeline)
	job := pipeline["policy"]
	k := goreleaser(t).Kos[1]
	if want := k.Repositories[0] + ":" + filled(t, k.Tags[0], nil); job.Image.Name != want || len(job.Image.Entrypoint) != 1 {
		t.Errorf("the image is %+v, and not %s with its shell", job.Image, want)
	}
	w := newWorkplace(t)
	for _, command := range job.Script {
		w.run(command, 0)
	}
	w.made(job.Artifacts.Reports.JUnit, "<testsuites")
	if job.Artifacts.When != "always" || len(job.Script) == 0 {
		t.Errorf("%+v", job)
	}
}

func TestCIPageJenkins(t *testing.T) {
	text := file(t, "Jenkinsfile").text
	w := newWorkplace(t)
	commands := regexp.MustCompile(`(?m)^ +sh '(.+)'$`).FindAllStringSubmatch(text, -1)
	for _, m := range commands {
		w.run(m[1], 0)
	}
	report := regexp.MustCompile(`junit testResults: '([^']+)'`).FindStringSubmatch(text)
	if len(commands) == 0 || report == nil {
		t.Fatalf("%d commands, report %q", len(commands), report)
	}
	w.made(report[1], "<testsuites")
	if strings.Count(text, "{") != strings.Count(text, "}") {
		t.Error("the braces do not match")
	}
}

func TestCIPagePreCommit(t *testing.T) {
	var c struct {
		Repos []struct {
			Repo, Rev string
			Hooks     []struct {
				ID   string
				Args []string
			}
		}
	}
	decodeYAML(t, "docs/ci.md", []byte(file(t, ".pre-commit-config.yaml").text), &c)
	used := c.Repos[0].Hooks[0]
	w := newWorkplace(t)
	for _, h := range readHooks(t) {
		if h.ID == used.ID {
			if code, out := runHook(t, w.dir, h, used.Args...); code != 0 || !strings.Contains(out, "PF6003") {
				t.Errorf("exit code %d\n%s", code, out)
			}
			return
		}
	}
	t.Errorf("there is no hook %s", used.ID)
}

// TestCIPageDescribesTheAction: the page names every input and output, and no other input.
func TestCIPageDescribesTheAction(t *testing.T) {
	page, _ := ciPage(t)
	a := readAction(t)
	table := page[strings.Index(page, "| input |"):]
	table = table[:strings.Index(table, "\n\n")]
	named := map[string]bool{}
	for _, row := range strings.Split(table, "\n")[2:] {
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(strings.Split(row, "|")[1], -1) {
			named[m[1]] = true
			if _, ok := a.Inputs[m[1]]; !ok {
				t.Errorf("the action has no input %s", m[1])
			}
		}
	}
	for name := range a.Inputs {
		if !named[name] {
			t.Errorf("docs/ci.md does not name the input %s", name)
		}
	}
	for name := range a.Outputs {
		if !strings.Contains(page, "`"+name+"`") {
			t.Errorf("docs/ci.md does not name the output %s", name)
		}
	}
}

// git runs git as nobody whom the machine knows.
func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// TestCIPageChanged: the action shows what a pull request changes, and everything on a push, which has no base.
func TestCIPageChanged(t *testing.T) {
	b := file(t, "steps")
	lintWorkflow(t, filepath.Join(root, ".github", "workflows", "steps.yml"), []byte("on: [push, pull_request]\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"+
		strings.ReplaceAll("    "+strings.TrimSpace(strings.ReplaceAll(b.text, "\n", "\n    ")), "uses: policyferry/policyferry@v0.1.0", "uses: ./")+"\n"))
	pins(t, "docs/ci.md", b.text)
	var steps []struct {
		Uses string
		With map[string]string
	}
	decodeYAML(t, "docs/ci.md", []byte(b.text), &steps)
	w, r := newWorkplace(t), newRunner(t)
	r.work = w.dir
	base := git(t, w.dir, "rev-parse", "HEAD")
	writeFile(t, filepath.Join(w.dir, "policies", "bad.yaml"), bad)
	with := steps[1].With
	if with["changed"] != "${{ github.event.pull_request.base.sha }}" || steps[0].With["fetch-depth"] != "0" {
		t.Fatalf("the steps are %+v", steps)
	}
	for _, event := range []struct{ sha, warnings string }{{base, "0"}, {"", "1"}} {
		r.inputs = map[string]string{"paths": with["paths"], "changed": event.sha}
		r.run("lint")
		r.want(1, map[string]string{"errors": "1", "warnings": event.warnings})
	}
}
