package compat

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"
)

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

var escapedTwice = regexp.MustCompile(`(?i)%(2e|2f|5c)`)

// CalicoPath is the path that a release which normalises paths takes a path of a rule for: percent escapes are decoded
// once, backslashes are slashes, parameters go, then empty segments and dots. False for a path that it cannot normalise,
// and by which it then matches nothing (app-policy/checker/match.go, normalizeHTTPPath).
func CalicoPath(written string) (string, bool) {
	decoded, err := url.PathUnescape(written)
	if err != nil || escapedTwice.MatchString(decoded) || strings.Contains(decoded, "\x00") {
		return "", false
	}
	decoded = strings.ReplaceAll(decoded, `\`, "/")
	if !strings.HasPrefix(decoded, "/") {
		return "", false
	}
	segments := strings.Split(decoded, "/")
	for i, s := range segments {
		segments[i], _, _ = strings.Cut(s, ";")
	}
	return path.Clean(strings.Join(segments, "/")), true
}

// What Cilium's proxy makes of a path before it looks at rules (cilium: pkg/envoy/model.go, NormalizePath, MergeSlashes
// and PathWithEscapedSlashesAction, which are on unless http-normalize-path is set to false; envoy:
// source/common/chromium_url/url_canon_path.cc): it escapes some characters, and undoes some escapes.
var (
	escapedByEnvoy   = regexp.MustCompile("[^!-~]|[\"#<>?\\\\^`{|}]")
	unescapedByEnvoy = regexp.MustCompile(`(?i)%(2d|2e|2f|3[0-9]|4[1-9a-f]|5[0-9a]|5c|5f|6[1-9a-f]|7[0-9a]|7e)`)
)

// CiliumKeeps reports whether Cilium's proxy has requests with a path, after it has normalised theirs. The last segment
// of a prefix goes on in the request, so dots are no harm there, nor a slash.
func CiliumKeeps(path string, prefix bool) bool {
	if escapedByEnvoy.MatchString(path) || unescapedByEnvoy.MatchString(path) || strings.Contains(path, "//") {
		return false
	}
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if (s == "." || s == "..") && !(prefix && i == len(segments)-1) {
			return false
		}
	}
	return true
}

// CiliumPath writes a decoded path as Cilium's proxy mostly has it: with escapes where it needs some. A client may write
// others, in lower case or for characters that need none.
func CiliumPath(decoded string) string {
	var b strings.Builder
	for i := range len(decoded) {
		if c := decoded[i]; c == '%' || c < '!' || c > '~' || escapedByEnvoy.MatchString(string(rune(c))) {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
