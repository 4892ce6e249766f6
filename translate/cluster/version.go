package cluster

import (
	"regexp"
	"strconv"
)

var versionForm = regexp.MustCompile(`^v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})(?:[-+].*)?$`)

// parseVersion reads v3.31.0 or 1.20.1-rc.1 as major.minor.patch.
func parseVersion(text string) (string, bool) {
	m := versionForm.FindStringSubmatch(text)
	if m == nil {
		return "", false
	}
	return m[1] + "." + m[2] + "." + m[3], true
}

// versionBefore reports whether a version that parseVersion has read is older than major.minor.
func versionBefore(version string, major, minor int) bool {
	m := versionForm.FindStringSubmatch(version)
	if m == nil {
		return false
	}
	is, _ := strconv.Atoi(m[1])
	isMinor, _ := strconv.Atoi(m[2])
	return is < major || is == major && isMinor < minor
}
