package rehearse

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Names makes one name for each path: its last part, or as many of its parts as it takes to tell them apart. The ending of
// a file is left out; a directory may have a dot in its name.
func Names(paths []string) []string {
	out := make([]string, len(paths))
	for n := 1; ; n++ {
		seen := map[string]int{}
		longest := 0
		for i, path := range paths {
			parts := strings.FieldsFunc(withoutEnding(filepath.ToSlash(filepath.Clean(path))), func(r rune) bool { return r == '/' })
			parts = slices.DeleteFunc(parts, func(p string) bool { return p == "." || p == ".." })
			longest = max(longest, len(parts))
			out[i] = strings.Join(parts[max(0, len(parts)-n):], "-")
			if out[i] == "" {
				out[i] = "estate"
			}
			seen[out[i]]++
		}
		if len(seen) == len(paths) || n >= longest {
			return numbered(out)
		}
	}
}

// endings are those of files that are read.
var endings = []string{".yaml", ".yml", ".json"}

func withoutEnding(path string) string {
	for _, ending := range endings {
		if n := len(path) - len(ending); n > 0 && strings.EqualFold(path[n:], ending) {
			return path[:n]
		}
	}
	return path
}

// numbered tells paths apart that are the same.
func numbered(names []string) []string {
	taken := map[string]bool{}
	for _, name := range names {
		taken[name] = true
	}
	first := map[string]bool{}
	for i, name := range names {
		if !first[name] {
			first[name] = true
			continue
		}
		for n := 2; taken[names[i]]; n++ {
			names[i] = fmt.Sprintf("%s-%d", name, n)
		}
		taken[names[i]] = true
	}
	return names
}
