// Policyferry-engine-calico answers connections with Calico's own policy code, as
// docs/engine-protocol.md defines it:
//
//	policyferry-engine-calico --policies PATH --cluster PATH < connections.jsonl > verdicts.jsonl
//	policyferry-engine-calico --validate --policies PATH
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	calico "github.com/policyferry/policyferry/validate/engines/calico"
)

// Exit codes of the contract.
const (
	exitAnswered = 0
	exitInput    = 2
	exitFault    = 3
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// A pathList is a flag that may be given more than once.
type pathList []string

func (l *pathList) String() string { return strings.Join(*l, " ") }

func (l *pathList) Set(path string) error {
	*l = append(*l, path)
	return nil
}

type arguments struct {
	policies, cluster pathList
	strict, validate  bool
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	defer func() {
		if caught := recover(); caught != nil {
			code = fail(stderr, exitFault, fmt.Errorf("calico's code failed: %v", caught))
		}
	}()
	given, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return exitAnswered
	}
	if err != nil {
		return fail(stderr, exitInput, err)
	}
	if given.validate {
		return validate(given, stdout, stderr)
	}
	engine, err := calico.New(given.policies, given.cluster)
	var fault calico.Fault
	if errors.As(err, &fault) {
		return fail(stderr, exitFault, err)
	}
	if err != nil {
		return fail(stderr, exitInput, err)
	}
	if err := report(engine, given.strict, stderr); err != nil {
		return fail(stderr, exitInput, err)
	}
	if err := answer(engine, stdin, stdout); err != nil {
		return fail(stderr, exitInput, err)
	}
	return exitAnswered
}

func parse(args []string, stderr io.Writer) (arguments, error) {
	var given arguments
	flags := flag.NewFlagSet("policyferry-engine-calico", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Var(&given.policies, "policies", "`path` of policies, a YAML file or directory; repeatable")
	flags.Var(&given.cluster, "cluster", "`path` of the cluster's objects, a YAML file or directory; repeatable")
	flags.BoolVar(&given.strict, "strict", false, "exit 2 when a policy is rejected")
	flags.BoolVar(&given.validate, "validate", false, "print what Calico's validation says about each Calico object, and judge nothing")
	if err := flags.Parse(args); err != nil {
		return given, err
	}
	if flags.NArg() > 0 {
		return given, fmt.Errorf("unexpected argument %q; hint: paths are given with --policies and --cluster", flags.Arg(0))
	}
	if len(given.policies) == 0 {
		return given, errors.New("no policies; hint: --policies PATH")
	}
	return given, nil
}

func fail(stderr io.Writer, code int, err error) int {
	fmt.Fprintf(stderr, "policyferry-engine-calico: %v\n", err)
	return code
}

func validate(given arguments, stdout, stderr io.Writer) int {
	validations, err := calico.Validate(given.policies)
	if err != nil {
		return fail(stderr, exitInput, err)
	}
	out := json.NewEncoder(stdout)
	out.SetEscapeHTML(false)
	for _, validation := range validations {
		if err := out.Encode(validation); err != nil {
			return fail(stderr, exitInput, err)
		}
	}
	return exitAnswered
}

// report writes what the engine has to say before it answers.
func report(engine *calico.Engine, strict bool, stderr io.Writer) error {
	for _, warning := range engine.Warnings {
		fmt.Fprintf(stderr, "policyferry-engine-calico: warning: %s\n", warning)
	}
	for _, rejection := range engine.Rejections {
		fmt.Fprintln(stderr, rejection)
	}
	if strict && len(engine.Rejections) > 0 {
		return fmt.Errorf("%d policies rejected", len(engine.Rejections))
	}
	return nil
}

// answer judges line by line, in order. Output is flushed whenever no further question waits, so that
// the program can be asked interactively.
func answer(engine *calico.Engine, stdin io.Reader, stdout io.Writer) error {
	in := bufio.NewReaderSize(stdin, 1<<16)
	out := bufio.NewWriter(stdout)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for number := 1; ; number++ {
		line, readErr := in.ReadBytes('\n')
		if len(strings.TrimSpace(string(line))) > 0 {
			verdict, err := judge(engine, line)
			if err != nil {
				return errors.Join(fmt.Errorf("connection %d: %w", number, err), out.Flush())
			}
			if err := encoder.Encode(verdict); err != nil {
				return err
			}
		}
		if readErr != nil || in.Buffered() == 0 {
			if err := out.Flush(); err != nil {
				return err
			}
		}
		if errors.Is(readErr, io.EOF) {
			return nil
		}
		if readErr != nil {
			return readErr
		}
	}
}

func judge(engine *calico.Engine, line []byte) (calico.Verdict, error) {
	var connection calico.Connection
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields() // a misspelt field must not ask another question
	if err := decoder.Decode(&connection); err != nil {
		return calico.Verdict{}, err
	}
	return engine.Judge(connection)
}
