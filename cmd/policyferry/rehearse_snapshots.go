package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/rehearse"
	"github.com/policyferry/policyferry/validate/rehearse/history"
	"github.com/policyferry/policyferry/validate/replay"
)

// namesFile is what a snapshot keeps of the DNS names that Cilium has learned.
const namesFile = "fqdn-cache.json"

// flowsPrefix begins the names of its logs of flows.
const flowsPrefix = "flows."

// readSnapshots reads each path as one estate, with the cluster facts that are given beside all of them.
func (f *rehearseFlags) readSnapshots(cmd *cobra.Command, paths []string, o *rehearse.Options) ([]rehearse.Snapshot, error) {
	facts, problems := source.Read(f.cluster, nil, source.Options{})
	var out []rehearse.Snapshot
	for i, name := range rehearse.Names(paths) {
		caches, flows := besides(paths[i])
		set, found := source.Read([]string{paths[i]}, cmd.InOrStdin(), source.Options{Except: slices.Concat(caches, flows)})
		s := rehearse.Snapshot{Name: name, Path: paths[i], Inputs: f.inputs(paths[i], set, caches, flows),
			Documents: append(set.Documents, facts.Documents...), Reading: found, Flows: logs(append(flows, f.flows...))}
		var more diag.List
		if o.To == compat.Calico {
			s.Names, more = readNames(append(caches, f.fqdnCache...))
		}
		problems.Append(found)
		problems.Append(more)
		var err error
		if f.history != "" {
			if s.History, err = history.Read(f.history, name, f.to, o.Now); err != nil {
				return nil, usage("give the directory that an earlier run has written", "--history: %v", err)
			}
		}
		out = append(out, s)
	}
	if unreadable(problems) {
		printFindings(cmd.ErrOrStderr(), problems.Sorted())
		return nil, &exit{ExitUsage, "the input cannot be read, so nothing is rehearsed", ""}
	}
	return out, nil
}

// inputs are the arguments with which translate reads what a rehearsal reads: the path, or what of it holds objects if
// something lies there that translate must not read.
func (f *rehearseFlags) inputs(path string, set *source.Set, caches, flows []string) []string {
	var out []string
	for _, path := range f.cluster {
		out = append(out, "--cluster "+path)
	}
	if f.to == string(compat.Calico) {
		for _, path := range append(caches, f.fqdnCache...) {
			out = append(out, "--fqdn-cache "+path)
		}
	}
	if f.namespace != "" {
		out = append(out, "--namespace "+f.namespace)
	}
	if len(caches)+len(flows) == 0 {
		return append(out, path)
	}
	last := ""
	for _, d := range set.Documents { // in the order of their files
		below, err := filepath.Rel(path, filepath.FromSlash(d.Pos.File))
		name, _, _ := strings.Cut(filepath.ToSlash(below), "/")
		if file := filepath.Join(path, name); err == nil && file != last {
			out, last = append(out, file), file
		}
	}
	return out
}

// besides are the files of a snapshot that are no manifests: what Cilium has learned about names, and logs of flows, whose
// names begin with flows. Links to files are followed, as they are for manifests.
func besides(path string) (caches, flows []string) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, nil
	}
	for _, e := range entries {
		file := filepath.Join(path, e.Name())
		if info, err := os.Stat(file); err == nil && info.IsDir() {
			continue
		}
		switch {
		case e.Name() == namesFile:
			caches = append(caches, file)
		case strings.HasPrefix(e.Name(), flowsPrefix):
			flows = append(flows, file)
		}
	}
	return caches, flows
}

// logs are flow logs as inputs.
func logs(paths []string) []replay.Input {
	var out []replay.Input
	for _, path := range paths {
		out = append(out, replay.File(path, replay.Detect))
	}
	return out
}
