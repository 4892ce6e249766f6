package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/policyferry/policyferry/translate"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/schema"
)

// translateFlags are the flags of the translate command.
type translateFlags struct {
	to, from                     string
	cluster                      []string
	sourceVersion, targetVersion string
	namespace                    string
	accept                       []string
	failOn                       string
	output, layout, format       string
	report                       string
	force                        bool
}

func newTranslate() *cobra.Command {
	f := &translateFlags{}
	cmd := &cobra.Command{
		Use:   "translate --to cilium|calico [flags] PATH...|-",
		Short: "translate a policy set into the other CNI's policy",
		Long: `Translate reads every policy that one CNI enforces together and writes the set that
the other CNI needs to give the same verdicts. Give it the whole set: order, tiers
and default deny are properties of the set and not of one policy.

Findings go to standard error, the translated policies to standard output or to the
directory given with -o. Nothing is written if that would open something, unless the
code of the finding is accepted.`,
		Example: `  kubectl get networkpolicies.crd,globalnetworkpolicies.crd,networkpolicies -A -o yaml |
    policyferry translate --to cilium --cluster facts/ - > cilium.yaml
  policyferry translate --to calico --cluster facts/ -o calico/ policies/
  policyferry translate --to calico --accept PF2020 policies/`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runTranslate(cmd, f, args) },
	}
	fs := cmd.Flags()
	fs.StringVar(&f.to, "to", "", "the CNI that the output is for: cilium or calico (required)")
	fs.StringVar(&f.from, "from", "", "the CNI that the input is for, if its kinds do not tell")
	fs.StringArrayVar(&f.cluster, "cluster", nil, "file or directory of cluster facts: kubectl get -o yaml output, ClusterFacts")
	fs.StringVar(&f.sourceVersion, "source-version", "", "release of the source CNI, such as 3.31")
	fs.StringVar(&f.targetVersion, "target-version", "", "release of the target CNI, such as 1.20")
	fs.StringVarP(&f.namespace, "namespace", "n", "", `namespace of objects that name none (default "default")`)
	fs.StringSliceVar(&f.accept, "accept", nil, "code of a finding to accept, such as PF2013; may be repeated")
	fs.StringVar(&f.failOn, "fail-on", "", "exit 1 at this severity: note, warning, error, never (default: whatever narrows, opens or is refused)")
	fs.StringVarP(&f.output, "output", "o", "-", "directory to write to, or - for standard output")
	fs.StringVar(&f.layout, "layout", "objects", "files in the directory: objects (one each) or mirror (one for each source file)")
	fs.StringVar(&f.format, "format", "yaml", "format of the output: yaml or json")
	fs.StringVar(&f.report, "report", "", "write a JSON report with the fate of every field to this file, - for standard output")
	fs.BoolVar(&f.force, "force", false, "overwrite files that policyferry did not write")
	must(cmd.MarkFlagRequired("to"))
	choices(cmd, "to", "cilium", "calico")
	choices(cmd, "from", "cilium", "calico")
	choices(cmd, "layout", "objects", "mirror")
	choices(cmd, "format", "yaml", "json")
	choices(cmd, "fail-on", "note", "warning", "error", "never")
	return cmd
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// choices offers the values of a flag to shell completion.
func choices(cmd *cobra.Command, flag string, values ...string) {
	must(cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)))
}

// check refuses flag values that do not exist, before anything is read.
func (f *translateFlags) check() error {
	for _, c := range []struct {
		flag, value string
		values      []string
	}{
		{"to", f.to, []string{"cilium", "calico"}},
		{"from", f.from, []string{"", "cilium", "calico"}},
		{"layout", f.layout, []string{"objects", "mirror"}},
		{"format", f.format, []string{"yaml", "json"}},
		{"fail-on", f.failOn, []string{"", "note", "warning", "error", "never"}},
	} {
		if !slices.Contains(c.values, c.value) {
			return usage("see policyferry translate --help", "--%s %q is not a choice", c.flag, c.value)
		}
	}
	if f.output == "-" && f.report == "-" {
		return usage("give -o a directory, or --report a file", "the policies and the report cannot both go to standard output")
	}
	for _, code := range f.accept {
		if _, ok := diag.Lookup(code); !ok {
			return usage("policyferry explain lists the codes", "--accept: unknown code %q", code)
		}
	}
	return nil
}

func runTranslate(cmd *cobra.Command, f *translateFlags, args []string) error {
	if err := f.check(); err != nil {
		return err
	}
	progress := newProgress(cmd.ErrOrStderr())
	defer progress.done()
	progress.stage("reading")
	set, problems := source.Read(args, cmd.InOrStdin(), source.Options{})
	facts, more := source.Read(f.cluster, nil, source.Options{})
	problems.Append(more)
	if unreadable(problems) {
		progress.done()
		printFindings(cmd.ErrOrStderr(), problems.Sorted())
		return &exit{ExitUsage, "the input cannot be read, so nothing is written", ""}
	}
	progress.stage("translating")
	result, err := translate.Translate(set.Documents, translate.Options{
		To: compat.CNI(f.to), From: compat.CNI(f.from), SourceVersion: f.sourceVersion, TargetVersion: f.targetVersion,
		Cluster: facts.Documents, Accept: f.accept, DefaultNamespace: f.namespace,
		Enforced: schema.Enforced, Accepts: schema.Accepts,
	})
	if err != nil {
		return err
	}
	result.Findings = append(problems.Sorted(), result.Findings...)
	progress.done()
	return finish(cmd, f, result)
}

// unreadable reports whether part of the input could not be read: then the set is not whole, and a translation of
// the rest would be a guess.
func unreadable(problems diag.List) bool {
	return slices.ContainsFunc(problems.All(), func(f diag.Finding) bool { return f.Code.Severity == diag.Error })
}

// finish prints, writes and decides the exit code.
func finish(cmd *cobra.Command, f *translateFlags, r *translate.Result) error {
	printFindings(cmd.ErrOrStderr(), r.Findings)
	written := len(r.Blocked) == 0
	if written {
		if err := writeOutputs(cmd.OutOrStdout(), f, r); err != nil {
			return err
		}
	}
	if f.report != "" {
		if err := writeReport(cmd.OutOrStdout(), f.report, r); err != nil {
			return err
		}
	}
	printSummary(cmd.ErrOrStderr(), r, written)
	switch {
	case slices.ContainsFunc(r.Blocked, func(b diag.Finding) bool { return b.Code.ID >= "PF9000" }):
		return &exit{ExitFault, "nothing is written because of a fault of policyferry itself", "please report it with the input that caused it"}
	case !written:
		return &exit{ExitFindings, "nothing is written, because " + blockedBecause(r.Blocked),
			"mend the findings with effect opens or refused, or accept them with --accept " + r.Blocked[0].Code.ID}
	case fails(f, r):
		return &exit{code: ExitFindings}
	}
	return nil
}

// blockedBecause says why the output is held back.
func blockedBecause(blocked []diag.Finding) string {
	if slices.ContainsFunc(blocked, func(f diag.Finding) bool { return f.Effect() == diag.Opens }) {
		return "the output would open what the source closes"
	}
	return plural(len(blocked), "finding") + " refused part of the input, and what is left out may be what closes something"
}

// fails applies --fail-on.
func fails(f *translateFlags, r *translate.Result) bool {
	if f.failOn == "never" {
		return false
	}
	severity, err := diag.ParseSeverity(f.failOn)
	accepted := map[string]bool{}
	for _, a := range f.accept {
		code, _ := diag.Lookup(a)
		accepted[code.ID] = true
	}
	return slices.ContainsFunc(r.Findings, func(x diag.Finding) bool {
		if accepted[x.Code.ID] {
			return false
		}
		if err == nil {
			return x.Code.Severity >= severity
		}
		e := x.Effect()
		return e == diag.Narrows || e == diag.Opens || e == diag.Refused
	})
}

func plural(n int, one string) string {
	if n == 1 {
		return fmt.Sprintf("%d %s", n, one)
	}
	return fmt.Sprintf("%d %ss", n, one)
}
