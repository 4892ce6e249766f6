package source

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
)

// Stdin is the name of the standard input in findings.
const Stdin = "stdin"

// Read reads files, directories and, for "-", standard input as one set. Directories are read with everything
// below them: files that end in .yaml, .yml or .json, in the order of their paths. A file that is reached twice is
// read once. A path that cannot be read, or that holds no object, is a finding and does not stop the others.
func Read(paths []string, stdin io.Reader, opt Options) (*Set, diag.List) {
	r := newReader(opt)
	seen := map[string]bool{}
	for _, path := range paths {
		check, again := r.notEmpty(displayName(path)), false
		for _, file := range r.expand(path) {
			key := filepath.Clean(file)
			again = again || seen[key]
			if !seen[key] {
				seen[key] = true
				r.open(file, stdin)
			}
		}
		if !again {
			r.later(nil, check)
		}
	}
	r.takeIn()
	return r.set, r.findings
}

// expand returns the files that a path stands for.
func (r *reader) expand(path string) []string {
	if path == "-" {
		return []string{path}
	}
	info, err := os.Stat(path)
	if err != nil {
		r.unreadable(displayName(path), err)
		return nil
	}
	if !info.IsDir() {
		return []string{path}
	}
	var files []string
	// WalkDir goes through each directory in lexical order, so the result does not depend on the file system.
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			r.unreadable(displayName(p), err)
			return nil
		}
		if manifest(p) && regular(p, d) && !slices.Contains(r.opt.Except, p) {
			files = append(files, p)
		}
		return nil
	})
	if err != nil {
		r.unreadable(displayName(path), err)
	}
	return files
}

// displayName is the name of a path in positions, in annotations and in every format: the same on each system.
func displayName(path string) string {
	if path == "-" {
		return Stdin
	}
	return filepath.ToSlash(path)
}

func manifest(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}

// regular also follows links to files, which is how Kubernetes mounts a ConfigMap. A link that leads nowhere counts
// as a file, so that reading it says what is wrong.
func regular(path string, d fs.DirEntry) bool {
	if d.Type()&fs.ModeSymlink == 0 {
		return d.Type().IsRegular()
	}
	info, err := os.Stat(path)
	return err != nil || info.Mode().IsRegular()
}

// open reads one file into the set, never more of it than the limit.
func (r *reader) open(path string, stdin io.Reader) {
	name, in := displayName(path), stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			r.unreadable(displayName(path), err)
			return
		}
		defer f.Close()
		in = f
	}
	if in == nil {
		in = strings.NewReader("")
	}
	data, err := io.ReadAll(io.LimitReader(in, r.opt.MaxFileBytes+1))
	if err != nil {
		r.unreadable(name, err)
		return
	}
	r.text(name, data)
}

func (r *reader) unreadable(name string, err error) {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	r.later(nil, func() {
		r.findings.Add(diag.Unreadable.At(diag.Position{File: name}, diag.Object{}, "", "the file cannot be read: %v", err))
	})
}
