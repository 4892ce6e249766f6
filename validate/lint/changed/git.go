// Package changed tells which policies a range of git commits touches, and what the set was before it, so that lint can
// say what is wrong with the work of a branch and not with the whole estate.
//
// A range begins where the branch has left BASE (git merge-base) and ends in the working tree, with what is not
// committed and not even added. The git program is asked; nothing is written.
package changed

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Problem is why a range cannot be looked at, and the way out.
type Problem struct{ Message, Hint string }

// Error is the message.
func (p *Problem) Error() string { return p.Message }

func problem(hint, format string, args ...any) *Problem {
	return &Problem{fmt.Sprintf(format, args...), hint}
}

// git runs the program in a directory. The error of a command that fails is an *exec.ExitError.
type git struct{ dir string }

func (g git) run(stdin []byte, args ...string) ([]byte, error) {
	// No hook of the repository's configuration runs, and nobody else's lock is waited for.
	cmd := exec.Command("git", append([]string{"-c", "core.fsmonitor=false", "-c", "core.quotePath=false"}, args...)...)
	cmd.Dir, cmd.Stdin = g.dir, bytes.NewReader(stdin)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0")
	return cmd.Output()
}

// line is the output of a command that prints one line.
func (g git) line(args ...string) (string, error) {
	out, err := g.run(nil, args...)
	return strings.TrimRight(string(out), "\r\n"), err
}

// failure is what git said of a failure.
func failure(err error) string {
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		if text := strings.TrimSpace(string(failed.Stderr)); text != "" {
			return strings.TrimPrefix(strings.SplitN(text, "\n", 2)[0], "fatal: ")
		}
	}
	return err.Error()
}

// open finds the repository around a directory.
func open(dir string) (git, error) {
	root, err := git{dir}.line("rev-parse", "--show-toplevel")
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return git{}, problem("install git, or leave --changed out", "--changed asks git, and there is no git program")
	case err != nil:
		return git{}, problem("run it in a work tree of git, or leave --changed out", "--changed needs a git repository, and this is none: %s", failure(err))
	}
	return git{root}, nil
}

// begin is the commit at which the branch has left base.
func (g git) begin(base string) (string, error) {
	shallow, _ := g.line("rev-parse", "--is-shallow-repository")
	deepen := "fetch it first, for example with git fetch origin " + base
	if shallow == "true" {
		deepen = "the clone is shallow: run git fetch --unshallow, or check out with fetch-depth: 0"
	}
	commit, err := g.line("rev-parse", "--verify", "--quiet", "--end-of-options", base+"^{commit}")
	if err != nil {
		return "", problem(deepen, "git knows no commit %s", base)
	}
	if _, err := g.line("rev-parse", "--verify", "--quiet", "HEAD"); err != nil {
		return "", problem("commit something first", "there is no commit on this branch yet")
	}
	begin, err := g.line("merge-base", commit, "HEAD")
	if err != nil || begin == "" {
		if shallow != "true" {
			deepen = "give a commit that this branch comes from"
		}
		return "", problem(deepen, "%s and this branch have no commit in common", base)
	}
	return begin, nil
}
