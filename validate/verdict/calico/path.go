package calico

import (
	"net/url"
	"path"
	"strings"
)

// noPath is an expression for the path of no request.
const noPath = `[^\x00-\x{10FFFF}]`

// normalForm is what the path of a rule is taken for where paths are normalised. False where it cannot be, and is skipped:
// for escapes that are broken, that hide another escape of a dot or slash, or that stand for a zero byte
// (app-policy/checker/match.go, normalizeHTTPPath).
func normalForm(written string) (string, bool) {
	text, err := url.PathUnescape(written)
	if err != nil || strings.ContainsRune(text, 0) {
		return "", false
	}
	low := strings.ToLower(text)
	for _, hidden := range []string{"%2e", "%2f", "%5c"} {
		if strings.Contains(low, hidden) {
			return "", false
		}
	}
	if text == "" || text[0] != '/' && text[0] != '\\' {
		return "", false
	}
	out := "/"
	for _, segment := range strings.FieldsFunc(text, func(r rune) bool { return r == '/' || r == '\\' }) {
		name, _, _ := strings.Cut(segment, ";")
		out = path.Join(out, name)
	}
	return out, true
}
