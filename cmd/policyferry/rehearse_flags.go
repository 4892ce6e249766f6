package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/validate/rehearse/acceptance"
)

// rehearseFlags are the flags of the rehearse command.
type rehearseFlags struct {
	to                           string
	cluster                      []string
	flows                        []string
	accept                       []string
	acceptances                  string
	baseline                     string
	history                      string
	json, markdown, runbook      string
	html                         string
	fqdnCache                    []string
	namespace                    string
	sourceVersion, targetVersion string
	now                          string
}

func (f *rehearseFlags) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVar(&f.to, "to", "", "the CNI to leave for: cilium or calico (required)")
	fs.StringArrayVar(&f.cluster, "cluster", nil, "file or directory of cluster facts beside every snapshot; may be repeated")
	fs.StringArrayVar(&f.flows, "flows", nil, "log of flows that were seen in the cluster, as policyferry replay reads it; may be repeated")
	fs.StringArrayVar(&f.accept, "accept", nil, "accept findings of a code until the end of a day, "+acceptance.Flag+"; may be repeated")
	fs.StringVar(&f.acceptances, "acceptances", "", "file of acceptances, or none (default: "+acceptance.Name+" if it is there)")
	fs.StringVar(&f.baseline, "baseline", "", "JSON result of an earlier run: exit 1 only for blockers that it does not have")
	fs.StringVar(&f.history, "history", "", "directory with one small file for each run, to which this run is added")
	fs.StringVar(&f.json, "json", "", "write the result to a file, or - for standard output")
	fs.StringVar(&f.markdown, "markdown", "", "write a summary for a pull request or ticket to a file, or - for standard output")
	fs.StringVar(&f.html, "html", "", "write the report page, one file that needs no other, to a file, or - for standard output")
	fs.StringVar(&f.runbook, "runbook", "", "write the runbook to a file, or - for standard output")
	fs.StringArrayVar(&f.fqdnCache, "fqdn-cache", nil, "what Cilium has learned about DNS names: output of cilium-dbg fqdn cache list -o json, with --to calico")
	fs.StringVarP(&f.namespace, "namespace", "n", "", `namespace of objects that name none (default "default")`)
	fs.StringVar(&f.sourceVersion, "source-version", "", "release of the source CNI, such as 3.31 (default: what the snapshot says, else the newest known)")
	fs.StringVar(&f.targetVersion, "target-version", "", "release of the target CNI, such as 1.20 (default: the same way)")
	fs.StringVar(&f.now, "now", "", "the time of the run, such as 2027-03-01T06:00:00Z (default: SOURCE_DATE_EPOCH, else the clock)")
	completeChoices(cmd, f.choices())
	must(cmd.MarkFlagDirname("history"))
}

func (f *rehearseFlags) choices() []choice {
	return []choice{{"to", f.to, []string{string(compat.Cilium), string(compat.Calico)}}}
}

// check refuses a command line that cannot be meant, before anything is read.
func (f *rehearseFlags) check(paths []string) error {
	switch {
	case f.to == "":
		return usage("say --to cilium or --to calico", "--to is missing")
	case len(paths) == 0:
		return usage("name a snapshot: a directory, or a file of policies with --cluster", "there is nothing to rehearse: no path is given")
	case slices.Contains(paths, "-") && len(paths) > 1:
		return usage("write it to a file and name it", "standard input can only be the one snapshot")
	case len(f.flows) > 0 && len(paths) > 1:
		return usage("put a file flows.jsonl into each snapshot", "--flows is for one snapshot, and %s given", plural(len(paths), "path")+" are")
	case len(f.fqdnCache) > 0 && f.to == string(compat.Cilium):
		return usage("leave it out: Cilium knows DNS names", "--fqdn-cache is of use only with --to calico")
	case slices.Contains(f.cluster, "-"):
		return usage("write the facts to a file and name it", "--cluster does not read standard input, which is for a snapshot")
	case f.toStdout() > 1:
		return usage("give all but one of them a file", "only one of --json, --markdown, --html and --runbook can go to standard output")
	}
	if err := f.overwrites(paths); err != nil {
		return err
	}
	return checkChoices(f.choices())
}

// overwrites refuses an output that would take the place of an input or of another output. A baseline may be replaced by the
// result that is compared with it.
func (f *rehearseFlags) overwrites(paths []string) error {
	kept := slices.Concat(paths, f.cluster, f.flows, f.fqdnCache, []string{f.acceptances})
	for _, out := range []string{f.json, f.markdown, f.html, f.runbook} {
		if out == "" || out == "-" {
			continue
		}
		if slices.ContainsFunc(kept, func(path string) bool { return sameFile(out, path) }) {
			return usage("write to another file", "%s would be overwritten, and is read or written already", out)
		}
		kept = append(kept, out)
	}
	return nil
}

// sameFile reports whether two paths lead to one file that holds what is written to it.
func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	if errX != nil || errY != nil {
		return filepath.Clean(a) == filepath.Clean(b)
	}
	return x.Mode().IsRegular() && os.SameFile(x, y)
}

// toStdout counts the outputs that take the place of the text on standard output.
func (f *rehearseFlags) toStdout() int {
	n := 0
	for _, out := range []string{f.json, f.markdown, f.html, f.runbook} {
		if out == "-" {
			n++
		}
	}
	return n
}

// time is the moment of the run, which is all of the result that may differ from run to run.
func (f *rehearseFlags) time() (time.Time, error) {
	if f.now != "" {
		t, err := time.Parse(time.RFC3339, f.now)
		if err != nil {
			return t, usage("write it like 2027-03-01T06:00:00Z", "--now: %q is no time", f.now)
		}
		return t, nil
	}
	epoch := os.Getenv("SOURCE_DATE_EPOCH")
	if epoch == "" {
		return time.Now(), nil
	}
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return time.Time{}, usage("it is a number of seconds since 1970; unset it, or give --now", "SOURCE_DATE_EPOCH: %q is no number", epoch)
	}
	return time.Unix(seconds, 0), nil
}
