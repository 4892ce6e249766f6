package main

import (
	"github.com/spf13/cobra"
)

func newCompletion() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "print a script that completes commands, flags and codes in a shell",
		Long: `Completion prints a script for a shell. Once the shell has read it, the tab key
completes commands, flags, their values and the codes of findings.`,
		Example: `  source <(policyferry completion bash)
  policyferry completion zsh > "${fpath[1]}/_policyferry"
  policyferry completion fish | source
  policyferry completion powershell | Out-String | Invoke-Expression`,
		DisableFlagsInUseLine: true,
		ValidArgs:             shells,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("say bash, zsh, fish or powershell", "completion takes one shell and not %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			root, out := cmd.Root(), cmd.OutOrStdout()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(out, true)
			case "zsh":
				return root.GenZshCompletion(out)
			case "fish":
				return root.GenFishCompletion(out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(out)
			}
			return usage("say bash, zsh, fish or powershell", "there is no completion for %q", args[0])
		},
	}
}
