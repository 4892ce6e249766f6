package main

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/verdict"
	"github.com/policyferry/policyferry/validate/world"
)

// verifyFlags are the flags of the verify command.
type verifyFlags struct {
	setFlags
	leftCNI, rightCNI         string
	leftVersion, rightVersion string
	allow, format, why        string
	max                       int
	engines                   bool
}

func newVerify() *cobra.Command {
	f := &verifyFlags{}
	cmd := &cobra.Command{
		Use:   "verify [flags] LEFT RIGHT",
		Short: "compare two policy sets over every connection of a cluster",
		Long: `Verify judges every connection of a cluster under two policy sets, of either CNI, and
says whether they are equivalent, whether the right one allows less or more, or
neither. Each difference comes with a connection that shows it and with the rules that
decided on either side.

LEFT and RIGHT are files or directories of YAML or JSON; one of them may be - for
standard input. Without --cluster the answer is for a cluster that is made of what the
policies name, and is no proof for another.

The verdicts are those of policyferry's own evaluators, which its tests hold to the
CNIs' code. With --engines that code itself is asked, if policyferry-engine-calico and
policyferry-engine-cilium are on PATH.

The exit code is 0 if the sets are equivalent, or differ only as --allow says; 1 if
they differ; 2 if the input or the command line cannot be used; 3 after a fault of
policyferry itself; 4 if a verdict is not known.`,
		Example: `  # is the translation what it should be?
  policyferry verify --cluster facts/ calico/ cilium/

  # a change of policy that must not open anything
  policyferry verify --allow less --cluster facts/ before/ after/

  # one connection, rule by rule
  policyferry verify --cluster facts/ --why "shop/web-0 shop/db-0 tcp/5432" calico/ cilium/`,
		DisableFlagsInUseLine: true,
		Args:                  func(_ *cobra.Command, args []string) error { return f.check(args) },
		RunE:                  func(cmd *cobra.Command, args []string) error { return runVerify(cmd, f, args) },
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	f.register(fs)
	fs.StringVar(&f.leftCNI, "left-cni", "", "the CNI that LEFT is for, if its kinds do not tell: calico or cilium")
	fs.StringVar(&f.rightCNI, "right-cni", "", "the CNI that RIGHT is for, if its kinds do not tell: calico or cilium")
	fs.StringVar(&f.leftVersion, "left-version", "", "release of the left CNI (default: what the cluster facts say, else the newest known)")
	fs.StringVar(&f.rightVersion, "right-version", "", "release of the right CNI (default: the same way)")
	fs.StringVar(&f.allow, "allow", "none", "differences that are no failure: none, or less (the right set may allow less)")
	fs.IntVar(&f.max, "max", 20, "differences to show, 0 for all; in JSON all are the default")
	fs.StringVar(&f.format, "format", "text", "format of the answer: text or json")
	fs.StringVar(&f.why, "why", "", `trace one connection through both sets: "FROM TO PROTOCOL/PORT"`)
	fs.BoolVar(&f.engines, "engines", false, "ask the CNIs' own policy code for the verdicts")
	completeChoices(cmd, f.choices())
	return cmd
}

func (f *verifyFlags) choices() []choice {
	cnis := []string{"", string(compat.Calico), string(compat.Cilium)}
	return []choice{
		{"left-cni", f.leftCNI, cnis},
		{"right-cni", f.rightCNI, cnis},
		{"allow", f.allow, []string{"none", "less"}},
		{"format", f.format, []string{"text", "json"}},
	}
}

// check refuses a command line that cannot be meant, before anything is read.
func (f *verifyFlags) check(paths []string) error {
	switch {
	case len(paths) != 2:
		return usage("name two files or directories", "verify compares two sets, and %s given", plural(len(paths), "path")+" is")
	case paths[0] == "-" && paths[1] == "-":
		return usage("write one of them to a file and name it", "both sets cannot come from standard input")
	case f.max < 0:
		return usage("give 0 for all differences", "--max is negative")
	case f.engines && f.leftVersion+f.rightVersion != "":
		return usage("leave the versions out: the engines are builds of one release each", "--engines takes no --left-version and --right-version")
	}
	if f.why != "" && f.format != "text" {
		return usage("policyferry eval --format json traces a connection through one set", "--why has no other format than text")
	}
	if f.why != "" {
		if _, err := verdict.ParseConnection(f.why); err != nil {
			return usage("see policyferry verify --help", "--why: %v", err)
		}
	}
	if err := checkChoices(f.choices()); err != nil {
		return err
	}
	return f.setFlags.check()
}

func runVerify(cmd *cobra.Command, f *verifyFlags, args []string) error {
	if f.format == "json" && !cmd.Flags().Changed("max") {
		f.max = 0 // a program can pass over what it does not want
	}
	progress := newProgress(cmd.ErrOrStderr())
	defer progress.done()
	progress.stage("reading")
	r := &setReader{cmd: cmd, flags: &f.setFlags, sayCNI: "--left-cni or --right-cni"}
	left, right := r.read(args[0], f.leftCNI, f.leftVersion), r.read(args[1], f.rightCNI, f.rightVersion)
	if left.CNI == "" && left.err == nil { // a set of NetworkPolicies is for the CNI of the other one
		left.CNI = right.CNI
	} else if right.CNI == "" && right.err == nil {
		right.CNI = left.CNI
	}
	w, err := r.world(left, right)
	if err != nil {
		progress.done()
		return err
	}
	a, b, err := bothSides(w, left, right)
	if err != nil {
		return err
	}
	out := &verifyOutput{cmd: cmd, flags: f, world: w, sets: [2]*givenSet{left, right}, sides: [2]*equiv.Side{a, b}}
	if f.why != "" {
		progress.done()
		return out.why()
	}
	progress.stage("comparing")
	result, err := compareSides(f, w, a, b)
	progress.done()
	if err != nil {
		return err
	}
	if err := result.Names(a, b); err != nil {
		return &exit{ExitFault, err.Error(), ""}
	}
	return out.print(result)
}

func compareSides(f *verifyFlags, w *world.World, a, b *equiv.Side) (*equiv.Result, error) {
	compare := func(left, right *equiv.Side) (*equiv.Result, error) {
		return equiv.Compare(left, right, w.Facts, equiv.Options{Explain: f.max})
	}
	if !f.engines {
		result, err := compare(a, b)
		if err != nil {
			return nil, &exit{ExitUsage, err.Error(), ""}
		}
		return result, nil
	}
	ofLeft, err := engineFor(a, w)
	if err != nil {
		return nil, err
	}
	ofRight, err := engineFor(b, w)
	if err != nil {
		return nil, err
	}
	result, err := equiv.Consult(a, b, ofLeft, ofRight, compare)
	if err != nil {
		return nil, &exit{ExitFault, err.Error(), "see docs/engine-protocol.md for what the engines take"}
	}
	return result, nil
}

// verdictCode is the exit code for an answer.
func (f *verifyFlags) verdictCode(r *equiv.Result) int {
	switch r.Answer {
	case equiv.Equivalent:
		return ExitClean
	case equiv.Unknown:
		return ExitUnknown
	case equiv.Less:
		if f.allow != "less" {
			return ExitFindings
		}
		if r.MayOpen || slices.ContainsFunc(r.Differences, func(d equiv.Difference) bool { return d.Kind == equiv.Unjudged }) {
			return ExitUnknown
		}
		return ExitClean
	}
	return ExitFindings
}
