package compat

import "strings"

// NormalisesPaths reports whether the proxy of a release of Calico compares the paths of requests in their normal form,
// in which /a/ is /a, and takes prefixes segment by segment: since 3.31.6 and 3.32 (app-policy/checker/match.go,
// normalizeHTTPPath and segmentPrefixMatch).
func NormalisesPaths(r Release) bool {
	v := r.Version
	return r.CNI == Calico && (v.AtLeast(3, 32) || v.AtLeast(3, 31) && v.Patch >= 6)
}

// NormalPath reports whether a path of a rule says what it means without being normalised, but for a slash at its end.
func NormalPath(path string) bool {
	if !strings.HasPrefix(path, "/") || strings.ContainsAny(path, `%;\`) || strings.Contains(path, "//") {
		return false
	}
	for _, segment := range strings.Split(path, "/") {
		if segment == "." || segment == ".." {
			return false
		}
	}
	return true
}
