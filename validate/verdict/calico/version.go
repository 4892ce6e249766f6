package calico

import (
	"fmt"
	"strings"
)

// version is a Calico release.
type version struct{ major, minor, patch int }

// parseVersion reads what cluster.Facts holds; without one it is 3.31.0.
func parseVersion(text string) version {
	v := version{3, 31, 0}
	if text != "" {
		_, _ = fmt.Sscanf(strings.TrimPrefix(text, "v"), "%d.%d.%d", &v.major, &v.minor, &v.patch)
	}
	return v
}

// normalisesPaths reports whether the paths of requests are compared in their normal form: since 3.31.6 and 3.32
// (app-policy/checker/match.go, normalizeHTTPPath).
func (v version) normalisesPaths() bool {
	return v.atLeast(3, 32) || v.atLeast(3, 31) && v.patch >= 6
}

func (v version) atLeast(major, minor int) bool {
	return v.major > major || v.major == major && v.minor >= minor
}
