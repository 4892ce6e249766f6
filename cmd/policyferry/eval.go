package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/validate/verdict"
)

// evalFlags are the flags of the eval command.
type evalFlags struct {
	setFlags
	cni, version, format string
	engines              bool
}

func newEval() *cobra.Command {
	f := &evalFlags{}
	cmd := &cobra.Command{
		Use:   `eval [flags] PATH "FROM TO PROTOCOL/PORT"`,
		Short: "say whether one policy set allows one connection, and why",
		Long: `Eval judges one connection under one policy set and shows, rule by rule, how the
verdict comes about at either end. Ends are namespace/pod, node:name or an address; the
rest is tcp, udp or sctp with a port, icmp or icmpv6 with a type and perhaps a code, or
the number of a protocol.

The exit code is 0 if the connection is allowed, 1 if it is denied, 2 if the input or
the command line cannot be used, 3 after a fault of policyferry itself, and 4 if the
verdict is not known.`,
		Example: `  policyferry eval --cluster facts/ policies/ "shop/web-0 shop/db-0 tcp/5432"
  policyferry eval --cluster facts/ policies/ "203.0.113.7 shop/web-0 icmp/8"`,
		DisableFlagsInUseLine: true,
		Args:                  func(_ *cobra.Command, args []string) error { return f.check(args) },
		RunE:                  func(cmd *cobra.Command, args []string) error { return runEval(cmd, f, args) },
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	f.register(fs)
	fs.StringVar(&f.cni, "cni", "", "the CNI that the set is for, if its kinds do not tell: calico or cilium")
	fs.StringVar(&f.version, "cni-version", "", "release of the CNI (default: what the cluster facts say, else the newest known)")
	fs.StringVar(&f.format, "format", "text", "format of the answer: text or json")
	fs.BoolVar(&f.engines, "engines", false, "ask the CNI's own policy code for the verdict")
	completeChoices(cmd, f.choices())
	return cmd
}

func (f *evalFlags) check(args []string) error {
	if len(args) != 2 {
		return usage(`write the connection in quotes: policyferry eval PATH "shop/web-0 shop/db-0 tcp/5432"`,
			"eval takes a path and a connection, and %d arguments are given", len(args))
	}
	if _, err := verdict.ParseConnection(args[1]); err != nil {
		return usage("see policyferry eval --help", "%v", err)
	}
	if f.engines && f.version != "" {
		return usage("leave the version out: an engine is a build of one release", "--engines takes no --cni-version")
	}
	if err := checkChoices(f.choices()); err != nil {
		return err
	}
	return f.setFlags.check()
}

func (f *evalFlags) choices() []choice {
	return []choice{
		{"cni", f.cni, []string{"", string(compat.Calico), string(compat.Cilium)}},
		{"format", f.format, []string{"text", "json"}},
	}
}

// evalDocument is what eval --format json writes.
type evalDocument struct {
	Version    string          `json:"version"`
	Connection witnessDocument `json:"connection"`
	Verdict    string          `json:"verdict"`
	Engine     bool            `json:"engine"`
	Judged     judgedDocument  `json:"judged"`
	// Lacking are the kinds of policy that the set's snapshot lacks.
	Lacking []string `json:"lacking,omitempty"`
}

func runEval(cmd *cobra.Command, f *evalFlags, args []string) error {
	c, err := verdict.ParseConnection(args[1])
	if err != nil {
		return usage("see policyferry eval --help", "%v", err)
	}
	r := &setReader{cmd: cmd, flags: &f.setFlags, sayCNI: "--cni"}
	set := r.read(args[0], f.cni, f.version)
	w, err := r.world(set)
	if err != nil {
		return err
	}
	if w.Synthetic {
		return usage("give the cluster with --cluster", "there is no pod in the cluster, so %s means nothing", c)
	}
	s, err := side(w, set)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	v, err := s.Judge.Judge(c)
	if err != nil {
		return usage("ends are namespace/pod, node:name or an address", "%s: %v", c, err)
	}
	steps, err := s.Judge.Trace(c)
	if err != nil {
		return usage("ends are namespace/pod, node:name or an address", "%s: %v", c, err)
	}
	if f.engines {
		oracle, err := engineFor(s, w)
		if err != nil {
			return err
		}
		answers, err := oracle([]verdict.Connection{c})
		if err != nil {
			return &exit{ExitFault, err.Error(), ""}
		}
		v = answers[0].Explained(v)
	}
	if f.format == "json" {
		err = writeJSON(out, evalDocument{version(), newWitness(c), string(wholeOf(v)), f.engines, newJudged(v, steps), set.lacking()})
	} else {
		fmt.Fprintln(out, c)
		printSteps(out, steps)
		fmt.Fprintf(out, "  = %s %s\n", s.CNI, verdictText(v))
		if kinds := set.lacking(); len(kinds) > 0 {
			fmt.Fprintf(out, "  not in the snapshot, and so not judged: %s\n", strings.Join(kinds, ", "))
		}
	}
	if err != nil {
		return err
	}
	codes := map[verdict.Action]int{verdict.Deny: ExitFindings, verdict.Unknown: ExitUnknown}
	if code := codes[wholeOf(v)]; code != ExitClean {
		return &exit{code: code}
	}
	return nil
}
