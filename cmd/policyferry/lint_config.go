package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/lint"
	"github.com/policyferry/policyferry/validate/lint/config"
	"github.com/policyferry/policyferry/validate/strictyaml"
)

// noConfig is the value of --config that passes every file over.
const noConfig = "none"

// configure takes in the configuration, where flags leave it something to say, and the paths.
func (f *lintFlags) configure(cmd *cobra.Command, paths []string) error {
	f.paths, f.configuration = paths, &config.Config{}
	cwd, err := os.Getwd()
	if err != nil {
		return usage("", "looking up the working directory: %v", err)
	}
	f.dir = cwd
	file := f.config
	if file == "" {
		if file, err = config.Discover(cwd); err != nil {
			return usage("name the file with --config, or none", "looking for %s: %v", config.Name, err)
		}
	}
	if file == "" || file == noConfig {
		return nil
	}
	if file, err = filepath.Abs(file); err != nil {
		return usage("", "--config: %v", err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return usage("policyferry config init writes one", "the configuration cannot be read: %v", err)
	}
	c, err := config.Parse(file, data)
	var problem *strictyaml.Problem
	if errors.As(err, &problem) {
		problem.Pos.File = (&config.Config{File: file}).Path(cwd, filepath.Base(file))
		return usage(problem.Hint, "%s", problem.Error())
	}
	f.configuration = c
	f.fill(cmd, c)
	return nil
}

// fill gives the flags that are not set what the configuration says.
func (f *lintFlags) fill(cmd *cobra.Command, c *config.Config) {
	for _, s := range []struct {
		flag  string
		into  *string
		value string
	}{
		{"cni", &f.cni, c.CNI}, {"calico-version", &f.calicoVersion, c.CalicoVersion}, {"cilium-version", &f.ciliumVersion, c.CiliumVersion},
		{"namespace", &f.namespace, c.Namespace}, {"portable-to", &f.portableTo, c.PortableTo}, {"fail-on", &f.failOn, c.FailOn},
	} {
		if s.value != "" && !cmd.Flags().Changed(s.flag) {
			*s.into = s.value
		}
	}
	if !cmd.Flags().Changed("cluster") {
		for _, path := range c.Cluster {
			f.cluster = append(f.cluster, c.Path(f.dir, path))
		}
	}
	if len(f.paths) == 0 {
		for _, path := range c.Paths {
			f.paths = append(f.paths, c.Path(f.dir, path))
		}
	}
}

// withoutExcluded takes away what stands in files that the configuration excludes.
func (f *lintFlags) withoutExcluded(set *source.Set, problems diag.List) diag.List {
	known := map[string]bool{}
	excluded := func(file string) bool {
		out, ok := known[file]
		if !ok {
			out = file != source.Stdin && f.configuration.Excludes(f.dir, file)
			known[file] = out
		}
		return out
	}
	set.Documents = slices.DeleteFunc(set.Documents, func(d *source.Document) bool { return excluded(d.Pos.File) })
	set.Remarks = slices.DeleteFunc(set.Remarks, func(r source.Remark) bool { return excluded(r.Pos.File) })
	var kept diag.List
	for _, p := range problems.All() {
		if !excluded(p.Pos.File) {
			kept.Add(p)
		}
	}
	return kept
}

// weigh gives findings the severity that the configuration wants.
func (f *lintFlags) weigh(findings []lint.Finding) []lint.Finding {
	for i := range findings {
		if level, ok := f.configuration.Severity[findings[i].Code]; ok {
			findings[i].Severity = level.Severity
		}
	}
	return slices.DeleteFunc(findings, func(x lint.Finding) bool { return f.configuration.Severity[x.Code].Off })
}
