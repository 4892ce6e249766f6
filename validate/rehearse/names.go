package rehearse

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Names makes one name for each path: its last part, or as many of its parts as it takes to tell them apart.
func Names(paths []string) []string {
	out := make([]string, len(paths))
	for n := 1; ; n++ {
		seen := map[string]int{}
		longest := 0
		for i, path := range paths {
			parts := strings.FieldsFunc(filepath.ToSlash(strings.TrimSuffix(filepath.Clean(path), filepath.Ext(path))), func(r rune) bool { return r == '/' })
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

// numbered tells paths apart that are the same.
func numbered(names []string) []string {
	seen := map[string]int{}
	for i, name := range names {
		if seen[name]++; seen[name] > 1 {
			names[i] = fmt.Sprintf("%s-%d", name, seen[name])
		}
	}
	return names
}
