package main

import (
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/policyferry/policyferry/translate"
)

// The exit codes. They are stable; docs/exit-codes.md explains them.
const (
	// ExitClean: done, and nothing to report at or above the threshold.
	ExitClean = 0
	// ExitFindings: done, or refused to write, with findings at or above the threshold.
	ExitFindings = 1
	// ExitUsage: the command line or the input cannot be used; nothing was written.
	ExitUsage = 2
	// ExitFault: a fault of policyferry itself; nothing was written.
	ExitFault = 3
	// ExitUnknown: a verdict is not known; of verify and eval only.
	ExitUnknown = 4
)

// exit is an error that asks for an exit code. An empty message has been told already.
type exit struct {
	code    int
	message string
	hint    string
}

func (e *exit) Error() string { return e.message }

func usage(hint, format string, args ...any) error {
	return &exit{ExitUsage, fmt.Sprintf(format, args...), hint}
}

// Main runs the program and returns its exit code. It touches nothing but what it is given and the files that the
// arguments name.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return run(alone, args, stdin, stdout, stderr)
}

func run(called invocation, args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(stderr, "policyferry: internal error: %v (PF9003)\n%s", p, debug.Stack())
			fmt.Fprintln(stderr, "hint: nothing was written; please report this with the input that caused it")
			code = ExitFault
		}
	}()
	root := newRoot(stdin, stdout, stderr)
	called.present(root)
	root.SetArgs(args)
	err := root.Execute()
	var e *exit
	var u *translate.UsageError
	switch {
	case err == nil:
		return ExitClean
	case errors.As(err, &e):
	case errors.As(err, &u):
		e = &exit{ExitUsage, u.Message, u.Hint}
	default:
		e = &exit{ExitUsage, err.Error(), "see policyferry --help"}
	}
	if e.message != "" {
		fmt.Fprintf(stderr, "policyferry: %s\n", e.message)
	}
	if e.hint != "" {
		fmt.Fprintf(stderr, "hint: %s\n", called.speaker(root)(e.hint))
	}
	return e.code
}

func newRoot(stdin io.Reader, stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "policyferry",
		Short: "carry Kubernetes network policy between Calico and Cilium",
		Long: `policyferry carries Kubernetes network policy between Calico and Cilium, in both
directions, and proves what it carried. By default the output allows nothing that
the source denies: what cannot be said exactly is made narrower, or refused.`,
		Example: `  policyferry translate --to cilium --cluster facts/ policies/ > cilium.yaml
  policyferry verify --cluster facts/ policies/ cilium.yaml
  policyferry explain PF2016`,
		SilenceErrors:         true,
		SilenceUsage:          true,
		DisableFlagsInUseLine: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage(known(cmd), "there is no command %q", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("see "+cmd.CommandPath()+" --help", "%v", err)
	})
	root.AddCommand(newTranslate(), newLint(), newConfig(), newExplain(), newVersion(), newCompletion(), newMan())
	root.AddCommand(newVerify(), newEval(), newReplay(), newRehearse(), newSnapshot())
	root.SetHelpCommand(newHelp())
	return root
}

// known is the hint that names the commands.
func known(root *cobra.Command) string {
	var names []string
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return "the commands are " + strings.Join(names, ", ")
}

func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:                   "help [COMMAND]",
		Short:                 "show the help of a command",
		Example:               "  policyferry help translate",
		DisableFlagsInUseLine: true,
		ValidArgsFunction:     completeCommands,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return usage(known(cmd.Root()), "there is no command %q", strings.Join(args, " "))
			}
			c.InitDefaultHelpFlag()
			return c.Help()
		},
	}
}

func completeCommands(cmd *cobra.Command, _ []string, prefix string) ([]string, cobra.ShellCompDirective) {
	var out []string
	for _, c := range cmd.Root().Commands() {
		if c.IsAvailableCommand() && strings.HasPrefix(c.Name(), prefix) {
			out = append(out, c.Name()+"\t"+c.Short)
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
