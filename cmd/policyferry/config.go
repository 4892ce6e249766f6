package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/policyferry/policyferry/validate/lint/config"
)

func newConfig() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "write the configuration of a repository",
		Long: `Config writes ` + config.Name + `, which tells lint once for a repository what would else be
flags of every run. Lint looks for it in the working directory and those above, up to
the root of the git repository.`,
		Example:               "  policyferry config init",
		DisableFlagsInUseLine: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("write policyferry config init", "config has no command %q", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	force := false
	initialize := &cobra.Command{
		Use:                   "init [flags]",
		Short:                 "write a commented " + config.Name + " into the working directory",
		Example:               "  policyferry config init",
		DisableFlagsInUseLine: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("change into the directory that it is for", "config init takes no argument")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return writeConfig(cmd, force) },
	}
	initialize.Flags().BoolVar(&force, "force", false, "overwrite a file that is there")
	cmd.AddCommand(initialize)
	return cmd
}

func writeConfig(cmd *cobra.Command, force bool) error {
	mode := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		mode = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	file, err := os.OpenFile(config.Name, mode, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return usage("overwrite it with --force", "%s is already there, so nothing is written", config.Name)
	}
	if err != nil {
		return usage("", "writing the configuration: %v", err)
	}
	_, err = file.WriteString(config.Template)
	if err := errors.Join(err, file.Close()); err != nil {
		return usage("", "writing the configuration: %v", err)
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "policyferry: %s is written\n", config.Name)
	return nil
}
