package main

import (
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
)

// invocation is what a user types to call the program.
type invocation string

const (
	alone  invocation = "policyferry"
	plugin invocation = "kubectl policyferry"
)

// calledAs tells from the arguments of the process what the user has typed. kubectl runs kubectl-policyferry for
// "kubectl policyferry", and asks kubectl_complete-policyferry, with the words so far, how the last one could go on
// (k8s.io/kubectl, pkg/cmd/plugin/plugin_completion.go). Both may be links to this one program.
func calledAs(argv []string) (invocation, []string) {
	if len(argv) == 0 {
		return alone, nil
	}
	switch strings.TrimSuffix(filepath.Base(argv[0]), ".exe") {
	case "kubectl-policyferry":
		return plugin, argv[1:]
	case "kubectl_complete-policyferry":
		return plugin, append([]string{cobra.ShellCompRequestCmd}, argv[1:]...)
	}
	return alone, argv[1:]
}

// present makes every help text call the program as the user does.
func (v invocation) present(root *cobra.Command) {
	if v == alone {
		return
	}
	root.Annotations = map[string]string{cobra.CommandDisplayNameAnnotation: string(v)}
	say := v.speaker(root)
	var each func(*cobra.Command)
	each = func(c *cobra.Command) {
		c.Long, c.Example = say(c.Long), say(c.Example)
		for _, sub := range c.Commands() {
			each(sub)
		}
	}
	each(root)
}

// speaker returns what puts the name that the user types into a text with commands.
func (v invocation) speaker(root *cobra.Command) func(string) string {
	words := []string{"--help"}
	for _, c := range root.Commands() {
		words = append(words, c.Name())
	}
	command := regexp.MustCompile(`(^|[^\w./-])(?:kubectl )?policyferry( (?:` + strings.Join(words, "|") + `)\b)`)
	return func(text string) string {
		if v == alone {
			return text
		}
		return command.ReplaceAllString(text, "${1}"+string(v)+"${2}")
	}
}
