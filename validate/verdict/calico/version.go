package calico

import "fmt"

// version is major and minor of a Calico release.
type version struct{ major, minor int }

// parseVersion reads what cluster.Facts holds; without one it is 3.31.
func parseVersion(text string) version {
	v := version{3, 31}
	if text != "" {
		_, _ = fmt.Sscanf(text, "%d.%d.", &v.major, &v.minor)
	}
	return v
}

func (v version) atLeast(major, minor int) bool {
	return v.major > major || v.major == major && v.minor >= minor
}
