package main

import (
	"fmt"
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
	"github.com/policyferry/policyferry/validate/snapshot"
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
		path, left := snapshotIn(paths[i])
		if len(left) > 0 {
			fmt.Fprintf(cmd.ErrOrStderr(), "policyferry: of %s the snapshot is read, and not %s beside it\n", paths[i], strings.Join(left, ", "))
		}
		caches, flows := besides(path)
		apart := len(caches)+len(flows) > 0
		if path != paths[i] {
			moreCaches, moreFlows := besides(paths[i])
			caches, flows = append(caches, moreCaches...), append(flows, moreFlows...)
		}
		set, found := source.Read([]string{path}, cmd.InOrStdin(), source.Options{Except: slices.Concat(caches, flows)})
		s := rehearse.Snapshot{Name: name, Path: path, Inputs: f.inputs(path, set, caches, apart),
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
// something lies apart there that translate must not read.
func (f *rehearseFlags) inputs(path string, set *source.Set, caches []string, apart bool) []string {
	var out []string
	for _, path := range f.cluster {
		out = append(out, "--cluster", path)
	}
	if f.to == string(compat.Calico) {
		for _, path := range append(caches, f.fqdnCache...) {
			out = append(out, "--fqdn-cache", path)
		}
	}
	if f.namespace != "" {
		out = append(out, "--namespace", f.namespace)
	}
	if !apart {
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

// snapshotDir is the directory in which an estate keeps its snapshot.
const snapshotDir = "snapshot"

// snapshotIn is the snapshot that a directory holds, and what lies beside it and is not read: an estate may keep the files
// that its snapshot was taken of. A path that holds none is the snapshot itself.
func snapshotIn(path string) (inner string, left []string) {
	inner = filepath.Join(path, snapshotDir)
	entries, err := os.ReadDir(path)
	if _, missing := os.Stat(filepath.Join(inner, snapshot.IndexFile)); missing != nil || err != nil {
		return path, nil
	}
	caches, flows := besides(path)
	for _, e := range entries {
		read := e.Name() == snapshotDir || slices.Contains(slices.Concat(caches, flows), filepath.Join(path, e.Name()))
		if !read && (e.IsDir() || slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(e.Name()))) {
			left = append(left, e.Name())
		}
	}
	return inner, left
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
