package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/policyferry/policyferry/docs"
	"github.com/policyferry/policyferry/translate/diag"
)

func newExplain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain [CODE]",
		Short: "explain a finding code, or list all codes",
		Long: `Explain shows the page of a finding code: what it means, an example, what the two
CNIs do differently, and the way out. Without a code it lists all codes with their
severity and effect.`,
		Example: `  policyferry explain PF2016
  policyferry explain cidr-meets-pods
  policyferry explain | grep opens`,
		DisableFlagsInUseLine: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("ask for one code at a time", "explain takes one code and not %d", len(args))
			}
			return nil
		},
		ValidArgsFunction: completeCodes,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				for _, c := range diag.Codes() {
					fmt.Fprintf(cmd.OutOrStdout(), "%s  %-8s %-8s %-24s %s\n", c.ID, c.Severity, c.Effect, c.Name, c.Title)
				}
				return nil
			}
			code, ok := diag.Lookup(args[0])
			if !ok {
				return usage("policyferry explain lists the codes", "unknown code %q", args[0])
			}
			page, err := docs.Codes.ReadFile("codes/" + code.ID + ".md")
			if err != nil {
				return fmt.Errorf("reading the page of %s: %w", code.ID, err)
			}
			fmt.Fprint(cmd.OutOrStdout(), string(page))
			return nil
		},
	}
}

// completeCodes completes a code by its number or, once a letter of it is typed that no number has, by its name. Codes
// that stand before, with a comma behind, stay.
func completeCodes(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	last := strings.LastIndex(word, ",") + 1
	before, prefix := word[:last], word[last:]
	var out []string
	for _, c := range diag.Codes() {
		switch {
		case strings.HasPrefix(c.ID, strings.ToUpper(prefix)):
			out = append(out, before+c.ID+"\t"+c.Title)
		case prefix != "" && strings.HasPrefix(c.Name, prefix):
			out = append(out, before+c.Name+"\t"+c.Title)
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
