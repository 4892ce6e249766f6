// Policyferry-engine-cilium answers connections with the verdicts of Cilium's own policy code. The contract
// is docs/engine-protocol.md of policyferry.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	cilium "github.com/policyferry/policyferry/validate/engines/cilium"
)

// The exit codes of the contract.
const (
	exitAnswered = 0
	exitUnusable = 2
	exitFault    = 3
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// paths collects a flag that may be given more than once.
type paths []string

// String joins the paths, for the usage text.
func (p *paths) String() string { return strings.Join(*p, ", ") }

// Set adds a path.
func (p *paths) Set(path string) error {
	*p = append(*p, path)
	return nil
}

// options are the command line.
type options struct {
	policies, cluster paths
	strict, validate  bool
}

// run is main with its streams given. A panic of Cilium's code is the engine's fault, not the input's.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	defer func() {
		if fault := recover(); fault != nil {
			fmt.Fprintf(stderr, "policyferry-engine-cilium: fault: %v\n%s", fault, debug.Stack())
			code = exitFault
		}
	}()
	var o options
	flags := flag.NewFlagSet("policyferry-engine-cilium", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Var(&o.policies, "policies", "file or `directory` of policies; may be repeated")
	flags.Var(&o.cluster, "cluster", "file or `directory` of the cluster's objects; may be repeated")
	flags.BoolVar(&o.strict, "strict", false, "exit 2 when Cilium's validation rejects a policy")
	flags.BoolVar(&o.validate, "validate", false, "judge the Cilium policies themselves, one JSON line each")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return exitAnswered
		}
		return exitUnusable
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "policyferry-engine-cilium: unexpected argument %q\n", flags.Arg(0))
		return exitUnusable
	}
	if err := o.run(stdin, stdout, stderr); err != nil {
		fmt.Fprintf(stderr, "policyferry-engine-cilium: %v\n", err)
		if errors.As(err, new(cilium.Fault)) {
			return exitFault
		}
		return exitUnusable
	}
	return exitAnswered
}

// run reads the documents and does what was asked.
func (o options) run(stdin io.Reader, stdout, stderr io.Writer) error {
	policies, err := cilium.ReadPaths(o.policies)
	if err != nil {
		return err
	}
	cluster, err := cilium.ReadPaths(o.cluster)
	if err != nil {
		return err
	}
	if o.validate {
		return validate(policies, cluster, stdout)
	}
	engine, err := cilium.New(policies, cluster, cilium.Options{})
	if err != nil {
		return err
	}
	for _, note := range engine.Notes() {
		fmt.Fprintln(stderr, "note:", note)
	}
	for _, rejection := range engine.Rejected() {
		fmt.Fprintln(stderr, rejection)
	}
	if n := len(engine.Rejected()); o.strict && n > 0 {
		return fmt.Errorf("%d policies rejected", n)
	}
	return answer(engine, stdin, stdout)
}

// validate prints a line for each Cilium policy.
func validate(policies, cluster []cilium.Document, stdout io.Writer) error {
	judged, err := cilium.Validate(policies, cluster)
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(stdout)
	encoder.SetEscapeHTML(false)
	for _, judgement := range judged {
		if err := encoder.Encode(judgement); err != nil {
			return err
		}
	}
	return nil
}

// answer reads connections and prints a line for each. It flushes when there is no more input to read, so
// that a caller may ask one question at a time.
func answer(engine *cilium.Engine, stdin io.Reader, stdout io.Writer) error {
	in := bufio.NewReaderSize(stdin, 1<<16)
	out := bufio.NewWriterSize(stdout, 1<<16)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for line := 1; ; line++ {
		text, err := in.ReadString('\n')
		if strings.TrimSpace(text) != "" {
			var connection cilium.Connection
			decoder := json.NewDecoder(strings.NewReader(text))
			decoder.DisallowUnknownFields()
			if err := decoder.Decode(&connection); err != nil {
				return fmt.Errorf("connection %d: %w", line, err)
			}
			verdict, err := engine.Answer(connection)
			if err != nil {
				return fmt.Errorf("connection %d: %w", line, err)
			}
			if err := encoder.Encode(verdict); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if in.Buffered() == 0 {
			if err := out.Flush(); err != nil {
				return err
			}
		}
	}
}
