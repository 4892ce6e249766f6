package docs_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/policyferry/policyferry/validate/snapshot/fakeapi"
)

// page is a page of docs/codes, split into its prose and its fenced blocks.
type page struct {
	path     string
	lines    []string
	examples []*example
}

// example is a fenced block that is run: one that fires, and so reports the code of the page, or a silent one.
type example struct {
	line   int // of the opening fence, from 1
	fires  bool
	args   []string
	input  string
	facts  string // the nearest facts block up to the next example
	flows  string // the same for flows
	expect *block // the text block that follows; nil if there is none
}

// block is where in the page a fenced block stands: its lines without the fences.
type block struct{ first, end int }

// readPage parses a page. The info strings of its fences:
//
//	yaml fires FLAGS     policies, translated or linted with these flags; the code is reported
//	yaml silent FLAGS    policies for which the code is not reported
//	escaped fires FLAGS  the same for input that Markdown cannot hold: Go escapes such as \xe9 stand for bytes
//	csv flows            what flows.csv holds for the example before it, and for later ones
//	yaml facts           what facts.yaml holds for the example before it, and for later ones without facts of their own
//	text                 what the run of the example before it reports under the code of the page
func readPage(t *testing.T, path string) *page {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p := &page{path: path, lines: strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")}
	var last *example
	facts, flows := "", ""
	for i := 0; i < len(p.lines); i++ {
		info, fence := strings.CutPrefix(p.lines[i], "```")
		if !fence {
			continue
		}
		b := block{first: i + 1, end: i + 1}
		for b.end < len(p.lines) && p.lines[b.end] != "```" {
			b.end++
		}
		if b.end == len(p.lines) {
			t.Fatalf("%s:%d: the block is never closed", path, i+1)
		}
		body := strings.Join(append(slices.Clone(p.lines[b.first:b.end]), ""), "\n")
		words := strings.Fields(info)
		switch kind := strings.Join(words[:min(2, len(words))], " "); {
		case kind == "yaml fires", kind == "yaml silent", kind == "escaped fires":
			if words[0] == "escaped" {
				body = unescape(t, body)
			}
			last = &example{line: i + 1, fires: words[1] == "fires", args: words[2:], input: body, facts: facts, flows: flows}
			p.examples = append(p.examples, last)
		case info == "csv flows" && last != nil:
			flows, last.flows = body, body
		case info == "yaml facts" && last != nil:
			facts, last.facts = body, body
		case info == "text" && last != nil && last.expect == nil:
			last.expect = &b
		default:
			t.Fatalf("%s:%d: a block is yaml fires, yaml silent, escaped fires, yaml facts, csv flows or text, and stands once after its example", path, i+1)
		}
		i = b.end
	}
	return p
}

func unescape(t *testing.T, body string) string {
	t.Helper()
	out, err := strconv.Unquote(`"` + strings.ReplaceAll(strings.ReplaceAll(body, `"`, `\"`), "\n", `\n`) + `"`)
	if err != nil {
		t.Fatalf("escaped block: %v", err)
	}
	return out
}

// run is what the program does with an example.
type run struct {
	exit           int
	stdout, stderr string
}

// run gives the example to the command that reports the code of the page.
func (e *example) run(t *testing.T, program, command string) run {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "example.yaml"), e.input)
	if e.facts != "" {
		write(t, filepath.Join(dir, "facts.yaml"), e.facts)
	}
	args := append([]string{command}, e.args...)
	if command == "snapshot" {
		args = e.snapshot(t, dir)
	} else {
		args = append(args, "example.yaml")
	}
	if e.flows != "" {
		write(t, filepath.Join(dir, "flows.csv"), e.flows)
	}
	cmd := exec.Command(program, args...)
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &stdout, &stderr
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return run{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// snapshot gives the arguments of a snapshot of the example: of the file, or, if the example is said to be live, of an API
// server that has its objects. forbid=pods and down=discovery.k8s.io say what is wrong with that server.
func (e *example) snapshot(t *testing.T, dir string) []string {
	args, of := []string{"snapshot", "-o", "snapshot"}, "example.yaml"
	var trouble fakeapi.Trouble
	for _, arg := range e.args {
		name, value, _ := strings.Cut(arg, "=")
		switch name {
		case "live":
			of = ""
		case "forbid":
			trouble.Forbid = append(trouble.Forbid, value)
		case "down":
			trouble.Down = append(trouble.Down, value)
		default:
			args = append(args, arg)
		}
	}
	if of != "" {
		return append(args, of)
	}
	var objects []map[string]any
	decoder := yaml.NewDecoder(strings.NewReader(e.input))
	for {
		var o map[string]any
		if err := decoder.Decode(&o); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		objects = append(objects, o)
	}
	server := fakeapi.New(objects, trouble)
	t.Cleanup(server.Close)
	write(t, filepath.Join(dir, "kubeconfig"), server.Kubeconfig())
	return append(args, "--kubeconfig", "kubeconfig")
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// codeOf finds the code of a finding; lint, which has no output to speak of, leaves the effect out.
var codeOf = regexp.MustCompile(`\((PF\d{4})(?:, [a-z]+)?\)$`)

// reported picks from what the program prints the findings of one code: the line, its hint and its related places.
func reported(printed, code string) []string {
	var out []string
	mine := false
	for line := range strings.Lines(printed) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "  ") {
			if mine {
				out = append(out, line)
			}
			continue
		}
		m := codeOf.FindStringSubmatch(line)
		if mine = m != nil && m[1] == code; mine {
			out = append(out, line)
		}
	}
	return out
}

// rewrite puts text into blocks of the page; the blocks come in the order in which they stand.
func (p *page) rewrite(t *testing.T, texts map[*block][]string) {
	t.Helper()
	var blocks []*block
	for b := range texts {
		blocks = append(blocks, b)
	}
	slices.SortFunc(blocks, func(a, b *block) int { return b.first - a.first })
	lines := slices.Clone(p.lines)
	for _, b := range blocks {
		lines = slices.Replace(lines, b.first, b.end, texts[b]...)
	}
	if !slices.Equal(lines, p.lines) {
		write(t, p.path, strings.Join(lines, "\n")+"\n")
	}
}

func (e *example) at(p *page) string { return fmt.Sprintf("%s:%d", p.path, e.line) }
