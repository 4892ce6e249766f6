package changed

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// Before is the set as it was when the range began.
type Before struct {
	Set      *source.Set
	Problems diag.List
	// said is what the objects said that stood in files which have changed.
	said map[string]bool
	// changed are the files of today that are not what they were, by the names they are read under.
	changed map[string]bool
	// Ignored are the files that git ignores, which are no work of the branch. Of other files that git does not compare,
	// because they lie in a submodule or because it was told not to look, nobody knows what they were: they are changed.
	Ignored []string
}

// Before makes the set as it was of the set of today, which was read from the paths: files that have not changed are the
// same, and the others are what git has of them. The error is a *Problem for a file outside of the repository.
func (r *Range) Before(paths []string, set *source.Set, problems diag.List) (*Before, error) {
	b := &Before{Set: &source.Set{}, said: map[string]bool{}, changed: map[string]bool{}}
	names := map[string]string{} // of today's files, by their path in the repository
	for _, name := range set.Files {
		path, err := r.path(name)
		if err != nil {
			return nil, err
		}
		names[path] = name
		b.changed[name] = r.now[path]
		if link, err := r.lexical(name); err == nil {
			b.changed[name] = b.changed[name] || r.now[link]
		}
	}
	ignored, err := r.ignored(slices.Sorted(maps.Keys(names)))
	if err != nil {
		return nil, err
	}
	for path, name := range names {
		if ignored[path] {
			b.Ignored = append(b.Ignored, name)
		} else {
			b.changed[name] = b.changed[name] || !r.tracked[path]
		}
	}
	slices.Sort(b.Ignored)
	inputs, err := r.inputs(paths, names)
	if err != nil {
		return nil, err
	}
	was, found := source.ReadInputs(inputs, source.Options{})
	for _, d := range was.Documents {
		if text, err := d.JSON(); err == nil {
			b.said[string(text)] = true
		}
	}
	b.Set.Documents = append(slices.DeleteFunc(slices.Clone(set.Documents), func(d *source.Document) bool { return b.changed[d.Pos.File] }), was.Documents...)
	b.Set.Remarks = append(slices.DeleteFunc(slices.Clone(set.Remarks), func(m source.Remark) bool { return b.changed[m.Pos.File] }), was.Remarks...)
	for _, p := range problems.All() {
		if !b.changed[p.Pos.File] {
			b.Problems.Add(p)
		}
	}
	b.Problems.Append(found)
	return b, nil
}

// inputs are the former texts of files that lie, or lay, where the paths lead.
func (r *Range) inputs(paths []string, names map[string]string) ([]source.Input, error) {
	var roots []string
	for _, p := range paths {
		root, err := r.path(p)
		if err != nil {
			return nil, err
		}
		roots = append(roots, root)
	}
	var out []source.Input
	for _, f := range r.files {
		name, read := names[f.is]
		if f.was == "" || !read && (!below(f.was, roots) || !manifest(f.was)) {
			continue
		}
		if !read {
			name = filepath.Join(r.root, filepath.FromSlash(f.was))
		}
		out = append(out, source.Input{Name: name, Data: f.text})
	}
	return out, nil
}

func below(path string, roots []string) bool {
	return slices.ContainsFunc(roots, func(root string) bool {
		return root == "." || path == root || strings.HasPrefix(path, root+"/")
	})
}

// manifest reports whether a file would be read where a directory is named.
func manifest(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}

// path is the path of a file or directory in the repository.
func (r *Range) path(name string) (string, error) {
	path, err := filepath.Abs(name)
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return "", problem("", "%s cannot be looked up: %v", name, err)
	}
	root := r.root
	if resolved, err := filepath.EvalSymlinks(root); err == nil {
		root = resolved
	}
	rel, err := filepath.Rel(root, path)
	if err != nil || !filepath.IsLocal(rel) {
		return "", problem("name files of the repository only", "%s lies outside of the git repository %s", name, r.root)
	}
	return filepath.ToSlash(rel), nil
}

// lexical is the path of a link itself.
func (r *Range) lexical(name string) (string, error) {
	dir, err := r.path(filepath.Dir(name))
	if err != nil {
		return "", err
	}
	if _, err := os.Lstat(name); err != nil {
		return "", err
	}
	return strings.TrimPrefix(dir+"/"+filepath.Base(name), "./"), nil
}

// Touched reports whether an object is not what it was: it has been added, or says something else than before. One that
// has only been moved, or written in another way, is not touched.
func (b *Before) Touched(d *source.Document) bool {
	if !b.changed[d.Pos.File] {
		return false
	}
	text, err := d.JSON()
	return err != nil || !b.said[string(text)]
}

// Changed reports whether a file is not what it was.
func (b *Before) Changed(file string) bool { return b.changed[file] }

// Same reports whether nothing that was read has changed, or is gone.
func (b *Before) Same() bool {
	for _, changed := range b.changed {
		if changed {
			return false
		}
	}
	return len(b.said) == 0
}
