package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate"
	"github.com/policyferry/policyferry/translate/emit"
)

// write writes the report, and the translated set to standard output or below a directory: all of it or nothing. When
// the set is blocked, the report is all there is to write.
func write(stdout io.Writer, f *translateFlags, r *translate.Result, set bool) error {
	var files []emit.File
	var text []byte
	if set {
		var err error
		if f.output == "-" {
			text, err = render(f.format, r.Outputs)
		} else {
			files, err = layOut(f, r.Outputs)
		}
		if err != nil {
			return &exit{ExitFault, err.Error(), "nothing is written; please report it with the input that caused it"}
		}
		if err := noLeftover(f, files); err != nil {
			return err
		}
	}
	reported, err := reportFile(f, r)
	if err != nil {
		return err
	}
	toDevice := device(f.report)
	switch {
	case f.report == "-":
		text = reported.Data
	case f.report != "" && !toDevice:
		files = append(files, reported)
	}
	if err := emit.WriteFiles(files, f.force); err != nil {
		var foreign *emit.NotOurs
		if errors.As(err, &foreign) {
			return usage("choose an empty directory, or overwrite it with --force", "%v, so nothing is written", err)
		}
		return usage("", "%v, so nothing is written", err)
	}
	if toDevice {
		if err := os.WriteFile(f.report, reported.Data, 0); err != nil {
			return usage("", "writing the report: %v", err)
		}
	}
	if _, err := stdout.Write(text); err != nil {
		return usage("", "writing to standard output: %v", err)
	}
	return nil
}

// device reports whether a path is something to write to that is no file, such as /dev/null or a pipe.
func device(path string) bool {
	info, err := os.Stat(path)
	return path != "" && err == nil && !info.Mode().IsRegular() && !info.IsDir()
}

// noLeftover refuses a directory that holds files of an earlier run which this one does not write again: whoever
// applies the directory would apply a policy that the source has no more.
func noLeftover(f *translateFlags, files []emit.File) error {
	if f.output == "-" {
		return nil
	}
	left, err := emit.Leftover(f.output, files)
	if err != nil {
		return usage("", "looking into %s before writing: %v", f.output, err)
	}
	if len(left) == 0 {
		return nil
	}
	more := ""
	if len(left) > 1 {
		more = " and " + plural(len(left)-1, "other file")
	}
	return usage("delete what an earlier run has written, or choose an empty directory",
		"%s%s would stay behind from an earlier run as if the set held it still, so nothing is written", left[0], more)
}

func render(format string, outputs []translate.Output) ([]byte, error) {
	objects := make([][]byte, len(outputs))
	for i, o := range outputs {
		objects[i] = o.JSON
	}
	if format == "json" {
		return emit.JSON(objects)
	}
	return emit.YAML(objects)
}

// layOut divides the outputs into files.
func layOut(f *translateFlags, outputs []translate.Output) ([]emit.File, error) {
	groups := map[string][]translate.Output{}
	for _, o := range outputs {
		name := filepath.FromSlash(o.Path())
		if f.layout == "mirror" {
			name = mirrorFile(o)
		}
		file := filepath.Join(f.output, name+"."+f.format)
		groups[file] = append(groups[file], o)
	}
	var files []emit.File
	for path, group := range groups {
		text, err := render(f.format, group)
		if err != nil {
			return nil, fmt.Errorf("writing %s: %w", path, err)
		}
		files = append(files, emit.File{Path: path, Data: emit.Mark(text)})
	}
	slices.SortFunc(files, func(a, b emit.File) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

// mirrorFile is the path of the source file without its ending, below the output directory. What has no source file
// lies in policyferry.yaml.
func mirrorFile(o translate.Output) string {
	if o.File == "" {
		return "policyferry"
	}
	clean := path.Clean("/" + filepath.ToSlash(strings.TrimPrefix(o.File, filepath.VolumeName(o.File))))
	return strings.TrimPrefix(strings.TrimSuffix(clean, path.Ext(clean)), "/")
}
