package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/lint"
	"github.com/policyferry/policyferry/validate/lint/config"
	lintreport "github.com/policyferry/policyferry/validate/lint/report"
)

// lintFlags are the flags of the lint command.
type lintFlags struct {
	cni                          string
	portableTo                   string
	cluster                      []string
	failOn                       string
	formats                      []string
	namespace                    string
	calicoVersion, ciliumVersion string
	config                       string
	baseline                     string
	changed                      string
	fix, fixUnsafe, diff         bool

	// What configure makes of the arguments and the configuration.
	paths         []string
	dir           string
	configuration *config.Config
	// earlier is the run that --baseline names.
	earlier *lintreport.Baseline
}

func (f *lintFlags) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVar(&f.portableTo, "portable-to", "none", "ask what could leave: calico, cilium, both, kubernetes or none")
	fs.StringVar(&f.cni, "cni", "", "the CNI that enforces Kubernetes' own policies: calico or cilium (default: the one whose policies stand beside them)")
	fs.StringArrayVar(&f.cluster, "cluster", nil, "file or directory of cluster facts: kubectl get -o yaml output, ClusterFacts; may be repeated")
	fs.StringVar(&f.failOn, "fail-on", "error", "exit 1 at this severity: note, warning, error, never")
	fs.StringArrayVar(&f.formats, "format", []string{"text"}, "format of the findings, "+strings.Join(lintreport.Names(), " or ")+", or FORMAT=FILE; may be repeated")
	fs.StringVarP(&f.namespace, "namespace", "n", "", `namespace of objects that name none (default "default")`)
	fs.StringVar(&f.calicoVersion, "calico-version", "", "release of Calico, such as 3.31 (default: what the cluster facts say, else the newest known)")
	fs.StringVar(&f.ciliumVersion, "cilium-version", "", "release of Cilium, such as 1.20 (default: the same way)")
	fs.StringVar(&f.baseline, "baseline", "", "JSON report of an earlier run: only findings that it does not have are shown and count")
	fs.StringVar(&f.changed, "changed", "", "a commit or branch of git: only what has changed since this branch left it, judged within the whole set")
	fs.BoolVar(&f.fix, "fix", false, "rewrite what can be said clearer, where the same is proven to be enforced")
	fs.BoolVar(&f.fixUnsafe, "fix-unsafe", false, "also make fixes that change what is enforced")
	fs.BoolVar(&f.diff, "diff", false, "show what --fix, or --fix-unsafe, would write, and write nothing")
	fs.StringVar(&f.config, "config", "", "the configuration, or none (default: "+config.Name+" here or in a directory above)")
	completeChoices(cmd, f.choices())
	must(cmd.RegisterFlagCompletionFunc("format", completeFormats))
	must(cmd.MarkFlagFilename("baseline", "json"))
	must(cmd.MarkFlagFilename("config", "yaml", "yml"))
}

func (f *lintFlags) choices() []choice {
	return []choice{
		{"portable-to", f.portableTo, []string{"none", "calico", "cilium", "both", "kubernetes"}},
		{"cni", f.cni, []string{"", "calico", "cilium"}},
		{"fail-on", f.failOn, []string{"note", "warning", "error", "never"}},
	}
}

// check refuses a command line that cannot be meant, before anything is read.
func (f *lintFlags) check(paths []string) error {
	switch {
	case len(paths) == 0:
		return usage("name files or directories, or - for standard input, or set paths in "+config.Name, "there is nothing to judge: no path is given")
	case f.fixing() && !f.diff && slices.Contains(paths, "-") && len(paths) > 1:
		return usage("fix the files in another run, or give --diff", "--fix prints the text of standard input, and that is not the only path")
	case f.changed != "" && slices.Contains(paths, "-"):
		return usage("name the files", "--changed compares files with git, and standard input is none")
	case slices.Contains(f.cluster, "-"):
		return usage("write the facts to a file and name it", "--cluster does not read standard input, which is for policies")
	}
	if err := checkChoices(f.choices()); err != nil {
		return err
	}
	printed := 0
	for _, format := range f.formats {
		name, file, toFile := strings.Cut(format, "=")
		switch {
		case lintreport.Formats[name] == nil:
			return usage("it takes "+strings.Join(lintreport.Names(), ", ")+", or one of them with =FILE", "--format does not take %q", format)
		case toFile && file == "":
			return usage("write --format "+name+"=FILE", "--format %s names no file", format)
		case !toFile && f.takesStdout() && name != "text":
			return usage("write --format "+name+"=FILE", "standard output is for the fixed text, so --format %s has no place there", name)
		case !toFile:
			printed++
		}
	}
	if printed > 1 {
		return usage("give all but one of them a file, as in --format json=lint.json", "only one format can go to standard output")
	}
	return nil
}

// targets are the places of --portable-to.
func (f *lintFlags) targets() []lint.Target {
	switch f.portableTo {
	case "none":
		return nil
	case "both":
		return []lint.Target{lint.ToCalico, lint.ToCilium}
	}
	return []lint.Target{lint.Target(f.portableTo)}
}

// fails applies --fail-on.
func (f *lintFlags) fails(x lint.Finding) bool {
	severity, err := diag.ParseSeverity(f.failOn)
	return err == nil && x.Severity >= severity
}

// completeFormats completes the name of a format, and behind FORMAT= leaves the file to the shell.
func completeFormats(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	if strings.Contains(word, "=") {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return lintreport.Names(), cobra.ShellCompDirectiveNoFileComp
}
