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

// action is action.yml.
type action struct {
	Name, Description, Author string
	Branding                  struct{ Icon, Color string }
	Inputs                    map[string]struct {
		Description, Default string
		Required             bool
	}
	Outputs map[string]struct{ Description, Value string }
	Runs    struct {
		Using string
		Steps []actionStep
	}
}

type actionStep struct {
	Name, ID, Shell, Run string
	Env                  map[string]string
}

func readAction(t *testing.T) *action {
	t.Helper()
	a := &action{}
	readYAML(t, "action.yml", a)
	return a
}

// runner is a GitHub runner as far as the steps of the action see it.
type runner struct {
	t *testing.T
	// work is the working directory, and temp the runner's own.
	work, temp string
	// env are the variables of the job, and inputs what a workflow says under with.
	env, inputs map[string]string
	// ref is the version by which the workflow uses the action.
	ref string

	// code, log, output, summary and path are what the last step made.
	code               int
	log, summary, path string
	output             map[string]string
}

func newRunner(t *testing.T) *runner {
	t.Helper()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("bash is not installed, in which the action runs")
	}
	return &runner{t: t, work: t.TempDir(), temp: t.TempDir(), inputs: map[string]string{}, env: map[string]string{
		"HOME": t.TempDir(), "PATH": filepath.Dir(program(t)) + string(filepath.ListSeparator) + os.Getenv("PATH"),
		"RUNNER_OS": "Linux", "RUNNER_ARCH": "X64",
	}}
}

var expression = regexp.MustCompile(`\$\{\{ (inputs|github)\.([a-z_-]+) \}\}`)

// evaluate puts in the values of a workflow, as the runner does before a step runs.
func (r *runner) evaluate(a *action, text string) string {
	return expression.ReplaceAllStringFunc(text, func(match string) string {
		parts := expression.FindStringSubmatch(match)
		if parts[1] == "github" {
			if parts[2] != "action_ref" {
				r.t.Fatalf("%s is not known to the test", match)
			}
			return r.ref
		}
		input, ok := a.Inputs[parts[2]]
		if !ok {
			r.t.Fatalf("there is no input for %s", match)
		}
		if value, ok := r.inputs[parts[2]]; ok {
			return value
		}
		return input.Default
	})
}

// run runs a step of the action in the shell that a runner would take
// (docs.github.com, workflow syntax, jobs.<job_id>.steps[*].shell).
func (r *runner) run(id string) {
	r.t.Helper()
	a := readAction(r.t)
	at := slices.IndexFunc(a.Runs.Steps, func(s actionStep) bool { return s.ID == id })
	if at < 0 {
		r.t.Fatalf("no step is called %s", id)
	}
	step := a.Runs.Steps[at]
	env := map[string]string{}
	for name, value := range step.Env {
		env[name] = r.evaluate(a, value)
	}
	r.script(step.Run, env)
}

// script runs a script as a step.
func (r *runner) script(text string, env map[string]string) {
	r.t.Helper()
	files := r.t.TempDir()
	script := filepath.Join(files, "script.sh")
	writeFile(r.t, script, text)
	for _, name := range []string{"output", "summary", "path"} {
		writeFile(r.t, filepath.Join(files, name), "")
	}
	cmd := exec.Command("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script)
	cmd.Dir = r.work
	cmd.Env = []string{"CI=true", "GITHUB_ACTIONS=true", "RUNNER_TEMP=" + r.temp, "GITHUB_WORKSPACE=" + r.work,
		"GITHUB_OUTPUT=" + filepath.Join(files, "output"), "GITHUB_STEP_SUMMARY=" + filepath.Join(files, "summary"),
		"GITHUB_PATH=" + filepath.Join(files, "path")}
	for _, more := range []map[string]string{r.env, env} {
		for name, value := range more {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	out, err := cmd.CombinedOutput()
	if _, ran := err.(*exec.ExitError); err != nil && !ran {
		r.t.Fatal(err)
	}
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join(files, name))
		if err != nil {
			r.t.Fatal(err)
		}
		return string(data)
	}
	r.code, r.log, r.summary, r.path = cmd.ProcessState.ExitCode(), string(out), read("summary"), strings.TrimSpace(read("path"))
	r.output = map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(read("output")), "\n") {
		if name, value, ok := strings.Cut(line, "="); ok {
			r.output[name] = value
		}
	}
}

// want holds the last step to its exit code and outputs.
func (r *runner) want(code int, outputs map[string]string) {
	r.t.Helper()
	if r.code != code {
		r.t.Fatalf("exit code %d, want %d\n%s", r.code, code, r.log)
	}
	for name, value := range outputs {
		if r.output[name] != value {
			r.t.Errorf("the output %s is %q, want %q\n%s", name, r.output[name], value, r.log)
		}
	}
}

// TestActionIsWhole: all that the action takes and gives is described and used, and no script holds an expression,
// which would run what a caller gives.
func TestActionIsWhole(t *testing.T) {
	a := readAction(t)
	used := map[string]bool{}
	for _, step := range a.Runs.Steps {
		if strings.Contains(step.Run, "${{") {
			t.Errorf("the script of %q holds an expression", step.Name)
		}
		if step.Shell != "bash" || step.ID == "" {
			t.Errorf("the step %q has the shell %q and the id %q", step.Name, step.Shell, step.ID)
		}
		for name, value := range step.Env {
			if !strings.Contains(step.Run, "$"+name) && !strings.Contains(step.Run, "${"+name) {
				t.Errorf("the script of %q does not use %s", step.Name, name)
			}
			for _, m := range expression.FindAllStringSubmatch(value, -1) {
				if m[1] == "inputs" {
					used[m[2]] = true
				}
			}
		}
	}
	for name, input := range a.Inputs {
		if !used[name] || input.Description == "" || input.Required {
			t.Errorf("the input %s: used %v, required %v, %q", name, used[name], input.Required, input.Description)
		}
	}
	for name, output := range a.Outputs {
		if output.Value != "${{ steps.lint.outputs."+name+" }}" || output.Description == "" {
			t.Errorf("the output %s: %+v", name, output)
		}
	}
	if a.Runs.Using != "composite" || len(a.Inputs) < 10 || len(a.Outputs) < 4 {
		t.Errorf("%s with %d inputs and %d outputs", a.Runs.Using, len(a.Inputs), len(a.Outputs))
	}
}

func TestActionLints(t *testing.T) {
	r := newRunner(t)
	writeFile(t, filepath.Join(r.work, "my policies", "good.yaml"), good)
	writeFile(t, filepath.Join(r.work, "doubtful.yaml"), doubtful)
	writeFile(t, filepath.Join(r.work, "bad.yaml"), bad)

	// What is in order passes, in a directory with a space in its name.
	r.inputs = map[string]string{"paths": "my policies\n"}
	r.run("lint")
	r.want(0, map[string]string{"exit-code": "0", "errors": "0", "warnings": "0", "notes": "0"})

	// An error fails the step, marks its line, and is in every report.
	r.inputs = map[string]string{"paths": "bad.yaml\r\ndoubtful.yaml", "sarif": "out.sarif", "json": "out.json", "junit": "out.xml", "markdown": "out.md"}
	r.run("lint")
	r.want(1, map[string]string{"exit-code": "1", "errors": "1", "warnings": "1"})
	if !strings.Contains(r.log, "\n::error file=bad.yaml,line=") && !strings.HasPrefix(r.log, "::error file=bad.yaml,line=") {
		t.Errorf("no annotation:\n%s", r.log)
	}
	if !strings.Contains(r.summary, "PF1010") {
		t.Errorf("the summary is\n%s", r.summary)
	}
	for name, want := range map[string]string{"out.sarif": `"version": "2.1.0"`, "out.json": `"PF1010"`, "out.xml": "<testsuites", "out.md": "PF1010"} {
		data, err := os.ReadFile(filepath.Join(r.work, name))
		if err != nil || !strings.Contains(string(data), want) {
			t.Errorf("%s (%v) does not hold %s", name, err, want)
		}
	}
	for name := range readAction(t).Outputs {
		if _, ok := r.output[name]; !ok {
			t.Errorf("no step sets the output %s", name)
		}
	}

	// What an earlier run has found does not count.
	r.inputs = map[string]string{"paths": "bad.yaml\ndoubtful.yaml", "baseline": "out.json"}
	r.run("lint")
	r.want(0, map[string]string{"exit-code": "0", "errors": "0"})

	// A warning fails only if it is asked to.
	r.inputs = map[string]string{"paths": "doubtful.yaml"}
	r.run("lint")
	r.want(0, map[string]string{"warnings": "1"})
	r.inputs["fail-on"] = "warning"
	r.run("lint")
	r.want(1, nil)

	// Without annotations and summary.
	r.inputs = map[string]string{"paths": "doubtful.yaml", "annotations": "false", "summary": "false"}
	r.run("lint")
	r.want(0, nil)
	if !strings.Contains(r.log, "doubtful.yaml:9:5: warning: ") && !strings.Contains(r.log, "doubtful.yaml:8:5: warning: ") || r.summary != "" {
		t.Errorf("the log is\n%s\nthe summary\n%s", r.log, r.summary)
	}

	// The paths of the configuration, and the flags that are passed on.
	writeFile(t, filepath.Join(r.work, ".policyferry.yaml"), "paths: ['my policies']\n")
	r.inputs = map[string]string{"cni": "cilium", "portable-to": "kubernetes", "args": "--cilium-version=1.18\n\n--namespace=shop"}
	r.run("lint")
	r.want(0, map[string]string{"errors": "0"})
	r.inputs = map[string]string{"config": "none"}
	r.run("lint")
	r.want(2, map[string]string{"exit-code": "2"})
	if !strings.Contains(r.log, "::error title=policyferry::") || !strings.Contains(r.log, "no path is given") {
		t.Errorf("the log is\n%s", r.log)
	}
}

// TestActionRunsNothingOfItsCaller: a pull request can choose names of files and perhaps inputs, but no command.
func TestActionRunsNothingOfItsCaller(t *testing.T) {
	r := newRunner(t)
	writeFile(t, filepath.Join(r.work, "good.yaml"), good)
	for _, evil := range []string{"$(touch pwned)", "`touch pwned`", "x; touch pwned", "x\" ; touch pwned; \"", "$(touch pwned)\nx", "x && touch pwned", "--\ntouch pwned"} {
		all := map[string]string{}
		for input := range readAction(t).Inputs {
			all[input] = evil
		}
		// With all of them the command line is refused, so the reports that are read afterwards are tried by themselves.
		for _, inputs := range []map[string]string{all, {"paths": "good.yaml", "json": evil, "markdown": evil, "version": "installed"}} {
			r.inputs, r.ref = inputs, evil
			for _, step := range []string{"install", "lint"} {
				r.run(step)
				if _, err := os.Stat(filepath.Join(r.work, "pwned")); err == nil {
					t.Fatalf("%q ran in the step %s", evil, step)
				}
			}
		}
	}
}
