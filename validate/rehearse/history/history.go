// Package history keeps one small file for each run, so that a report can show whether portability rises or falls.
package history

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/policyferry/policyferry/validate/rehearse"
)

// fileTime is the time of a run in the name of its file; no file system minds it.
const fileTime = "20060102T150405Z"

// Read gives the earlier runs of an estate towards a CNI, the oldest first. A directory that is not there has none. Runs
// at or after now are left out, so that a run that is done again gives the same result.
func Read(dir, estate, to string, now time.Time) ([]rehearse.Entry, error) {
	files, err := os.ReadDir(filepath.Join(dir, estate))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []rehearse.Entry
	for _, f := range files { // they are sorted by name, and so by time
		at, isRun := strings.CutPrefix(strings.TrimSuffix(f.Name(), ".json"), to+"-")
		when, err := time.Parse(fileTime, at)
		if !isRun || err != nil || !when.Before(now.Truncate(time.Second)) {
			continue
		}
		entry, err := read(filepath.Join(dir, estate, f.Name()))
		if err != nil {
			return nil, err
		}
		out = append(out, entry)
	}
	return out, nil
}

func read(path string) (entry rehearse.Entry, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return entry, err
	}
	if err := json.Unmarshal(text, &entry); err != nil || entry.Verdict == "" {
		return entry, fmt.Errorf("%s is no run of policyferry rehearse", path)
	}
	return entry, nil
}

// Write adds this run of every estate.
func Write(dir string, r *rehearse.Result) error {
	for _, e := range r.Estates {
		if len(e.History) == 0 {
			continue
		}
		entry := e.History[len(e.History)-1]
		at, err := time.Parse(time.RFC3339, entry.Time)
		if err != nil {
			return err
		}
		text, err := json.MarshalIndent(entry, "", "  ")
		if err != nil {
			return err
		}
		below := filepath.Join(dir, e.Name)
		if err := os.MkdirAll(below, 0o777); err != nil {
			return err
		}
		if err := write(filepath.Join(below, r.To+"-"+at.UTC().Format(fileTime)+".json"), append(text, '\n')); err != nil {
			return err
		}
	}
	return nil
}

// write writes a file as a whole or not at all, so that another run never reads a part of it. Until it is whole, its name is
// none of a run.
func write(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "writing-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the first error is the one that matters
	}
	return err
}
