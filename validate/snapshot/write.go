package snapshot

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// NotOurs is the error for a directory that holds something which no snapshot has.
type NotOurs struct {
	// Path is what lies there.
	Path string
	// Repository says that it is a git repository, which is never replaced.
	Repository bool
}

// Error names it.
func (e *NotOurs) Error() string {
	if e.Repository {
		return fmt.Sprintf("%s is a git repository, and a snapshot replaces its directory as a whole", filepath.Dir(e.Path))
	}
	return fmt.Sprintf("%s is no part of a snapshot, and a snapshot replaces its directory as a whole", e.Path)
}

// Write writes the snapshot as a directory: all of it, or none. A directory that is there is replaced if it holds
// nothing but a snapshot; with force, whatever it holds.
func (s *Snapshot) Write(dir string, force bool) error {
	files, err := s.files()
	if err != nil {
		return err
	}
	dir = filepath.Clean(dir)
	if err := replaceable(dir, force); err != nil {
		return err
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	made, err := os.MkdirTemp(parent, ".policyferry-snapshot-*")
	if err != nil {
		return err
	}
	keep := false
	defer func() {
		if !keep {
			_ = os.RemoveAll(made)
		}
	}()
	fresh := filepath.Join(made, "new")
	for _, f := range files {
		path := filepath.Join(fresh, filepath.FromSlash(f.path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, f.data, 0o644); err != nil {
			return err
		}
	}
	old := filepath.Join(made, "old")
	if err := swap(fresh, dir, old); err != nil {
		var stuck *stuck
		keep = errors.As(err, &stuck)
		return err
	}
	return nil
}

// stuck is the error if neither directory could be put into its place.
type stuck struct {
	old string
	err error
}

// Error says where the old directory is.
func (e *stuck) Error() string { return fmt.Sprintf("%v; what was there is now %s", e.err, e.old) }

// swap puts the new directory into the place of the old one, and the old one back if that fails.
func swap(fresh, dir, old string) error {
	err := os.Rename(dir, old)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	replaced := err == nil
	if err := os.Rename(fresh, dir); err != nil {
		if !replaced {
			return err
		}
		if back := os.Rename(old, dir); back != nil {
			return &stuck{old, errors.Join(err, back)}
		}
		return err
	}
	return nil
}

// replaceable says why a directory cannot be replaced.
func replaceable(dir string, force bool) error {
	info, err := os.Lstat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s exists and is no directory", dir)
	}
	if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
		return &NotOurs{Path: filepath.Join(dir, ".git"), Repository: true}
	}
	if force {
		return nil
	}
	foreign, err := foreignIn(dir)
	if err != nil || foreign == "" {
		return err
	}
	return &NotOurs{Path: foreign}
}

// foreignIn is the first thing in the directory that no snapshot has, or whatever is there if the index is missing. It
// is empty for a snapshot, and for a directory that holds nothing.
func foreignIn(dir string) (string, error) {
	indexed, first, foreign := false, "", ""
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		below, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		below = filepath.ToSlash(below)
		indexed = indexed || below == IndexFile
		if first == "" {
			first = path
		}
		if !layout.MatchString(below) || !d.IsDir() && !d.Type().IsRegular() {
			foreign = path
			return fs.SkipAll
		}
		return nil
	})
	if foreign == "" && !indexed {
		foreign = first
	}
	return foreign, err
}
