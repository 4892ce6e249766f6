package config

import (
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// Excludes reports whether a file is not to be judged. Globs are about the path from the directory of the
// configuration, with / between names: * is any part of a name, ** any number of names. A glob that matches a directory
// excludes all that lies below it. The file of the configuration is no policy.
func (c *Config) Excludes(cwd, file string) bool {
	if filepath.Base(file) == Name {
		return true
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(cwd, file)
	}
	rel, err := filepath.Rel(filepath.Dir(c.File), file)
	if err != nil || !filepath.IsLocal(rel) {
		return false
	}
	for _, glob := range c.Exclude {
		pattern := regexp.MustCompile(globPattern(strings.TrimSuffix(glob, "/")))
		for part := filepath.ToSlash(rel); part != "."; part = path.Dir(part) {
			if pattern.MatchString(part) {
				return true
			}
		}
	}
	return false
}

func globPattern(glob string) string {
	glob = strings.TrimPrefix(glob, "./")
	out := "^"
	for len(glob) > 0 {
		switch {
		case strings.HasPrefix(glob, "**/"):
			out, glob = out+"(?:.*/)?", glob[3:]
		case strings.HasPrefix(glob, "**"):
			out, glob = out+".*", glob[2:]
		case glob[0] == '*':
			out, glob = out+"[^/]*", glob[1:]
		case glob[0] == '?':
			out, glob = out+"[^/]", glob[1:]
		default:
			end := strings.IndexAny(glob, "*?")
			if end < 0 {
				end = len(glob)
			}
			out, glob = out+regexp.QuoteMeta(glob[:end]), glob[end:]
		}
	}
	return out + "$"
}
