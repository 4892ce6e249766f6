package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/policyferry/policyferry/translate/compat"
)

func newVersion() *cobra.Command {
	format := choice{flag: "format", values: []string{"text", "json"}}
	cmd := &cobra.Command{
		Use:   "version [flags]",
		Short: "print the version, and the CNI releases that it knows",
		Long: `Version prints the version of policyferry and what it was built from, and of each CNI
the oldest release whose ways it knows, the newest one that it knows to differ from
those before, and the one that is assumed when no flag and no cluster fact names one.`,
		Example: `  policyferry version
  policyferry version --format json`,
		DisableFlagsInUseLine: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("", "version takes no arguments")
			}
			return checkChoices([]choice{format})
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format.value == "json" {
				return writeVersionJSON(cmd.OutOrStdout(), thisBuild(), knownReleases())
			}
			writeVersion(cmd.OutOrStdout(), thisBuild(), knownReleases())
			return nil
		},
	}
	cmd.Flags().StringVar(&format.value, "format", "text", "format of the output: text or json")
	completeChoices(cmd, []choice{format})
	return cmd
}

// knownRelease is what is known of the releases of a CNI.
type knownRelease struct {
	CNI     compat.CNI `json:"cni"`
	Oldest  string     `json:"oldest"`
	Latest  string     `json:"latest"`
	Assumed string     `json:"assumed"`
	name    string
}

func knownReleases() []knownRelease {
	var out []knownRelease
	for _, cni := range []compat.CNI{compat.Calico, compat.Cilium} {
		assumed := compat.Newest(cni)
		out = append(out, knownRelease{cni, compat.Oldest(cni).Version.String(), compat.Latest(cni).Version.String(), assumed.Version.String(), assumed.Name()})
	}
	return out
}

func writeVersion(w io.Writer, b build, releases []knownRelease) {
	fmt.Fprintf(w, "policyferry %s (%s, %s/%s)\n", b.Version, b.Go, b.OS, b.Arch)
	if b.Commit != "" {
		modified := ""
		if b.Modified {
			modified = ", with changes"
		}
		fmt.Fprintf(w, "commit %s%s\n", b.Commit, modified)
	}
	if b.Date != "" {
		fmt.Fprintf(w, "date %s\n", b.Date)
	}
	for _, r := range releases {
		fmt.Fprintf(w, "knows %s from %s on, the latest that differs is %s; assumes %s unless told otherwise\n", r.name, r.Oldest, r.Latest, r.Assumed)
	}
}

func writeVersionJSON(w io.Writer, b build, releases []knownRelease) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(struct {
		build
		Releases []knownRelease `json:"releases"`
	}{b, releases})
}
