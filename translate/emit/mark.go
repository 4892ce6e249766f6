package emit

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Marker is the first line of every YAML file that policyferry writes. A file without it is never overwritten unless
// the user insists.
const Marker = "# written by policyferry"

// listHead is how JSON writes a list, and markedHead how Mark does: JSON has no comments, and what is carried as it
// stands has no annotation of ours. kubectl reads of a list only its items.
const (
	listHead   = "{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"List\",\n"
	markedHead = listHead + "  \"metadata\": {\n    \"annotations\": {\n      \"policyferry.io/written-by\": \"policyferry\"\n    }\n  },\n"
)

// Mark marks a text that YAML or JSON wrote as ours, so that the file may be overwritten later.
func Mark(text []byte) []byte {
	if rest, ok := bytes.CutPrefix(text, []byte(listHead)); ok {
		return append([]byte(markedHead), rest...)
	}
	return append([]byte(Marker+"\n"), text...)
}

// isMarked reports whether a file begins as Mark has it begin.
func isMarked(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	head := make([]byte, len(markedHead))
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, err
	}
	head = head[:n]
	return bytes.HasPrefix(head, []byte(Marker)) || string(head) == markedHead, nil
}

// Leftover lists the marked files below a directory that are not among the files: an earlier run wrote them, and
// whoever applies the directory would apply them too.
func Leftover(dir string, files []File) ([]string, error) {
	written := map[string]bool{}
	for _, f := range files {
		written[filepath.Clean(f.Path)] = true
	}
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case !d.Type().IsRegular() || written[path] || !manifest(path):
			return nil
		}
		marked, err := isMarked(path)
		if marked {
			out = append(out, path)
		}
		return err
	})
	slices.Sort(out)
	return out, err
}

func manifest(path string) bool {
	return strings.HasSuffix(path, ".yaml") || strings.HasSuffix(path, ".json")
}
