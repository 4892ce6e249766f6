// Package config reads .policyferry.yaml: what lint is told once for a repository and not with every run.
package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/policyferry/policyferry/translate/diag"
)

// Name is the name of the file.
const Name = ".policyferry.yaml"

// Config is what a file says. What it leaves out is empty.
type Config struct {
	// File is where it stands; its paths are relative to the directory of the file.
	File string
	// The fields that have the names and values of flags of lint.
	CNI, CalicoVersion, CiliumVersion, Namespace, PortableTo, FailOn string
	Cluster                                                          []string
	// Severity is what findings of a code weigh instead.
	Severity map[*diag.Code]Level
	// Paths are judged when the command line names none.
	Paths []string
	// Exclude are globs of files that are not judged, though a path names them.
	Exclude []string
}

// Level is a severity, or that findings are not told at all.
type Level struct {
	Severity diag.Severity
	Off      bool
}

// Discover looks for the file in a directory and those above it, up to the root of a git repository. It returns an
// empty name if there is none.
func Discover(dir string) (string, error) {
	for {
		file := filepath.Join(dir, Name)
		if _, err := os.Stat(file); err == nil {
			return file, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		parent := filepath.Dir(dir)
		if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil || parent == dir {
			return "", nil
		}
		dir = parent
	}
}

// Path is a path of the file as seen from a working directory.
func (c *Config) Path(cwd, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	path = filepath.Join(filepath.Dir(c.File), filepath.FromSlash(path))
	if rel, err := filepath.Rel(cwd, path); err == nil {
		return rel
	}
	return path
}
