package main

import (
	"os"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/fqdn"
)

// readNames reads what agents have learned about DNS names, one file for each agent. Without files there is no cache.
func readNames(files []string) (*fqdn.Cache, diag.List) {
	var problems diag.List
	var out *fqdn.Cache
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f := diag.BadFacts.At(diag.Position{File: file}, diag.Object{}, "", "the FQDN cache cannot be read: %v", err)
			problems.Add(f)
			continue
		}
		c, wrong := fqdn.Parse(file, data)
		problems.Append(wrong)
		switch {
		case c == nil:
		case out == nil:
			out = c
		default:
			out.Merge(c)
		}
	}
	return out, problems
}
