package emit

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// File is one file to be written.
type File struct {
	Path string
	Data []byte
	// Replace says that the file may be overwritten whatever it holds.
	Replace bool
	// Mode are the permissions that the file gets; 0 means 0644.
	Mode fs.FileMode
}

// NotOurs is the error for a file that exists and was not written by policyferry.
type NotOurs struct{ Path string }

// Error names the file.
func (e *NotOurs) Error() string {
	return fmt.Sprintf("%s exists and was not written by policyferry", e.Path)
}

// WriteFiles writes all files or, as far as the file system allows, none: every file is first written beside its
// place, and moved there when all are complete. Unless force is set, a file that is not marked is not overwritten.
func WriteFiles(files []File, force bool) error {
	files = slices.Clone(files)
	seen := map[string]bool{}
	for i := range files {
		path := filepath.Clean(files[i].Path)
		if seen[path] {
			return fmt.Errorf("two outputs would be written to %s, and one would be lost", path)
		}
		seen[path], files[i].Path = true, path
	}
	for _, f := range files {
		if err := replaceable(f, force); err != nil {
			return err
		}
	}
	temporary := make([]string, 0, len(files))
	defer func() {
		for _, t := range temporary {
			os.Remove(t)
		}
	}()
	for _, f := range files {
		t, err := writeBeside(f)
		if t != "" {
			temporary = append(temporary, t)
		}
		if err != nil {
			return err
		}
	}
	for i, f := range files {
		if err := os.Rename(temporary[i], f.Path); err != nil {
			return fmt.Errorf("writing %s: %w", f.Path, err)
		}
	}
	return nil
}

// replaceable says why a file cannot take its place.
func replaceable(f File, force bool) error {
	info, err := os.Stat(f.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("looking at %s before writing it: %w", f.Path, err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s exists and is no file", f.Path)
	case force || f.Replace:
		return nil
	}
	marked, err := isMarked(f.Path)
	if err != nil {
		return fmt.Errorf("looking at %s before writing it: %w", f.Path, err)
	}
	if !marked {
		return &NotOurs{f.Path}
	}
	return nil
}

func writeBeside(f File) (string, error) {
	if err := os.MkdirAll(filepath.Dir(f.Path), 0o755); err != nil {
		return "", fmt.Errorf("writing %s: %w", f.Path, err)
	}
	t, err := os.CreateTemp(filepath.Dir(f.Path), ".policyferry-*")
	if err != nil {
		return "", fmt.Errorf("writing %s: %w", f.Path, err)
	}
	_, err = t.Write(f.Data)
	if err == nil {
		err = t.Chmod(cmp.Or(f.Mode, 0o644))
	}
	if e := t.Close(); err == nil {
		err = e
	}
	if err != nil {
		return t.Name(), fmt.Errorf("writing %s: %w", f.Path, err)
	}
	return t.Name(), nil
}
