package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/policyferry/policyferry/translate/diag"
)

// translateFlags are the flags of the translate command.
type translateFlags struct {
	to, from                     string
	cluster, fqdnCache           []string
	sourceVersion, targetVersion string
	namespace                    string
	accept                       []string
	failOn                       string
	output, layout, format       string
	report                       string
	force, verify                bool
}

func (f *translateFlags) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVar(&f.to, "to", "", "the CNI that the output is for: cilium or calico (required)")
	fs.StringVar(&f.from, "from", "", "the CNI that the input is for, if its kinds do not tell")
	fs.StringArrayVar(&f.cluster, "cluster", nil, "file or directory of cluster facts: kubectl get -o yaml output, ClusterFacts; may be repeated")
	fs.StringArrayVar(&f.fqdnCache, "fqdn-cache", nil, "file of cilium-dbg fqdn cache list -o json: DNS names become the addresses in it; may be repeated")
	fs.StringVarP(&f.output, "output", "o", "-", "directory to write to, or - for standard output")
	fs.StringVar(&f.layout, "layout", "objects", "files in the directory: objects (one each) or mirror (one for each source file)")
	fs.StringVar(&f.format, "format", "yaml", "format of the output: yaml or json")
	fs.BoolVar(&f.force, "force", false, "overwrite files that policyferry did not write")
	fs.StringVar(&f.report, "report", "", "write a JSON report with the fate of every field to this file, - for standard output")
	fs.BoolVar(&f.verify, "verify", false, "before writing, compare source and output over every connection of the cluster")
	fs.StringSliceVar(&f.accept, "accept", nil, "code of a finding to accept, such as PF2013; may be repeated")
	fs.StringVar(&f.failOn, "fail-on", "", "exit 1 at this severity: note, warning, error, never (default: whatever narrows, opens or is refused)")
	fs.StringVarP(&f.namespace, "namespace", "n", "", `namespace of objects that name none (default "default")`)
	fs.StringVar(&f.sourceVersion, "source-version", "", "release of the source CNI, such as 3.31 (default: what the cluster facts say, else the newest known)")
	fs.StringVar(&f.targetVersion, "target-version", "", "release of the target CNI, such as 1.20 (default: the same way)")
	completeChoices(cmd, f.choices())
	must(cmd.RegisterFlagCompletionFunc("accept", completeCodes))
	must(cmd.MarkFlagDirname("output"))
}

// completeChoices lets a shell complete the values of flags.
func completeChoices(cmd *cobra.Command, choices []choice) {
	for _, c := range choices {
		values := slices.DeleteFunc(c.values, func(v string) bool { return v == "" })
		must(cmd.RegisterFlagCompletionFunc(c.flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)))
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// choice is a flag that takes one of a few values.
type choice struct {
	flag, value string
	values      []string
}

func (f *translateFlags) choices() []choice {
	return []choice{
		{"to", f.to, []string{"cilium", "calico"}},
		{"from", f.from, []string{"", "cilium", "calico"}},
		{"layout", f.layout, []string{"objects", "mirror"}},
		{"format", f.format, []string{"yaml", "json"}},
		{"fail-on", f.failOn, []string{"", "note", "warning", "error", "never"}},
	}
}

// check refuses a command line that cannot be meant, before anything is read.
func (f *translateFlags) check(paths []string) error {
	switch {
	case f.to == "":
		return usage("say --to cilium or --to calico", "--to is missing")
	case len(paths) == 0:
		return usage("name files or directories, or - for standard input", "there is nothing to translate: no path is given")
	case f.output == "":
		return usage("give -o a directory, or - for standard output", "-o is empty")
	case f.output == "-" && f.report == "-":
		return usage("give -o a directory, or --report a file", "the policies and the report cannot both go to standard output")
	case len(f.fqdnCache) > 0 && f.to == "cilium":
		return usage("leave it out: Cilium knows DNS names", "--fqdn-cache is of use only with --to calico")
	case slices.Contains(f.cluster, "-"):
		return usage("write the facts to a file and name it", "--cluster does not read standard input, which is for policies")
	}
	if err := checkChoices(f.choices()); err != nil {
		return err
	}
	for _, code := range f.accept {
		if _, ok := diag.Lookup(code); !ok {
			return usage("policyferry explain lists the codes", "--accept: unknown code %q", code)
		}
	}
	return nil
}

// checkChoices refuses a value that a flag does not take.
func checkChoices(choices []choice) error {
	for _, c := range choices {
		if !slices.Contains(c.values, c.value) {
			words := slices.DeleteFunc(c.values, func(v string) bool { return v == "" })
			return usage("it takes "+strings.Join(words[:len(words)-1], ", ")+" or "+words[len(words)-1], "--%s does not take %q", c.flag, c.value)
		}
	}
	return nil
}

// accepts reports whether the findings of a code are accepted.
func (f *translateFlags) accepts(code *diag.Code) bool {
	return slices.ContainsFunc(f.accept, func(a string) bool {
		accepted, ok := diag.Lookup(a)
		return ok && accepted == code
	})
}
