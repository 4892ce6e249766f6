package main

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
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/policyferry/policyferry/validate/snapshot/fakeapi"
)

// columns is the width of the terminal.
const columns = 64

// onTerminal runs policyferry with a terminal as its standard error, and returns what was written to it.
func onTerminal(t *testing.T, env []string, stdin io.Reader, args ...string) string {
	t.Helper()
	terminal, its, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	if err := pty.Setsize(its, &pty.Winsize{Rows: 30, Cols: columns}); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("policyferry", args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, io.Discard, its
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "CI=") || strings.HasPrefix(v, "TERM=") }), env...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	its.Close()
	var all bytes.Buffer
	_, _ = io.Copy(&all, terminal) // ends with an error when nobody writes any more
	var failed *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	return all.String()
}

// frames are what one saw on the terminal, one after the other, and left is what stays on it.
func frames(text string) (seen []string, left string) {
	for line := range strings.SplitSeq(text, "\n") {
		cleared := strings.NewReplacer("\x1b[0K", "", "\x1b[2K", "\r").Replace(strings.TrimSuffix(line, "\r"))
		for frame := range strings.SplitSeq(cleared, "\r") {
			seen, line = append(seen, frame), frame
		}
		left += line + "\n"
	}
	return seen, left
}

// showed fails unless a frame matches.
func showed(t *testing.T, seen []string, pattern string) {
	t.Helper()
	if !slices.ContainsFunc(seen, regexp.MustCompile(pattern).MatchString) {
		t.Errorf("nothing that was shown matches %s:\n%s", pattern, strings.Join(seen, "\n"))
	}
	for _, frame := range seen {
		if strings.Contains(frame, "reading") && len([]rune(frame)) > columns {
			t.Errorf("wider than the terminal: %s", frame)
		}
	}
}

// manyPods is a cluster whose pods fill several pages, each of which takes a while.
func manyPods(t *testing.T, while time.Duration) (kubeconfig string) {
	t.Helper()
	var objects []map[string]any
	for i := range 2600 {
		objects = append(objects, map[string]any{"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": fmt.Sprintf("pod-%04d", i), "namespace": "shop"}})
	}
	server := fakeapi.New(objects, fakeapi.Trouble{Slow: while})
	t.Cleanup(server.Close)
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(path, []byte(server.Kubeconfig()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestProgressOfSnapshot(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	seen, left := frames(onTerminal(t, []string{"TERM=xterm"}, nil, "snapshot", "--kubeconfig", manyPods(t, 150*time.Millisecond), "-o", out))
	showed(t, seen, `^reading 4/\d+ pods +\d\d% \|█+ +\| \((1000|1500|2000)/2600\) \[`)
	if !strings.HasPrefix(left, "policyferry: 0 objects of policy, 2600 objects it depends on") || strings.Contains(left, "reading") {
		t.Errorf("what stays is %q", left)
	}
	args := []string{"snapshot", "--kubeconfig", manyPods(t, 0), "-o", out}
	for _, env := range [][]string{{"TERM=xterm", "CI=true"}, {"TERM=dumb"}} {
		if text := onTerminal(t, env, nil, args...); !strings.HasPrefix(text, "policyferry: ") {
			t.Errorf("%q: %q", env, text)
		}
	}
	cmd := exec.Command("policyferry", args...)
	if text, err := cmd.CombinedOutput(); err != nil || !strings.HasPrefix(string(text), "policyferry: ") || strings.ContainsAny(string(text), "\r\x1b") {
		t.Errorf("into a pipe: %v, %q", err, text)
	}
}

// TestProgressOfReplay: the size of files is known, that of standard input is not.
func TestProgressOfReplay(t *testing.T) {
	estate := filepath.Join("..", "..", "fixtures", "estates", "calico-platform")
	flows := filepath.Join(estate, "flows.jsonl")
	args := []string{"replay", "--cluster", filepath.Join(estate, "cluster"), "--before", filepath.Join(estate, "policies"), "--fail-on", "never"}
	seen, left := frames(onTerminal(t, []string{"TERM=xterm"}, nil, append(args, flows)...))
	showed(t, seen, `^reading flows +\d+% \|[█ ]+\| \(.*/1\.5 MB.*\) \[`)
	if strings.Contains(left, "reading") {
		t.Errorf("what stays is %q", left)
	}
	text, err := os.ReadFile(flows)
	if err != nil {
		t.Fatal(err)
	}
	seen, left = frames(onTerminal(t, []string{"TERM=xterm"}, &slow{text}, append(args, "-")...))
	showed(t, seen, `^. reading flows \(\d.* [kM]B.*/s\) \[`)
	if strings.Contains(left, "reading") {
		t.Errorf("what stays is %q", left)
	}
}

// slow is a text that comes in small parts, so that there is something to show meanwhile.
type slow struct{ text []byte }

func (s *slow) Read(p []byte) (int, error) {
	if len(s.text) == 0 {
		return 0, io.EOF
	}
	time.Sleep(10 * time.Millisecond)
	n := copy(p, s.text)
	s.text = s.text[n:]
	return n, nil
}

// TestBarMoves draws a bar at several places of its way, and begins it again.
func TestBarMoves(t *testing.T) {
	t.Setenv("CI", "")
	t.Setenv("TERM", "xterm")
	terminal, its, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	if err := pty.Setsize(its, &pty.Winsize{Rows: 30, Cols: columns}); err != nil {
		t.Fatal(err)
	}
	text := make(chan string)
	go func() {
		all, _ := io.ReadAll(terminal)
		text <- string(all)
	}()
	p := newProgress(its)
	p.stage("reading policies")
	p.bytes("reading flows", 2_000_000)
	for _, n := range []int64{500_000, 1_000_000} {
		time.Sleep(150 * time.Millisecond)
		p.at(n)
	}
	for _, n := range []int{500, 1000, 500} { // the list is begun again
		p.count("reading pods", n, 1200)
		time.Sleep(150 * time.Millisecond)
	}
	p.count("reading pods", 1000, 1200)
	p.count("reading pods", 1200, 1200)
	p.stage("reading 44/57 ciliumclusterwidenetworkpolicies.cilium.io")
	p.count("reading 45/57 stagedkubernetesnetworkpolicies.crd.projectcalico.org", 500, 12000)
	p.count("reading services", 500, -1)
	time.Sleep(150 * time.Millisecond)
	p.count("reading services", 1000, -1)
	time.Sleep(150 * time.Millisecond)
	p.done()
	p.done()
	its.Close()
	seen, left := frames(<-text)
	for _, pattern := range []string{`reading policies`, `^. reading 44/57 ciliumclusterwidene…`, `^reading 45/57 staged.*…   0%`, `^reading flows +0% .*2\.0 MB`, `^reading flows +25% .*500 kB/2\.0 MB`, `^reading flows +50% .*1\.0/2\.0 MB`,
		`^reading pods +83% .*1000/1200`, `^. reading services \((500|1000)\)`} {
		showed(t, seen, pattern)
	}
	if strings.TrimSpace(left) != "" {
		t.Errorf("what stays is %q", left)
	}
}
