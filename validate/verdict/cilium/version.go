package cilium

import (
	"fmt"
	"strconv"
	"strings"
)

// release is a version of Cilium as major, minor and patch.
type release [3]int

// defaultRelease is assumed when the facts name none.
var defaultRelease = release{1, 20, 1}

// parseRelease reads 1.20.1, 1.20 and v1.20.1-rc.0; an empty text is the default.
func parseRelease(text string) (release, error) {
	if text == "" {
		return defaultRelease, nil
	}
	plain, _, _ := strings.Cut(strings.TrimPrefix(text, "v"), "-")
	parts := strings.Split(plain, ".")
	if len(parts) < 2 || len(parts) > 3 {
		return release{}, fmt.Errorf("cilium version %q is not major.minor.patch", text)
	}
	var r release
	for i, part := range parts {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 {
			return release{}, fmt.Errorf("cilium version %q is not major.minor.patch", text)
		}
		r[i] = n
	}
	return r, nil
}

// before reports whether r is older than major.minor.patch.
func (r release) before(major, minor, patch int) bool {
	for i, n := range [3]int{major, minor, patch} {
		if r[i] != n {
			return r[i] < n
		}
	}
	return false
}

// since reports whether r has what came with major.minor.
func (r release) since(major, minor int) bool { return !r.before(major, minor, 0) }
