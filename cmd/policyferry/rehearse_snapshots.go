package main

import (
	"os"
	"path/filepath"
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
		files, caches, flows := snapshotFiles(paths[i])
		set, found := source.Read(files, cmd.InOrStdin(), source.Options{})
		s := rehearse.Snapshot{Name: name, Path: paths[i], Inputs: f.inputs(files, caches), Documents: append(set.Documents, facts.Documents...), Reading: found, Flows: logs(append(flows, f.flows...))}
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

// inputs are the arguments with which translate reads what a rehearsal reads.
func (f *rehearseFlags) inputs(files, caches []string) []string {
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
	return append(out, files...)
}

// snapshotFiles are the files and directories of a snapshot, and what is apart: what Cilium has learned about names, and
// logs of flows, whose names begin with flows.
func snapshotFiles(path string) (files, caches, flows []string) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return []string{path}, nil, nil
	}
	apart := false
	for _, e := range entries {
		file := filepath.Join(path, e.Name())
		switch {
		case e.Name() == namesFile:
			caches, apart = append(caches, file), true
		case strings.HasPrefix(e.Name(), flowsPrefix) && e.Type().IsRegular():
			flows, apart = append(flows, file), true
		case e.IsDir() || manifest(e.Name()):
			files = append(files, file)
		}
	}
	if !apart {
		return []string{path}, nil, nil
	}
	return files, caches, flows
}

func manifest(name string) bool {
	switch filepath.Ext(name) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}

// logs are flow logs as inputs.
func logs(paths []string) []replay.Input {
	var out []replay.Input
	for _, path := range paths {
		out = append(out, replay.File(path, replay.Detect))
	}
	return out
}
