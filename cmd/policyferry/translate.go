package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/policyferry/policyferry/translate"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/claim"
	"github.com/policyferry/policyferry/validate/schema"
)

func newTranslate() *cobra.Command {
	f := &translateFlags{}
	cmd := &cobra.Command{
		Use:   "translate --to cilium|calico [flags] PATH...",
		Short: "translate a policy set into the other CNI's policy",
		Long: `Translate reads every policy that one CNI enforces together and writes the set that
the other CNI needs to give the same verdicts. Give it the whole set: order, tiers
and default deny are properties of the set and not of one policy.

A PATH is a file of YAML or JSON, a directory that is read with everything below it,
or - for standard input. Objects that are no policy feed the cluster facts, or are
counted and passed over.

Findings go to standard error, the translated policies to standard output or to the
directory given with -o. Nothing is written if that would open something, unless the
code of the finding is accepted.

The exit code is 0 if there is nothing to report, 1 if something was narrowed, opened
or refused (see --fail-on), 2 if the input or the command line cannot be used, and 3
after a fault of policyferry itself.`,
		Example: `  # what a cluster enforces, from its API server to Cilium's policies
  kubectl get -A -o yaml networkpolicies,networkpolicies.crd.projectcalico.org,globalnetworkpolicies.crd.projectcalico.org |
    policyferry translate --to cilium --cluster facts/ - > cilium.yaml

  # a repository of policies, file by file
  policyferry translate --to calico --cluster facts/ -o calico/ --layout mirror policies/

  # accept that host policy opens something, and keep the books
  policyferry translate --to cilium --accept PF2013 --report report.json policies/ > cilium.yaml`,
		DisableFlagsInUseLine: true,
		Args:                  func(_ *cobra.Command, args []string) error { return f.check(args) },
		RunE:                  func(cmd *cobra.Command, args []string) error { return runTranslate(cmd, f, args) },
	}
	f.register(cmd)
	return cmd
}

func runTranslate(cmd *cobra.Command, f *translateFlags, args []string) error {
	progress := newProgress(cmd.ErrOrStderr())
	defer progress.done()
	progress.stage("reading")
	set, problems := source.Read(args, cmd.InOrStdin(), source.Options{})
	facts, more := source.Read(f.cluster, nil, source.Options{})
	problems.Append(more)
	names, more := readNames(f.fqdnCache)
	problems.Append(more)
	if unreadable(problems) {
		progress.done()
		printFindings(cmd.ErrOrStderr(), problems.Sorted())
		return &exit{ExitUsage, "the input cannot be read, so nothing is written", ""}
	}
	progress.stage("translating")
	result, err := translate.Translate(set.Documents, translate.Options{
		To: compat.CNI(f.to), From: compat.CNI(f.from), SourceVersion: f.sourceVersion, TargetVersion: f.targetVersion,
		Cluster: facts.Documents, Accept: f.accept, DefaultNamespace: f.namespace, FQDNCache: names,
		Enforced: schema.Enforced, Accepts: schema.Accepts,
	})
	if err != nil {
		return err
	}
	result.Findings = append(problems.Sorted(), result.Findings...)
	verified := ""
	if f.verify && len(result.Blocked) == 0 && len(result.Objects) > 0 {
		progress.stage("comparing")
		verified, err = verifyTranslation(&claim.Claim{Policies: set.Documents, Cluster: facts.Documents, Namespace: f.namespace, Names: names, Result: result})
	}
	progress.done()
	if err != nil {
		return err
	}
	return finish(cmd.OutOrStdout(), cmd.ErrOrStderr(), f, result, verified)
}

// verifyTranslation says how the comparison of source and output ended. A difference that the findings do not announce
// becomes one, and blocks the output.
func verifyTranslation(c *claim.Claim) (string, error) {
	o, err := c.Check()
	switch {
	case err != nil:
		return "", usage("give the cluster with --cluster, or leave --verify out", "the translation cannot be verified, so nothing is written: %v", err)
	case o.Fault != nil:
		c.Result.Findings = append(c.Result.Findings, *o.Fault)
		c.Result.Blocked = append(c.Result.Blocked, *o.Fault)
		return "", nil
	}
	return "verified: " + o.String(), nil
}

// unreadable reports whether part of the input could not be read: then the set is not whole, and a translation of
// the rest would be a guess.
func unreadable(problems diag.List) bool {
	return slices.ContainsFunc(problems.All(), func(f diag.Finding) bool { return f.Code.Severity == diag.Error })
}

// finish prints, writes and decides the exit code.
func finish(stdout, stderr io.Writer, f *translateFlags, r *translate.Result, verified string) error {
	printFindings(stderr, r.Findings)
	if len(r.Objects) == 0 && len(r.Blocked) == 0 {
		return noPolicy(r)
	}
	written := len(r.Blocked) == 0
	if err := write(stdout, f, r, written); err != nil {
		return err
	}
	printSummary(stderr, r, written)
	if verified != "" {
		fmt.Fprintln(stderr, verified)
	}
	switch {
	case slices.ContainsFunc(r.Blocked, ourFault):
		return &exit{ExitFault, "nothing is written because of a fault of policyferry itself", "please report it with the input that caused it"}
	case !written:
		return &exit{ExitFindings, "nothing is written, because " + blockedBecause(r.Blocked),
			"mend the findings with effect opens or refused, or accept them with --accept " + strings.Join(codesOf(r.Blocked), ",")}
	case fails(f, r):
		return &exit{code: ExitFindings}
	}
	return nil
}

// noPolicy is the answer to an input without any policy: an empty output would look like a translation.
func noPolicy(r *translate.Result) error {
	read := "the input holds no object"
	if len(r.PassedOver) > 0 {
		read = "the input holds " + kindCounts(r.PassedOver)
	}
	return usage("give the policies that the source CNI enforces, and facts about the cluster with --cluster",
		"%s and no policy of %s, so nothing is written (%s)", read, r.Source, diag.EmptyInput.ID)
}

func ourFault(f diag.Finding) bool { return strings.HasPrefix(f.Code.ID, "PF9") }

// blockedBecause says why the output is held back.
func blockedBecause(blocked []diag.Finding) string {
	if slices.ContainsFunc(blocked, func(f diag.Finding) bool { return f.Effect() == diag.Opens }) {
		return "the output would open what the source closes"
	}
	return plural(len(blocked), "finding") + " refused part of the input, and what is left out may be what closes something"
}

func codesOf(findings []diag.Finding) []string {
	var out []string
	for _, f := range findings {
		out = append(out, f.Code.ID)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// fails applies --fail-on.
func fails(f *translateFlags, r *translate.Result) bool {
	if f.failOn == "never" {
		return false
	}
	severity, err := diag.ParseSeverity(f.failOn)
	return slices.ContainsFunc(r.Findings, func(x diag.Finding) bool {
		if f.accepts(x.Code) {
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
