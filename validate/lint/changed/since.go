package changed

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// Range is what has changed since a branch left its base.
type Range struct {
	// Begin is the commit with which the range begins.
	Begin string
	root  string
	files []file
	// now are the files of today that are not what they were, by their path in the repository.
	now map[string]bool
	// tracked are the files that git compares, modules the submodules, into which it does not look.
	tracked map[string]bool
	modules []string
}

// file is a file that is not what it was.
type file struct {
	// was and is are its paths in the repository; was is empty for a new file, is for one that is gone.
	was, is string
	blob    string
	text    []byte
}

// Since looks at the range that ends in the working tree around a directory. The error is a *Problem if something can be
// done about it.
func Since(dir, base string) (*Range, error) {
	g, err := open(dir)
	if err != nil {
		return nil, err
	}
	begin, err := g.begin(base)
	if err != nil {
		return nil, err
	}
	// git gives the top level without symbolic links.
	r := &Range{Begin: begin, root: filepath.FromSlash(g.dir), now: map[string]bool{}, tracked: map[string]bool{}}
	out, err := g.run(nil, "diff", "--raw", "-z", "--no-abbrev", "--find-renames", "--no-ext-diff", "--ignore-submodules", begin, "--")
	if err != nil {
		return nil, fmt.Errorf("git diff: %s", failure(err))
	}
	if err := r.raw(out); err != nil {
		return nil, err
	}
	if out, err = g.run(nil, "ls-files", "--others", "--exclude-standard", "-z"); err != nil {
		return nil, fmt.Errorf("git ls-files: %s", failure(err))
	}
	for _, path := range fields(out) {
		r.files = append(r.files, file{is: path})
	}
	for _, f := range r.files {
		if f.is != "" {
			r.now[f.is] = true
		}
	}
	if out, err = g.run(nil, "ls-files", "-v", "-s", "-z"); err != nil {
		return nil, fmt.Errorf("git ls-files: %s", failure(err))
	}
	r.index(out)
	return r, r.texts(g)
}

// index reads what git ls-files says of the files that git knows: "H 100644 BLOB 0", a tab, and the path.
func (r *Range) index(out []byte) {
	for _, line := range fields(out) {
		head, path, _ := strings.Cut(line, "\t")
		switch words := strings.Fields(head); {
		case len(words) < 2:
		case words[1] == "160000":
			r.modules = append(r.modules, path)
		case words[0] == "H" || words[0] == "M": // h and s are files at which git was told not to look
			r.tracked[path] = true
		}
	}
}

// ignored are those of some files that git ignores and does not know.
func (r *Range) ignored(paths []string) (map[string]bool, error) {
	out := map[string]bool{}
	var ask bytes.Buffer
	for _, path := range paths {
		if !r.now[path] && !r.tracked[path] && !below(path, r.modules) {
			ask.WriteString(path + "\x00")
		}
	}
	if ask.Len() == 0 {
		return out, nil
	}
	found, err := git{r.root}.run(ask.Bytes(), "check-ignore", "-z", "--stdin")
	var failed *exec.ExitError
	if err != nil && !(errors.As(err, &failed) && failed.ExitCode() == 1) { // 1 says that none is
		return nil, fmt.Errorf("git check-ignore: %s", failure(err))
	}
	for _, path := range fields(found) {
		out[path] = true
	}
	return out, nil
}

// fields splits what git writes with -z.
func fields(out []byte) []string {
	if len(out) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

// raw reads the raw format of git diff: ":100644 100644 BLOB BLOB M", then the path, of a rename both.
func (r *Range) raw(out []byte) error {
	list := fields(out)
	for len(list) > 0 {
		words := strings.Fields(list[0])
		paths := 1
		if len(words) == 5 && (words[4][0] == 'R' || words[4][0] == 'C') {
			paths = 2
		}
		if len(words) != 5 || words[0][0] != ':' || len(list) <= paths {
			return fmt.Errorf("git diff says %q, which is not understood", list[0])
		}
		f := file{was: list[1], is: list[paths], blob: words[2]}
		switch words[4][0] {
		case 'A':
			f.was = ""
		case 'D':
			f.is = ""
		}
		if !strings.HasPrefix(words[0], ":100") {
			f.was = "" // it was no file but a link or a module
		}
		r.files = append(r.files, f)
		list = list[paths+1:]
	}
	return nil
}

// texts reads what the files were.
func (r *Range) texts(g git) error {
	var ask bytes.Buffer
	for _, f := range r.files {
		if f.was != "" {
			ask.WriteString(f.blob + "\n")
		}
	}
	if ask.Len() == 0 {
		return nil
	}
	out, err := g.run(ask.Bytes(), "cat-file", "--batch")
	if err != nil {
		return fmt.Errorf("git cat-file: %s", failure(err))
	}
	for i, f := range r.files {
		if f.was == "" {
			continue
		}
		head, rest, _ := bytes.Cut(out, []byte("\n"))
		words := strings.Fields(string(head)) // BLOB blob SIZE
		if len(words) != 3 || words[1] != "blob" {
			return problem("run git fetch, so that the repository is complete", "git does not have the former text of %s: %s", f.was, head)
		}
		size, err := strconv.Atoi(words[2])
		if err != nil || size >= len(rest) {
			return fmt.Errorf("git cat-file says %q, which is not understood", head)
		}
		r.files[i].text, out = rest[:size], rest[size+1:]
	}
	return nil
}
