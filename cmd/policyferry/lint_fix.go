package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/emit"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/lint"
	"github.com/policyferry/policyferry/validate/lint/mend"
)

// maxPasses is how often fixes are made one after the other, since one may make way for the next.
const maxPasses = 10

// fixing reports whether texts are to be changed, or the changes shown.
func (f *lintFlags) fixing() bool { return f.fix || f.fixUnsafe || f.diff }

// takesStdout reports whether standard output is for texts and not for findings.
func (f *lintFlags) takesStdout() bool { return f.diff || f.fixing() && slices.Contains(f.paths, "-") }

// lintRun is one run of lint and what it has fixed.
type lintRun struct {
	set      *source.Set
	problems diag.List
	result   *lint.Result
	// texts are those of the files that were fixed; before holds them as they were.
	texts, before map[string][]byte
	fixed         []mend.Outcome
	refused       []mend.Outcome
	synthetic     bool
	// touched is how many policies the range of --changed touches; nil without one.
	touched *int
	// ignored are the files that git ignores, in which that range touches nothing.
	ignored []string
}

// judgement lints what was read.
type judgement func(*source.Set, diag.List) (*lint.Result, error)

// mend makes fixes until there are none to be made any more.
func (f *lintFlags) mend(run *lintRun, cluster []*source.Document, judge judgement) error {
	run.texts, run.before = map[string][]byte{}, run.set.Texts
	for range maxPasses {
		shown := *run.result
		if f.earlier != nil { // what is not shown is not fixed
			shown.Findings, _ = f.earlier.New(shown.Findings)
		}
		r, err := mend.Run(run.set, run.problems, &shown, mend.Options{Unsafe: f.fixUnsafe, Cluster: cluster, DefaultNamespace: f.namespace})
		if err != nil {
			return err
		}
		run.refused = nil
		for _, o := range r.Outcomes {
			switch {
			case o.Refused == "":
				run.fixed = append(run.fixed, o)
			case !o.Waits():
				run.refused = append(run.refused, o)
			}
		}
		if len(r.Texts) == 0 {
			return nil
		}
		run.synthetic = run.synthetic || r.Synthetic
		maps.Copy(run.texts, r.Texts)
		first := run.problems
		run.set, run.problems = source.Reread(run.set, r.Texts, source.Options{KeepText: true})
		for _, p := range first.All() {
			if p.Pos.Line == 0 { // of a whole file or directory
				run.problems.Add(p)
			}
		}
		run.problems = f.withoutExcluded(run.set, run.problems)
		if run.result, err = judge(run.set, run.problems); err != nil {
			return err
		}
	}
	return nil
}

// writeFixed writes the files, or prints what they would become.
func (f *lintFlags) writeFixed(cmd *cobra.Command, run *lintRun) error {
	names := slices.Sorted(maps.Keys(run.texts))
	if f.diff {
		return printed(cmd.OutOrStdout(), f.diffs(run, names))
	}
	if slices.Contains(f.paths, "-") {
		text, changed := run.texts[source.Stdin]
		if !changed {
			text = run.before[source.Stdin]
		}
		return printed(cmd.OutOrStdout(), text)
	}
	var files []emit.File
	texts := map[string][]byte{} // by the files that they are for, whatever these are called
	for _, name := range names {
		file, err := replacing(name, run.before[name], run.texts[name])
		if err != nil {
			return usage("", "fixing %s: %v; nothing is written", name, err)
		}
		at, err := filepath.Abs(file.Path)
		if err != nil {
			return usage("", "fixing %s: %v; nothing is written", name, err)
		}
		text, twice := texts[at]
		if twice && !bytes.Equal(text, file.Data) {
			return usage("name it once", "fixing %s: it is read under two names, and would not be the same under both; nothing is written", name)
		}
		if !twice {
			files, texts[at] = append(files, file), file.Data
		}
	}
	if err := emit.WriteFiles(files, true); err != nil {
		return usage("", "%v", err)
	}
	return nil
}

func printed(w io.Writer, text []byte) error {
	if _, err := w.Write(text); err != nil {
		return usage("", "writing to standard output: %v", err)
	}
	return nil
}

// diffs are the changes as git apply and patch -p1 read them.
func (f *lintFlags) diffs(run *lintRun, names []string) []byte {
	var out []byte
	for _, name := range names {
		shown := filepath.ToSlash(name)
		if rel, err := filepath.Rel(f.dir, name); filepath.IsAbs(name) && err == nil && filepath.IsLocal(rel) {
			shown = filepath.ToSlash(rel)
		}
		shown = strings.TrimPrefix(shown, "/")
		text := diff.Diff("a/"+shown, run.before[name], "b/"+shown, run.texts[name])
		if strings.Contains(shown, " ") { // patch takes the first blank for the end of a name, if no tab ends it
			text = bytes.Replace(text, []byte("\n--- a/"+shown+"\n"), []byte("\n--- a/"+shown+"\t\n"), 1)
			text = bytes.Replace(text, []byte("\n+++ b/"+shown+"\n"), []byte("\n+++ b/"+shown+"\t\n"), 1)
		}
		out = append(out, text...)
	}
	return out
}

// replacing is the file with its new text. A link stays one, and what somebody else has written in between is kept.
func replacing(name string, before, after []byte) (emit.File, error) {
	path, err := filepath.EvalSymlinks(name)
	if err != nil {
		return emit.File{}, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return emit.File{}, err
	}
	now, err := os.ReadFile(path)
	if err != nil {
		return emit.File{}, err
	}
	if string(now) != string(before) {
		return emit.File{}, fmt.Errorf("it has changed since it was read")
	}
	return emit.File{Path: path, Data: after, Replace: true, Mode: info.Mode().Perm()}, nil
}

// tellFixed says on standard error what was fixed, and what was not and why.
func (f *lintFlags) tellFixed(w io.Writer, run *lintRun) {
	verb := "fixed"
	if f.diff {
		verb = "to fix"
	}
	for _, o := range run.fixed {
		effect := ""
		if o.Finding.Fix.Unsafe != "" {
			effect = ", which changes nothing that is enforced"
			if o.Answer != "" {
				effect = ", and what the policy allows is " + map[string]string{"less": "less", "more": "more", "incomparable": "less and more"}[o.Answer]
			}
			if o.Answer == "unknown" {
				effect = ", and what the policy allows then is not known"
			}
		}
		fmt.Fprintf(w, "%s: %s: %s%s (%s)\n", o.Finding.Pos, verb, o.Finding.Fix.Title, effect, o.Finding.Code.ID)
	}
	for _, o := range run.refused {
		fmt.Fprintf(w, "%s: not fixed: %s (%s)\n  because: %s\n", o.Finding.Pos, o.Finding.Fix.Title, o.Finding.Code.ID, o.Refused)
	}
	left := 0
	for _, x := range run.result.Findings {
		if x.Fix != nil && x.Fix.Unsafe != "" && !f.fixUnsafe {
			left++
		}
	}
	if left > 0 {
		fmt.Fprintf(w, "policyferry: %s may change what is enforced and only --fix-unsafe makes them\n", count(left, "more fix", "more fixes"))
	}
	if n := len(run.fixed); n > 0 {
		proven := ""
		if run.synthetic {
			proven = "; without the pods of the cluster, for one that is made of what the policies name"
		}
		fmt.Fprintf(w, "policyferry: %s in %s%s\n", count(n, "finding ", "findings ")+verb, count(len(run.texts), "file", "files"), proven)
	}
}
