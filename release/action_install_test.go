package release

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// site serves releases as GitHub does: the latest by a redirection, archives and checksums below the tag.
type site struct {
	files map[string][]byte
	asked []string
	*httptest.Server
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{files: map[string][]byte{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

// ServeHTTP answers like the page of releases.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked = append(s.asked, strings.TrimPrefix(r.URL.Path, "/releases"))
	switch data, ok := s.files[r.URL.Path]; {
	case ok:
		_, _ = w.Write(data)
	case r.URL.Path == "/releases/latest":
		http.Redirect(w, r, "/releases/tag/v0.1.0", http.StatusFound)
	case r.URL.Path == "/releases/tag/v0.1.0":
		fmt.Fprintln(w, "the page of v0.1.0")
	default:
		http.NotFound(w, r)
	}
}

// packed is an archive of the program, made once.
var packed = sync.OnceValues(func() ([]byte, error) {
	path, err := built()
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	compressed, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	files := tar.NewWriter(compressed)
	if err := files.WriteHeader(&tar.Header{Name: "policyferry", Mode: 0o755, Size: int64(len(data))}); err != nil {
		return nil, err
	}
	if _, err := files.Write(data); err != nil {
		return nil, err
	}
	err = errors.Join(files.Close(), compressed.Close())
	return out.Bytes(), err
})

// release puts an archive of the program on the site, with its checksum.
func (s *site) release(t *testing.T, archive string) {
	t.Helper()
	data, err := packed()
	if err != nil {
		t.Fatal(err)
	}
	s.files["/releases/download/v0.1.0/"+archive] = bytes.Clone(data)
	// goreleaser writes a line for each archive, as sha256sum does.
	s.files["/releases/download/v0.1.0/"+goreleaser(t).Checksum.NameTemplate] = fmt.Appendf(nil, "%s  other.tar.gz\n%x  %s\n",
		strings.Repeat("0", 64), sha256.Sum256(data), archive)
}

// TestActionInstalls: the action finds the archives where goreleaser puts them, believes their checksums alone, and
// leaves the program on the PATH of the steps to come.
func TestActionInstalls(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed, which every runner of GitHub has")
	}
	archive := archiveOf(t, "linux", "amd64")
	for _, tt := range []struct {
		name, version, ref string
		code               int
	}{
		{"by version", "v0.1.0", "", 0},
		{"as the action", "", "v0.1.0", 0},
		{"latest", "latest", "v9.9.9", 0},
		{"latest for a branch", "", "main", 0},
		{"no release", "v0.2.0", "", 22}, // curl's code for an answer that is an error
		{"no version", "0.1.0", "", 2},
		{"a commit of the action", "", "0123456789abcdef0123456789abcdef01234567", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, r := newSite(t), newRunner(t)
			s.release(t, archive)
			r.env["POLICYFERRY_RELEASES"] = s.URL + "/releases"
			r.inputs["version"], r.ref = tt.version, tt.ref
			r.run("install")
			r.want(tt.code, nil)
			if tt.code != 0 {
				if r.path != "" {
					t.Errorf("the path got %q", r.path)
				}
				return
			}
			if out, err := exec.Command(filepath.Join(r.path, "policyferry"), "version").CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}

	t.Run("another archive than the checksum", func(t *testing.T) {
		s, r := newSite(t), newRunner(t)
		s.release(t, archive)
		s.files["/releases/download/v0.1.0/"+archive][100] ^= 1
		r.env["POLICYFERRY_RELEASES"] = s.URL + "/releases"
		r.inputs["version"] = "v0.1.0"
		r.run("install")
		if r.code == 0 || r.path != "" {
			t.Errorf("exit code %d, path %q\n%s", r.code, r.path, r.log)
		}
	})
	t.Run("no checksum", func(t *testing.T) {
		s, r := newSite(t), newRunner(t)
		s.release(t, archive)
		s.files["/releases/download/v0.1.0/checksums.txt"] = []byte("0000  other.tar.gz\n")
		r.env["POLICYFERRY_RELEASES"] = s.URL + "/releases"
		r.inputs["version"] = "v0.1.0"
		r.run("install")
		if r.code == 0 || r.path != "" {
			t.Errorf("exit code %d, path %q\n%s", r.code, r.path, r.log)
		}
	})
	t.Run("already installed", func(t *testing.T) {
		r := newRunner(t)
		r.inputs["version"] = "installed"
		r.run("install")
		r.want(0, nil)
		if !strings.Contains(r.log, "policyferry ") || r.path != "" {
			t.Errorf("path %q\n%s", r.path, r.log)
		}
	})

	// The archive for each system is asked for by the name that goreleaser gives it.
	for runnerOS, system := range map[string]string{"Linux": "linux", "macOS": "darwin", "Windows": "windows"} {
		for runnerArch, arch := range map[string]string{"X64": "amd64", "ARM64": "arm64"} {
			s, r := newSite(t), newRunner(t)
			r.env["POLICYFERRY_RELEASES"], r.env["RUNNER_OS"], r.env["RUNNER_ARCH"] = s.URL+"/releases", runnerOS, runnerArch
			r.inputs["version"] = "v0.1.0"
			r.run("install")
			if want := "/download/v0.1.0/" + archiveOf(t, system, arch); len(s.asked) == 0 || s.asked[0] != want || r.code == 0 {
				t.Errorf("%s %s: asked for %q, want %s (exit code %d)", runnerOS, runnerArch, s.asked, want, r.code)
			}
		}
	}
	r := newRunner(t)
	r.env["RUNNER_ARCH"], r.inputs["version"] = "ARM", "v0.1.0"
	r.run("install")
	r.want(2, nil)
}
