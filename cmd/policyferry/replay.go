package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"slices"

	"github.com/spf13/cobra"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/replay"
	"github.com/policyferry/policyferry/validate/replay/flow"
	"github.com/policyferry/policyferry/validate/world"
)

// replayFlags are the flags of the replay command.
type replayFlags struct {
	setFlags
	before, after               string
	beforeCNI, afterCNI         string
	beforeVersion, afterVersion string
	flowFormat, failOn, format  string
	fqdnCache                   []string
	max, limit                  int
}

func newReplay() *cobra.Command {
	f := &replayFlags{}
	cmd := &cobra.Command{
		Use:   "replay [flags] --cluster FACTS --before BEFORE [--after AFTER] FLOWS...",
		Short: "judge the traffic that was seen by the policies of before and after",
		Long: `Replay reads flow logs and says which of the connections that were let through the
policies would drop, which of those that policy dropped they would let through, and
which nobody can judge and why, with the rules that decide. It also lists the rules that
no connection used, and what the time of observation did not show.

FLOWS are what Hubble observes (hubble observe -o json or jsonpb), flow logs of Calico
(Goldmane, Whisker, Felix) or a table (CSV), of any size, gzipped or not; one may be -
for standard input. With --before alone, what was seen is compared with what those
policies say.

The exit code is 0 if the policies do what was seen; 1 if they do not, as --fail-on says;
2 if the input or the command line cannot be used; 3 after a fault of policyferry itself;
4 if a connection could not be judged.`,
		Example: `  # would the translation drop anything that was seen last week?
  policyferry replay --cluster facts/ --before calico/ --after cilium/ week.json.gz

  # do the policies explain what was seen?
  hubble observe --last 10000 -o json | policyferry replay --cluster facts/ --before cilium/ -`,
		DisableFlagsInUseLine: true,
		Args:                  func(_ *cobra.Command, args []string) error { return f.check(args) },
		RunE:                  func(cmd *cobra.Command, args []string) error { return runReplay(cmd, f, args) },
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	f.register(fs)
	fs.StringVar(&f.before, "before", "", "the policies that were enforced: a file or directory")
	fs.StringVar(&f.after, "after", "", "the policies that shall be enforced: a file or directory")
	fs.StringVar(&f.beforeCNI, "before-cni", "", "the CNI that BEFORE is for, if its kinds do not tell: calico or cilium")
	fs.StringVar(&f.afterCNI, "after-cni", "", "the CNI that AFTER is for, if its kinds do not tell: calico or cilium")
	fs.StringVar(&f.beforeVersion, "before-version", "", "release of BEFORE's CNI (default: what the cluster facts say, else the newest known)")
	fs.StringVar(&f.afterVersion, "after-version", "", "release of AFTER's CNI (default: the same way)")
	fs.StringArrayVar(&f.fqdnCache, "fqdn-cache", nil, "file of cilium-dbg fqdn cache list -o json: addresses of DNS names that FLOWS do not tell; may be repeated")
	fs.StringVar(&f.flowFormat, "flow-format", "auto", "format of FLOWS: auto, hubble, goldmane, felix or csv")
	fs.StringVar(&f.failOn, "fail-on", "any", "what makes the exit code 1: drop (would be dropped), forward (would be let through), any of both, or never")
	fs.IntVar(&f.max, "max", 20, "entries to show of each sort, 0 for all; in JSON all are the default")
	fs.IntVar(&f.limit, "limit", replay.DefaultLimit, "groups of connections to tell apart; what goes beyond is counted and not judged")
	fs.StringVar(&f.format, "format", "text", "format of the answer: text or json")
	completeChoices(cmd, f.choices())
	return cmd
}

func (f *replayFlags) choices() []choice {
	cnis := []string{"", string(compat.Calico), string(compat.Cilium)}
	formats := []string{"auto"}
	for _, format := range replay.Formats {
		formats = append(formats, string(format))
	}
	return []choice{
		{"before-cni", f.beforeCNI, cnis},
		{"after-cni", f.afterCNI, cnis},
		{"flow-format", f.flowFormat, formats},
		{"fail-on", f.failOn, []string{"any", "drop", "forward", "never"}},
		{"format", f.format, []string{"text", "json"}},
	}
}

// check refuses a command line that cannot be meant, before anything is read.
func (f *replayFlags) check(flows []string) error {
	switch {
	case len(flows) == 0:
		return usage("name files of flow logs, or - for standard input", "no flows are given")
	case f.before == "":
		return usage("name the policies that were enforced with --before", "no policies are given")
	case len(f.cluster) == 0:
		return usage("give it with --cluster; kubectl get -o yaml writes it", "replay needs the cluster in which the flows were seen")
	case f.max < 0 || f.limit <= 0:
		return usage("give 0 for all of them, and a limit above 0", "--max or --limit is out of range")
	case f.after == "" && f.afterCNI+f.afterVersion != "":
		return usage("name the policies with --after", "--after-cni and --after-version are given without --after")
	}
	fromStdin := 0
	for _, path := range append([]string{f.before, f.after}, flows...) {
		if path == "-" {
			fromStdin++
		}
	}
	if fromStdin > 1 {
		return usage("write the others to files and name them", "only one input can come from standard input")
	}
	if err := checkChoices(f.choices()); err != nil {
		return err
	}
	return f.setFlags.check()
}

func runReplay(cmd *cobra.Command, f *replayFlags, args []string) error {
	if f.format == "json" && !cmd.Flags().Changed("max") {
		f.max = 0
	}
	progress := newProgress(cmd.ErrOrStderr())
	defer progress.done()
	progress.stage("reading policies")
	out := &replayOutput{cmd: cmd, flags: f}
	o, err := out.sides()
	if err != nil {
		progress.done()
		return err
	}
	inputs := flowInputs(cmd.InOrStdin(), f, args)
	progress.bytes("reading flows", totalSize(args))
	o.Progress = progress.at
	o.Judging = func(done, of int) { progress.count("judging connections", done, of) }
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
	defer stop()
	r, err := replay.Run(ctx, inputs, *o)
	progress.done()
	var unreadable *replay.InputError
	switch {
	case errors.As(err, &unreadable):
		return &exit{ExitUsage, err.Error(), unreadable.Hint}
	case errors.Is(err, context.Canceled):
		return &exit{ExitUsage, "interrupted, so nothing is told", ""}
	case err != nil:
		return &exit{ExitFault, err.Error(), ""}
	}
	return out.print(r)
}

// sides reads the policies and the cluster.
func (o *replayOutput) sides() (*replay.Options, error) {
	f := o.flags
	r := &setReader{cmd: o.cmd, flags: &f.setFlags, sayCNI: "--before-cni or --after-cni"}
	o.sets = []*givenSet{r.read(f.before, f.beforeCNI, f.beforeVersion)}
	if f.after != "" {
		o.sets = append(o.sets, r.read(f.after, f.afterCNI, f.afterVersion))
		for i, s := range o.sets { // a set of NetworkPolicies is for the CNI of the other one
			if s.CNI == "" && s.err == nil {
				s.CNI = o.sets[1-i].CNI
			}
		}
	}
	w, err := r.world(o.sets...)
	if err != nil {
		return nil, err
	}
	if w.Synthetic {
		return nil, usage("add the output of kubectl get pods -A -o yaml to the cluster facts", "there is no pod in the cluster facts, so no flow can be placed")
	}
	return o.options(w)
}

func (o *replayOutput) options(w *world.World) (*replay.Options, error) {
	names, problems := readNames(o.flags.fqdnCache)
	if unreadable(problems) {
		printFindings(o.cmd.ErrOrStderr(), problems.Sorted())
		return nil, &exit{ExitUsage, "the DNS names cannot be used, so nothing is judged", ""}
	}
	out := &replay.Options{Facts: w.Facts, Names: names, Limit: o.flags.limit}
	for i, into := range []**equiv.Side{&out.Before, &out.After}[:len(o.sets)] {
		s, err := side(w, o.sets[i])
		if err != nil {
			return nil, err
		}
		*into = s
		o.judges = append(o.judges, s)
	}
	return out, nil
}

func flowInputs(stdin io.Reader, f *replayFlags, paths []string) []replay.Input {
	format := replay.Format(f.flowFormat)
	if f.flowFormat == "auto" {
		format = replay.Detect
	}
	var out []replay.Input
	for _, path := range paths {
		if path == "-" {
			out = append(out, replay.Input{Name: "-", Format: format, Open: func() (io.ReadCloser, error) { return io.NopCloser(stdin), nil }})
			continue
		}
		out = append(out, replay.File(path, format))
	}
	return out
}

// totalSize is what there is to read, or -1 if that is not known.
func totalSize(paths []string) int64 {
	total := int64(0)
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() {
			return -1
		}
		total += info.Size()
	}
	return total
}

// code is the exit code for a result.
func (f *replayFlags) code(r *replay.Result) int {
	fails := map[string][]replay.Kind{
		"any": {replay.WouldDrop, replay.WouldForward}, "drop": {replay.WouldDrop}, "forward": {replay.WouldForward},
	}[f.failOn]
	switch {
	case slices.ContainsFunc(fails, func(k replay.Kind) bool { return r.Totals[k] > 0 }):
		return ExitFindings
	case f.failOn != "never" && r.Totals[replay.Unjudged]+r.Records[flow.Excess] > 0:
		return ExitUnknown
	}
	return ExitClean
}
