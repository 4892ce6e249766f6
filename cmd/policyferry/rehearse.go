package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/signal"
	"slices"

	"github.com/spf13/cobra"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/rehearse"
	"github.com/policyferry/policyferry/validate/rehearse/acceptance"
	"github.com/policyferry/policyferry/validate/rehearse/history"
	"github.com/policyferry/policyferry/validate/rehearse/page"
	rehearsereport "github.com/policyferry/policyferry/validate/rehearse/report"
	"github.com/policyferry/policyferry/validate/strictyaml"
)

func newRehearse() *cobra.Command {
	f := &rehearseFlags{}
	cmd := &cobra.Command{
		Use:   "rehearse --to cilium|calico [flags] SNAPSHOT...",
		Short: "leave a CNI on paper: would it work, and what must be done first?",
		Long: `Rehearse takes a snapshot of a cluster through the whole way out: it translates the
policies, holds the output to the target's own validation, compares both sets over every
connection, translates back and compares again. It answers with one verdict: ready, ready
with accepted differences, or blocked, and with a runbook for this very estate.

A SNAPSHOT is a directory or file with the policies and what describes the cluster. With
several, each is an estate of its own. Nothing is applied, and no policy is written:
translate does that.

What stands in the way can be accepted, with a reason and until a day, by --accept or in
` + acceptance.Name + `.

The exit code is 0 if every estate is ready, also with accepted differences; 1 if one is
blocked, with --baseline only by what is new; 2 if the input or the command line cannot
be used; 3 after a fault of policyferry itself.`,
		Example: `  # could we leave this month?
  policyferry rehearse --to calico --html report.html --runbook runbook.md snapshots/prod

  # every cluster, every night, with a history
  policyferry rehearse --to cilium --history history/ --json result.json clusters/*

  # in a pull request: fail only for what is new
  policyferry rehearse --to cilium --baseline result.json --markdown comment.md --cluster facts/ policies/`,
		DisableFlagsInUseLine: true,
		Args:                  func(_ *cobra.Command, args []string) error { return f.check(args) },
		RunE:                  func(cmd *cobra.Command, args []string) error { return runRehearse(cmd, f, args) },
	}
	f.register(cmd)
	return cmd
}

func runRehearse(cmd *cobra.Command, f *rehearseFlags, args []string) error {
	progress := newProgress(cmd.ErrOrStderr())
	defer progress.done()
	now, err := f.time()
	if err != nil {
		return err
	}
	o := rehearse.Options{
		To: compat.CNI(f.to), SourceVersion: f.sourceVersion, TargetVersion: f.targetVersion, Namespace: f.namespace,
		Now: now, Version: version(), Progress: progress.stage,
	}
	if o.Acceptances, err = f.readAcceptances(); err != nil {
		return err
	}
	if o.Baseline, err = f.readBaseline(); err != nil {
		return err
	}
	progress.stage("reading")
	snapshots, err := f.readSnapshots(cmd, args, &o)
	if err != nil {
		progress.done()
		return err
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
	defer stop()
	result, err := rehearse.Run(ctx, snapshots, o)
	progress.done()
	if err != nil {
		return err
	}
	printOwn(cmd, result)
	if err := f.write(cmd, result); err != nil {
		return err
	}
	return f.code(result)
}

// printOwn prints the findings of the rehearsal itself. What the translation reports stands in the outputs, and is what
// policyferry translate prints.
func printOwn(cmd *cobra.Command, r *rehearse.Result) {
	own := slices.Clone(r.Findings)
	for _, e := range r.Estates {
		for _, f := range e.Findings {
			if f.Code >= "PF5" && f.Acceptance == 0 {
				own = append(own, f)
			}
		}
	}
	var findings []diag.Finding
	for _, f := range own {
		code, _ := diag.Lookup(f.Code)
		findings = append(findings, diag.Finding{Code: code, Pos: f.Position, Object: f.Object, Path: f.Path, Message: f.Message, Hint: f.Hint, Related: f.Related, Override: diag.Effect(f.Effect)})
	}
	printFindings(cmd.ErrOrStderr(), findings)
}

// code is the exit code for a result.
func (f *rehearseFlags) code(r *rehearse.Result) error {
	switch {
	case r.Fault:
		return &exit{ExitFault, "a translation is not what its findings say, which is a fault of policyferry itself", "please report it with the snapshot"}
	case r.Verdict != rehearse.Blocked, r.Baseline && r.New == 0:
		return nil
	}
	return &exit{code: ExitFindings}
}

func (f *rehearseFlags) readAcceptances() ([]rehearse.Acceptance, error) {
	var out []rehearse.Acceptance
	for _, text := range f.accept {
		a, err := acceptance.ParseFlag(text)
		if err != nil {
			return nil, usage("write it as "+acceptance.Flag, "--accept: %v", err)
		}
		out = append(out, a)
	}
	file := f.acceptances
	switch {
	case file == "none":
		return out, nil
	case file == "":
		file = acceptance.Name
	}
	text, err := os.ReadFile(file)
	if f.acceptances == "" && errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return nil, usage("docs/rehearse.md shows one", "the acceptances cannot be read: %v", err)
	}
	more, err := acceptance.Parse(file, text)
	var problem *strictyaml.Problem
	if errors.As(err, &problem) {
		return nil, usage(problem.Hint, "%s", problem.Error())
	}
	return append(out, more...), nil
}

func (f *rehearseFlags) readBaseline() (*rehearse.Result, error) {
	if f.baseline == "" {
		return nil, nil
	}
	const hint = "policyferry rehearse --json FILE writes one"
	text, err := os.ReadFile(f.baseline)
	if err != nil {
		return nil, usage(hint, "the baseline cannot be read: %v", err)
	}
	var r rehearse.Result
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&r); err != nil || r.Verdict == "" {
		return nil, usage(hint, "the baseline %s is no result of a rehearsal", f.baseline)
	}
	if r.To != f.to {
		return nil, usage("rehearse to the same CNI, or take another baseline", "the baseline %s is of a rehearsal to %s", f.baseline, r.To)
	}
	return &r, nil
}

// write writes the result in every form that is asked for.
func (f *rehearseFlags) write(cmd *cobra.Command, r *rehearse.Result) error {
	outputs := []struct {
		file  string
		write func(*bytes.Buffer) error
	}{
		{f.json, func(b *bytes.Buffer) error { return writeJSON(b, r) }},
		{f.markdown, func(b *bytes.Buffer) error { return rehearsereport.Markdown(b, r) }},
		{f.runbook, func(b *bytes.Buffer) error { return rehearsereport.Runbook(b, r) }},
		{f.html, func(b *bytes.Buffer) error { return page.Write(b, r) }},
	}
	for _, o := range outputs {
		var text bytes.Buffer
		if o.file == "" {
			continue
		}
		if err := o.write(&text); err != nil {
			return err
		}
		if err := f.put(cmd, o.file, text.Bytes()); err != nil {
			return err
		}
	}
	if f.history != "" {
		if err := history.Write(f.history, r); err != nil {
			return usage("", "writing the history: %v", err)
		}
	}
	if f.toStdout() > 0 {
		return nil
	}
	return rehearsereport.Text(cmd.OutOrStdout(), r)
}

func (f *rehearseFlags) put(cmd *cobra.Command, file string, text []byte) error {
	if file == "-" {
		if _, err := cmd.OutOrStdout().Write(text); err != nil {
			return usage("", "writing to standard output: %v", err)
		}
		return nil
	}
	if err := os.WriteFile(file, text, 0o666); err != nil {
		return usage("", "writing the result: %v", err)
	}
	return nil
}
