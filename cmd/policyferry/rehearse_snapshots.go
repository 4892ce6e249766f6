package main

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/rehearse"
	"github.com/policyferry/policyferry/validate/rehearse/history"
)

// namesFile is what a snapshot keeps of the DNS names that Cilium has learned.
const namesFile = "fqdn-cache.json"

// readSnapshots reads each path as one estate, with the cluster facts that are given beside all of them.
func (f *rehearseFlags) readSnapshots(cmd *cobra.Command, paths []string, o *rehearse.Options) ([]rehearse.Snapshot, error) {
	facts, problems := source.Read(f.cluster, nil, source.Options{})
	var out []rehearse.Snapshot
	for i, name := range rehearse.Names(paths) {
		files, caches := snapshotFiles(paths[i])
		set, found := source.Read(files, cmd.InOrStdin(), source.Options{})
		s := rehearse.Snapshot{Name: name, Path: paths[i], Documents: append(set.Documents, facts.Documents...), Reading: found}
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

// snapshotFiles are the files and directories of a snapshot, and what is apart: what Cilium has learned about names.
func snapshotFiles(path string) (files, caches []string) {
	cache := filepath.Join(path, namesFile)
	entries, err := os.ReadDir(path)
	if _, missing := os.Stat(cache); err != nil || missing != nil {
		return []string{path}, nil
	}
	for _, e := range entries {
		if file := filepath.Join(path, e.Name()); file != cache && (e.IsDir() || manifest(e.Name())) {
			files = append(files, file)
		}
	}
	return files, []string{cache}
}

func manifest(name string) bool {
	switch filepath.Ext(name) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}
