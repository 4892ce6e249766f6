package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate"
	"github.com/policyferry/policyferry/translate/emit"
)

// writeOutputs writes the translated set to standard output or below a directory.
func writeOutputs(stdout io.Writer, f *translateFlags, r *translate.Result) error {
	if f.output == "-" {
		text, err := render(f.format, r.Outputs)
		if err != nil {
			return &exit{ExitFault, err.Error(), ""}
		}
		if _, err := stdout.Write(text); err != nil {
			return fmt.Errorf("writing the output: %w", err)
		}
		return nil
	}
	files, err := layOut(f, r.Outputs)
	if err != nil {
		return &exit{ExitFault, err.Error(), ""}
	}
	if err := emit.WriteFiles(files, f.force); err != nil {
		var foreign *emit.NotOurs
		if errors.As(err, &foreign) {
			return usage("choose an empty directory, or overwrite it with --force", "%v, so nothing is written", err)
		}
		return usage("", "%v", err)
	}
	return nil
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
		name := objectFile(o)
		if f.layout == "mirror" {
			name = mirrorFile(o)
		}
		path := filepath.Join(f.output, name+"."+f.format)
		groups[path] = append(groups[path], o)
	}
	var files []emit.File
	for path, group := range groups {
		text, err := render(f.format, group)
		if err != nil {
			return nil, err
		}
		if f.format == "yaml" {
			text = append([]byte(emit.Marker+"\n"), text...)
		}
		files = append(files, emit.File{Path: path, Data: text})
	}
	slices.SortFunc(files, func(a, b emit.File) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

// objectFile is namespace/kind-name for one object; objects without namespace lie at the top.
func objectFile(o translate.Output) string {
	return filepath.Join(safe(o.Object.Namespace), strings.ToLower(o.Object.Kind)+"-"+safe(o.Object.Name))
}

// mirrorFile is the path of the source file without its ending, below the output directory. What has no source file
// lies in policyferry.yaml.
func mirrorFile(o translate.Output) string {
	if o.File == "" {
		return "policyferry"
	}
	clean := filepath.Clean("/" + filepath.ToSlash(o.File))
	return strings.TrimPrefix(strings.TrimSuffix(clean, filepath.Ext(clean)), "/")
}

// safe keeps a name from leaving its directory.
func safe(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '/' || r == '\\' || r == 0 {
			return '-'
		}
		return r
	}, strings.TrimLeft(name, "."))
}
