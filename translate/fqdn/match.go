package fqdn

import (
	"regexp"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/compat"
)

// The parts of names as Cilium's patterns see them (pkg/fqdn/matchpattern/matchpattern.go). A star stands for
// characters of one label only, and never for a dot.
const (
	character = `[-a-zA-Z0-9_]`
	anyName   = `^(?:(?:` + character + `+\.)+|\.)$`
	labels    = character + `+(?:\.` + character + `+)*\.`
)

// Canonical is the names and patterns of a peer in one spelling, sorted, each once, so that equal lists are equal
// texts. What is everything is the star; a final dot is left out where it says nothing.
func Canonical(names []string, cilium compat.Version) []string {
	var out []string
	for _, name := range names {
		name = qualified(strings.TrimSpace(name))
		switch {
		case everything(name, cilium):
			name = "*"
		case strings.Trim(name, "*.") != "" && !strings.HasSuffix(name, ".."):
			name = strings.TrimSuffix(name, ".")
		}
		out = append(out, name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// qualified is a name in lower case and with its final dot. The bare star stays what it is (matchpattern.Sanitize).
func qualified(name string) string {
	name = strings.ToLower(name)
	if name == "*" || strings.HasSuffix(name, ".") {
		return name
	}
	return name + "."
}

// everything reports whether a qualified pattern matches every name. Since 1.19 nothing but stars does, with a final
// dot or without; before, only the bare star did.
func everything(pattern string, cilium compat.Version) bool {
	if !cilium.AtLeast(1, 19) {
		return pattern == "*"
	}
	stars := strings.TrimSuffix(pattern, ".")
	return stars != "" && strings.Trim(stars, "*") == ""
}

// compile makes a matcher of qualified names. A name is a pattern without stars.
func compile(pattern string, cilium compat.Version) *regexp.Regexp {
	pattern = qualified(strings.TrimSpace(pattern))
	if everything(pattern, cilium) {
		return regexp.MustCompile(anyName)
	}
	var b strings.Builder
	b.WriteByte('^')
	if rest, ok := subdomains(pattern, cilium); ok {
		b.WriteString(labels)
		pattern = rest
	}
	for i, part := range strings.Split(pattern, "*") {
		if i > 0 {
			b.WriteString(character + "*")
		}
		b.WriteString(regexp.QuoteMeta(part))
	}
	b.WriteByte('$')
	return regexp.MustCompile(b.String())
}

// subdomains takes two or more stars and a dot off the front, which since 1.19 stand for one or more whole labels.
func subdomains(pattern string, cilium compat.Version) (rest string, ok bool) {
	rest = strings.TrimLeft(pattern, "*")
	if !cilium.AtLeast(1, 19) || len(pattern)-len(rest) < 2 {
		return pattern, false
	}
	rest, ok = strings.CutPrefix(rest, ".")
	if !ok {
		return pattern, false
	}
	return rest, true
}
