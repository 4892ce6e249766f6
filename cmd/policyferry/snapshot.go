package main

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/snapshot"
)

// snapshotFlags are the flags of the snapshot command.
type snapshotFlags struct {
	output              string
	kubeconfig, context string
	namespaces          []string
	salt                string
	force, anonymise    bool
}

func newSnapshot() *cobra.Command {
	f := &snapshotFlags{}
	cmd := &cobra.Command{
		Use:   "snapshot [flags] -o DIR [PATH...]",
		Short: "take a cluster's policy and what it depends on into a directory",
		Long: `Snapshot writes the policies of both CNIs and of the standard APIs, and what they depend
on (namespaces, labels and addresses of pods, nodes, services, the CNIs' settings and
versions), as one directory of plain YAML. Translate, verify and lint take it as
--cluster and as the policies, and it is fit for git: the same cluster gives the same
files. Secrets are never read.

Without PATH the cluster of the kubeconfig is read, with get and list only. A kind that
may not be read is reported, and is missing. PATH is the output of kubectl get -o yaml,
or an earlier snapshot; then nothing is contacted.

The exit code is 0 if everything was read; 1 if the snapshot was written and something
is missing in it; 2 if nothing was written.`,
		Example: `  # a live cluster
  policyferry snapshot --context prod -o clusters/prod

  # for a bug report
  policyferry snapshot --anonymise -o shown/ clusters/prod

  # what kubectl has written
  policyferry snapshot -o clusters/prod exported/`,
		DisableFlagsInUseLine: true,
		Args:                  func(_ *cobra.Command, args []string) error { return f.check(args) },
		RunE:                  func(cmd *cobra.Command, args []string) error { return runSnapshot(cmd, f, args) },
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVarP(&f.output, "output", "o", "", "directory to write (required)")
	fs.StringVar(&f.kubeconfig, "kubeconfig", "", "kubeconfig of the cluster (default: KUBECONFIG, ~/.kube/config, or the pod that this runs in)")
	fs.StringVar(&f.context, "context", "", "context of the kubeconfig (default: the current one)")
	fs.StringArrayVarP(&f.namespaces, "namespace", "n", nil, "read this namespace only; may be repeated (default: all)")
	fs.BoolVar(&f.anonymise, "anonymise", false, "rename what is the user's own, so that the snapshot can be shown; verdicts stay the same")
	fs.StringVar(&f.salt, "salt", "", "what the new names depend on: the same salt gives the same names (default: another one each time)")
	fs.BoolVar(&f.force, "force", false, "replace the directory even if it holds something else than a snapshot")
	must(cmd.MarkFlagDirname("output"))
	return cmd
}

func (f *snapshotFlags) check(paths []string) error {
	switch {
	case f.output == "":
		return usage("name it with -o", "a snapshot is written to a directory")
	case f.salt != "" && !f.anonymise:
		return usage("add --anonymise", "--salt is for an anonymous snapshot")
	case len(paths) > 0 && (f.kubeconfig != "" || f.context != "" || len(f.namespaces) > 0):
		return usage("leave either out", "--kubeconfig, --context and --namespace are for a live cluster, and files are given")
	}
	return nil
}

// take reads the files, or the cluster if there are none.
func (f *snapshotFlags) take(cmd *cobra.Command, paths []string, progress *progress) (*snapshot.Snapshot, error) {
	progress.stage("reading")
	if len(paths) > 0 {
		s, err := snapshot.FromFiles(paths, cmd.InOrStdin())
		if err != nil {
			return nil, usage("", "%v, so nothing is written", err)
		}
		return s, nil
	}
	config, name, err := snapshot.Connect(f.kubeconfig, f.context)
	if err != nil {
		return nil, usage("name the cluster with --kubeconfig and --context, or give what kubectl get -o yaml has written",
			"there is no cluster to take a snapshot of: %v", err)
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
	defer stop()
	s, err := snapshot.FromCluster(ctx, config, snapshot.Options{Context: name, Namespaces: f.namespaces,
		Progress: func(step snapshot.Step) {
			progress.count(fmt.Sprintf("reading %d/%d %s", step.Kind, step.Kinds, step.Resource), step.Read, step.Of)
		}})
	if err != nil {
		return nil, usage("", "%v, so nothing is written", err)
	}
	return s, nil
}

func runSnapshot(cmd *cobra.Command, f *snapshotFlags, args []string) error {
	stderr := cmd.ErrOrStderr()
	progress := newProgress(stderr)
	defer progress.done()
	s, err := f.take(cmd, args, progress)
	progress.done()
	if err != nil {
		return err
	}
	if f.anonymise && !unreadable(s.Findings) {
		if err := s.Anonymise(cmp.Or(f.salt, rand.Text())); err != nil {
			return &exit{ExitFault, err.Error(), "nothing is written; please report it"}
		}
	}
	printFindings(stderr, s.Findings.Sorted())
	if unreadable(s.Findings) {
		return &exit{ExitUsage, "the input cannot be read, so nothing is written", ""}
	}
	if len(s.Objects) == 0 && len(args) == 0 {
		return usage("take the snapshot with an account that may read more, or name namespaces that this one may read with --namespace",
			"the cluster shows this account no object that a snapshot holds, so nothing is written")
	}
	if len(s.Objects) == 0 {
		return usage("give the output of kubectl get -o yaml", "there is no object that a snapshot holds, so nothing is written")
	}
	if err := s.Write(f.output, f.force); err != nil {
		return notWritten(err)
	}
	printSnapshot(stderr, f.output, s)
	if slices.ContainsFunc(s.Findings.All(), lacks) {
		return &exit{code: ExitFindings}
	}
	return nil
}

// lacks reports whether a finding says that something is missing.
func lacks(f diag.Finding) bool { return f.Effect() == diag.Narrows || f.Effect() == diag.Refused }

func notWritten(err error) error {
	var foreign *snapshot.NotOurs
	switch {
	case errors.As(err, &foreign) && foreign.Repository:
		return usage("choose a directory inside the repository", "%v, so nothing is written", err)
	case errors.As(err, &foreign):
		return usage("choose another directory, or replace this one with --force", "%v, so nothing is written", err)
	}
	return usage("", "%v, so nothing is written", err)
}

// printSnapshot says in a few lines what was written.
func printSnapshot(w io.Writer, dir string, s *snapshot.Snapshot) {
	policies, facts, moves := s.Roles()
	fmt.Fprintf(w, "policyferry: %s of policy, %s it depends on and %s that must move apart from it written to %s\n",
		plural(policies, "object"), plural(facts, "object"), plural(moves, "object"), dir)
	var found []string
	for _, c := range []struct {
		name string
		cni  *snapshot.CNI
	}{{"Calico", s.Spec.Calico}, {"Cilium", s.Spec.Cilium}} {
		if c.cni != nil {
			found = append(found, fmt.Sprintf("%s %s (%s)", c.name, c.cni.Version, c.cni.From))
		}
	}
	if len(found) > 0 {
		fmt.Fprintf(w, "found: %s\n", strings.Join(found, ", "))
	}
	if len(s.PassedOver) > 0 {
		fmt.Fprintf(w, "passed over: %s\n", kindCounts(s.PassedOver))
	}
}
