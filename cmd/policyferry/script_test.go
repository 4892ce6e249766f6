package main

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the expected files of the scripts")

// TestMain makes policyferry a command of the scripts, run by this very binary.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"policyferry": main, "kubectl-policyferry": main, "kubectl_complete-policyferry": main})
}

// TestScripts runs the scripts, each in an empty directory with the cast of the stories beside its own files.
func TestScripts(t *testing.T) {
	cast, err := filepath.Abs(filepath.Join("..", "..", "fixtures", "cast"))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:           filepath.Join("testdata", "script"),
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("CAST", cast)
			// A PATH on which there is policyferry, and surely no engine.
			env.Setenv("ALONE", filepath.SplitList(os.Getenv("PATH"))[0])
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, errors.New("unknown condition " + name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "fakeapi": fakeCluster},
	})
}

// exits runs a program and holds it to its exit code: exits 2 policyferry translate.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits code program [args...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		got = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}
