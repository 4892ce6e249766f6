package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/policyferry/policyferry/translate/compat"
)

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the version, and the CNI releases that it knows",
		Long: `Version prints the version of policyferry, and of each CNI the release that is assumed
when neither --source-version, --target-version nor the cluster facts name one.`,
		Example:               "  policyferry version",
		DisableFlagsInUseLine: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("", "version takes no arguments")
			}
			return nil
		},
		Run: func(cmd *cobra.Command, _ []string) {
			fmt.Fprintf(cmd.OutOrStdout(), "policyferry %s (%s, %s/%s)\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			for _, cni := range []compat.CNI{compat.Calico, compat.Cilium} {
				fmt.Fprintf(cmd.OutOrStdout(), "assumes %s unless told otherwise\n", compat.Newest(cni))
			}
		},
	}
}

// version is the module version that the Go tool recorded, with the revision where there is one.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 && v == "(devel)" {
			v = "devel " + s.Value[:12]
		}
	}
	return v
}
