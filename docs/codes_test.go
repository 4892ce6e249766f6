package docs_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/docs"
	"github.com/policyferry/policyferry/translate"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

var update = flag.Bool("update", false, "rewrite the text blocks of docs/codes with what the program reports")

// ourFault are the codes that no input can cause if the program is right, so their pages have no example. Tests
// force each of them.
var ourFault = map[string]string{
	"PF9001": "TestFieldLost breaks the promise of a hook",
	"PF9002": "TestOutputInvalid has a judge that rejects everything",
	"PF9003": "TestPanicIsReported in cmd/policyferry has an input that panics",
	"PF9004": "TestFault in validate/claim changes the output of a translation",
}

// TestEachCodeHasAPage and each page has a code.
func TestEachCodeHasAPage(t *testing.T) {
	files, err := docs.Codes.ReadDir("codes")
	if err != nil {
		t.Fatal(err)
	}
	var pages, codes []string
	for _, f := range files {
		pages = append(pages, strings.TrimSuffix(f.Name(), ".md"))
	}
	for _, c := range diag.Codes() {
		codes = append(codes, c.ID)
		if !slices.Contains(pages, c.ID) {
			t.Errorf("%s has no page", c.ID)
		}
	}
	for _, p := range pages {
		if !slices.Contains(codes, p) {
			t.Errorf("codes/%s.md is about no code", p)
		}
	}
}

// TestCodePages runs the examples of every page.
func TestCodePages(t *testing.T) {
	program := filepath.Join(t.TempDir(), "policyferry")
	if out, err := exec.Command("go", "build", "-o", program, "../cmd/policyferry").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, code := range diag.Codes() {
		t.Run(code.ID, func(t *testing.T) {
			t.Parallel()
			p := readPage(t, filepath.Join("codes", code.ID+".md"))
			checkHead(t, p, code)
			checkExamples(t, p, code, program)
		})
	}
}

// checkHead holds the first lines of a page to the registry.
func checkHead(t *testing.T, p *page, code *diag.Code) {
	want := []string{
		fmt.Sprintf("# %s %s", code.ID, code.Name), "",
		fmt.Sprintf("%s · %s · since %s", code.Severity, code.Effect, code.Since), "",
		fmt.Sprintf("**%s**", code.Title), "",
	}
	if len(p.lines) < len(want) || !slices.Equal(p.lines[:len(want)], want) {
		t.Errorf("%s must begin with\n%s", p.path, strings.Join(want, "\n"))
	}
	for _, heading := range []string{"## Example", "## The way out", "## See also"} {
		if !slices.Contains(p.lines, heading) && ourFault[code.ID] == "" {
			t.Errorf("%s has no section %q", p.path, heading)
		}
	}
	for i, line := range p.lines {
		if strings.Count(line, "`")%2 > 0 && !strings.HasPrefix(line, "```") {
			t.Errorf("%s:%d: a code span is broken", p.path, i+1)
		}
		if len([]rune(line)) > 120 && !codeOf.MatchString(line) && !strings.HasPrefix(line, "    ") && !strings.HasPrefix(line, "```yaml") {
			t.Errorf("%s:%d: the line has more than 120 characters", p.path, i+1)
		}
	}
}

func checkExamples(t *testing.T, p *page, code *diag.Code, program string) {
	fires, silent := 0, 0
	texts := map[*block][]string{}
	for _, e := range p.examples {
		command := commandOf(code)
		r := e.run(t, program, command)
		got := reported(r.stderr, code.ID)
		if command == "lint" {
			got = reported(r.stdout, code.ID)
		}
		if e.fires {
			fires++
			checkFires(t, p, e, r, got, texts)
			continue
		}
		silent++
		if len(got) > 0 {
			t.Errorf("%s: the mended example still reports %s:\n%s", e.at(p), code.ID, strings.Join(got, "\n"))
		}
		if r.exit > 1 || r.stdout == "" && command == "translate" {
			t.Errorf("%s: nothing is written for the mended example, exit code %d:\n%s", e.at(p), r.exit, r.stderr)
		}
	}
	if *update {
		p.rewrite(t, texts)
	}
	if _, ours := ourFault[code.ID]; ours != (fires+silent == 0) || !ours && (fires == 0 || silent == 0) {
		t.Errorf("%s: %d examples that fire and %d that do not", p.path, fires, silent)
	}
}

// commandOf is the command that reports a code.
func commandOf(code *diag.Code) string {
	switch {
	case strings.HasPrefix(code.ID, "PF6"):
		return "lint"
	case strings.HasPrefix(code.ID, "PF500"):
		return "snapshot"
	case strings.HasPrefix(code.ID, "PF504"), strings.HasPrefix(code.ID, "PF505"):
		return "rehearse"
	}
	return "translate"
}

func checkFires(t *testing.T, p *page, e *example, r run, got []string, texts map[*block][]string) {
	switch {
	case len(got) == 0:
		t.Errorf("%s: the example does not report the code, exit code %d:\n%s", e.at(p), r.exit, r.stderr)
	case e.expect == nil:
		t.Errorf("%s: no text block follows the example", e.at(p))
	case *update:
		texts[e.expect] = got
	case !slices.Equal(got, p.lines[e.expect.first:e.expect.end]):
		t.Errorf("%s: the text block is not what is reported (go test ./docs -update rewrites it):\n%s", e.at(p), strings.Join(got, "\n"))
	}
}

// topics are the sections of the index, by the first digit of the codes.
var topics = []struct{ digit, heading string }{
	{"1", "## Reading"}, {"2", "## Portability"}, {"3", "## Translation"}, {"5", "## Rehearsal"}, {"6", "## Lint"}, {"9", "## Own fault"},
}

// TestIndexOfCodes holds docs/codes.md to the registry.
func TestIndexOfCodes(t *testing.T) {
	text, err := os.ReadFile("codes.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range topics {
		_, section, found := strings.Cut(string(text), topic.heading+"\n")
		if !found {
			t.Errorf("codes.md has no section %q", topic.heading)
			continue
		}
		section, _, _ = strings.Cut(section, "\n## ")
		var got, want []string
		for line := range strings.Lines(section) {
			if strings.HasPrefix(line, "| [PF") {
				got = append(got, strings.TrimSuffix(line, "\n"))
			}
		}
		for _, c := range diag.Codes() {
			if strings.HasPrefix(c.ID, "PF"+topic.digit) {
				want = append(want, fmt.Sprintf("| [%s](codes/%s.md) | %s | %s | %s | %s |", c.ID, c.ID, c.Name, c.Severity, c.Effect, c.Title))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("codes.md, %s: want the lines\n%s", topic.heading, strings.Join(want, "\n"))
		}
	}
	if n := strings.Count(string(text), "| [PF"); n != len(diag.Codes()) {
		t.Errorf("codes.md lists %d codes, and there are %d", n, len(diag.Codes()))
	}
}

// TestTopicsOfCodes holds the index by topic to the registry: every code about policy stands there once, by its name.
// Those of a rehearsal and of our own faults are a topic each.
func TestTopicsOfCodes(t *testing.T) {
	text, err := os.ReadFile("codes.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "## By topic\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for _, c := range diag.Codes() {
		about := strings.ContainsRune("1236", rune(c.ID[2]))
		if n := strings.Count(section, fmt.Sprintf("  - [%s](codes/%s.md) %s\n", c.ID, c.ID, c.Name)); about && n != 1 {
			t.Errorf("codes.md lists %s %s under %d topics, not one", c.ID, c.Name, n)
		}
		if page, err := os.ReadFile(filepath.Join("codes", c.ID+".md")); err != nil || strings.HasPrefix(c.ID, "PF6") &&
			!ofPolicyferry[c.ID] && !upstream.Match(page) {
			t.Errorf("the page of %s names no upstream file, %v", c.ID, err)
		}
	}
}

// upstream matches a reference to a file of a CNI or of Kubernetes; ofPolicyferry are codes of lint about what only
// policyferry reads.
var (
	upstream      = regexp.MustCompile("`(calico|cilium|kubernetes): [A-Za-z0-9_./-]+`")
	ofPolicyferry = map[string]bool{"PF6016": true, "PF6017": true}
)

const plainPolicy = `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec: {selector: app == 'web', types: [Ingress]}
`

// force translates a faultless policy with a hook that is not.
func force(t *testing.T, opt translate.Options) *translate.Result {
	t.Helper()
	path := filepath.Join(t.TempDir(), "example.yaml")
	write(t, path, plainPolicy)
	set, problems := source.Read([]string{path}, nil, source.Options{})
	if problems.Len() > 0 {
		t.Fatal(problems.All())
	}
	opt.To = compat.Cilium
	r, err := translate.Translate(set.Documents, opt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// blocks reports whether a finding of the code keeps the output from being written, whatever is accepted.
func blocks(r *translate.Result, code *diag.Code) bool {
	return slices.ContainsFunc(r.Blocked, func(f diag.Finding) bool { return f.Code == code })
}

// TestFieldLost turns a policy away for a reason that does not account for its fields.
func TestFieldLost(t *testing.T) {
	r := force(t, translate.Options{
		Accept: []string{diag.FieldLost.ID},
		Enforced: func(*source.Document, compat.Release, *cluster.Facts) []translate.Problem {
			return []translate.Problem{{Path: "spec.types", Message: "no reason", Code: diag.LogAction}}
		},
	})
	if !blocks(r, diag.FieldLost) {
		t.Error("spec.selector was lost, and that was not reported")
	}
	if blocks(force(t, translate.Options{}), diag.FieldLost) {
		t.Error("without the hook a field is lost as well")
	}
}

// TestOutputInvalid has a target that rejects everything.
func TestOutputInvalid(t *testing.T) {
	r := force(t, translate.Options{
		Accept: []string{diag.OutputInvalid.ID},
		Accepts: func([]byte, compat.Release, *cluster.Facts) []translate.Problem {
			return []translate.Problem{{Path: "spec", Message: "rejected"}}
		},
	})
	if !blocks(r, diag.OutputInvalid) {
		t.Error("the target rejects the output, and that was not reported")
	}
}
