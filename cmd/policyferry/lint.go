package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/lint"
	lintreport "github.com/policyferry/policyferry/validate/lint/report"
)

func newLint() *cobra.Command {
	f := &lintFlags{}
	cmd := &cobra.Command{
		Use:   "lint [flags] [PATH...]",
		Short: "find what policy does not do, and what could not leave",
		Long: `Lint judges policy as it stands, offline: whether its CNI enforces it, whether it says
what it seems to, and with --portable-to whether it could leave for another CNI.

A PATH is a file of YAML or JSON, a directory that is read with everything below it,
or - for standard input. Calico's and Cilium's policies may lie together: each CNI's
set is judged by that CNI's ways. Rules that concern several policies, such as order,
see the policies that are given, so give all that are enforced together.

What a repository wants of every run stands in .policyferry.yaml; policyferry config init
writes one.

Findings go to standard output, one line each with its position and code, and below
it a hint; policyferry explain CODE says more.

With --fix what can be said clearer is rewritten in place, and only where policyferry
verify proves that the same is enforced; every other byte of the file stays. With - the
fixed text goes to standard output. --fix-unsafe also makes fixes that change what is
enforced, such as corrected typing mistakes. --diff shows what would be written.

With --changed BASE only what concerns the work of a branch is shown: findings in policies
that are not what they were where the branch left BASE, and findings elsewhere that were
not there before. The whole set is judged all the same.

The exit code is 0 if nothing was found at or above --fail-on, 1 if something was, 2
if a path or the command line cannot be used, and 3 after a fault of policyferry.`,
		Example: `  policyferry lint policies/
  helm template chart/ | policyferry lint -
  policyferry lint --fix policies/
  policyferry lint --changed origin/main policies/
  policyferry lint --portable-to both --cluster facts/ policies/
  policyferry lint --fail-on warning --format text --format json=lint.json policies/`,
		DisableFlagsInUseLine: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if err := f.configure(cmd, args); err != nil {
				return err
			}
			if cmd.Flags().Changed("changed") && f.changed == "" {
				return usage("give a commit or branch, such as origin/main", "--changed names no commit")
			}
			if err := f.check(f.paths); err != nil {
				return err
			}
			return f.readBaseline()
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return runLint(cmd, f, f.paths) },
	}
	f.register(cmd)
	return cmd
}

func runLint(cmd *cobra.Command, f *lintFlags, args []string) error {
	gather(200)
	progress := newProgress(cmd.ErrOrStderr())
	defer progress.done()
	progress.stage("reading")
	run, cluster, err := f.read(cmd, args)
	if err != nil {
		progress.done()
		return err
	}
	var judge judgement = func(set *source.Set, problems diag.List) (*lint.Result, error) {
		r, err := lint.Run(set.Documents, lint.Options{
			CNI: compat.CNI(f.cni), PortableTo: f.targets(), CalicoVersion: f.calicoVersion, CiliumVersion: f.ciliumVersion,
			Cluster: cluster, DefaultNamespace: f.namespace, Reading: problems, Remarks: set.Remarks, Texts: set.Texts,
		})
		if err == nil {
			r.Findings = f.weigh(r.Findings)
		}
		return r, err
	}
	progress.stage("judging")
	if f.changed != "" {
		if judge, err = f.onlyChanged(run, judge); err != nil {
			return err
		}
	}
	if run.result, err = judge(run.set, run.problems); err != nil {
		return err
	}
	if f.fixing() {
		progress.stage("fixing")
		if err := f.mend(run, cluster, judge); err != nil {
			return err
		}
	}
	progress.done()
	return f.finish(cmd, run)
}

// read reads the policies and what is known of the cluster.
func (f *lintFlags) read(cmd *cobra.Command, args []string) (*lintRun, []*source.Document, error) {
	set, problems := source.Read(args, cmd.InOrStdin(), source.Options{KeepText: true})
	problems = f.withoutExcluded(set, problems)
	facts, more := source.Read(f.cluster, nil, source.Options{})
	if unreadable(more) {
		printFindings(cmd.ErrOrStderr(), more.Sorted())
		return nil, nil, &exit{ExitUsage, "the cluster facts cannot be read, so nothing is judged", ""}
	}
	if err := unusable(problems, set); err != nil {
		return nil, nil, err
	}
	return &lintRun{set: set, problems: problems}, facts.Documents, nil
}

// finish writes what was found and fixed, and makes the exit code of it.
func (f *lintFlags) finish(cmd *cobra.Command, run *lintRun) error {
	stderr, result, known := cmd.ErrOrStderr(), run.result, 0
	if f.earlier != nil {
		result.Findings, known = f.earlier.New(result.Findings)
	}
	if f.fixing() {
		if err := f.writeFixed(cmd, run); err != nil {
			return err
		}
		f.tellFixed(stderr, run)
	}
	told := &lintreport.Run{Result: result, Version: version(), Dir: f.dir, Texts: run.set.Texts}
	for _, o := range run.fixed {
		told.Fixed = append(told.Fixed, o.Finding)
	}
	for _, format := range f.formats {
		if err := f.writeLint(cmd, format, told); err != nil {
			return err
		}
	}
	touched := ""
	if run.touched != nil {
		touched = fmt.Sprintf(", %d touched since %s", *run.touched, f.changed)
	}
	if n := len(run.ignored); n > 0 {
		fmt.Fprintf(stderr, "policyferry: %s not taken for work of this branch, since git ignores %s: %s\n",
			count(n, "file is", "files are"), map[bool]string{true: "it", false: "them"}[n == 1], strings.Join(run.ignored[:min(n, 5)], ", ")+map[bool]string{true: ", …"}[n > 5])
	}
	fmt.Fprintf(stderr, "policyferry: %s%s, %s\n", count(len(result.Objects), "policy object", "policy objects"), touched, findingCounts(result))
	if f.earlier != nil {
		fmt.Fprintf(stderr, "%s of the baseline not shown\n", count(known, "finding", "findings"))
		f.earlier.Trend(stderr, result.Portability)
	}
	if slices.ContainsFunc(result.Findings, f.fails) || f.diff && len(run.texts) > 0 {
		return &exit{code: ExitFindings}
	}
	return nil
}

// unusable is the error of a path that cannot be opened, or of input without anything in it. A text that is no YAML is
// a finding.
func unusable(problems diag.List, set *source.Set) error {
	for _, p := range problems.All() {
		if p.Code == diag.Unreadable && p.Pos.Line == 0 {
			return usage("", "%s: %s", p.Pos.File, p.Message)
		}
	}
	if len(set.Documents) == 0 && !slices.ContainsFunc(problems.All(), func(p diag.Finding) bool { return p.Code != diag.EmptyInput }) {
		return usage("give files or directories with policies, or rendered policies on standard input",
			"the input holds no object, so there is nothing to judge (%s)", diag.EmptyInput.ID)
	}
	return nil
}

// writeLint writes the run in a format, NAME for standard output or NAME=FILE.
func (f *lintFlags) writeLint(cmd *cobra.Command, format string, run *lintreport.Run) error {
	name, file, toFile := strings.Cut(format, "=")
	out := cmd.OutOrStdout()
	if f.takesStdout() {
		out = cmd.ErrOrStderr()
	}
	var text bytes.Buffer
	run.Paint = nil
	if !toFile {
		run.Paint = painter(out).severity
	}
	if err := lintreport.Formats[name].Write(&text, run); err != nil {
		return fmt.Errorf("writing the findings as %s: %w", name, err)
	}
	if toFile {
		if err := os.WriteFile(file, text.Bytes(), 0o666); err != nil {
			return usage("", "writing the findings: %v", err)
		}
		return nil
	}
	if _, err := out.Write(text.Bytes()); err != nil {
		return usage("", "writing to standard output: %v", err)
	}
	return nil
}

// findingCounts is how many findings there are of each severity.
func findingCounts(r *lint.Result) string {
	counts := map[diag.Severity]int{}
	for _, f := range r.Findings {
		counts[f.Severity]++
	}
	var parts []string
	for _, s := range []diag.Severity{diag.Error, diag.Warning, diag.Note} {
		if counts[s] > 0 {
			parts = append(parts, plural(counts[s], s.String()))
		}
	}
	if len(parts) == 0 {
		parts = append(parts, "nothing found")
	}
	if n := len(r.Suppressed); n > 0 {
		parts = append(parts, fmt.Sprintf("%d suppressed by comments", n))
	}
	return strings.Join(parts, ", ")
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
