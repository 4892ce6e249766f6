package condition

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Request fits HTTP requests. Method, host and path are regular expressions over the whole value, and empty for any.
// The path is that of the request with its query. Requests with bytes that are no UTF-8 are left out of a comparison: no
// expression of Envoy's fits them, not even .*, though the lack of one does. It escapes those of a path beforehand
// (cilium: pkg/envoy/model.go, NormalizePath; envoy: source/common/chromium_url/url_canon_path.cc), not those of a query.
type Request struct {
	Method, Host, Path string
	Headers            []Header
	// Normal says that the path is compared in its normal form, and that nothing is known of requests whose path is not in
	// it: these are left out of a comparison.
	Normal bool
}

// Header asks for a header: with this value, or with any if it is empty.
type Header struct{ Name, Value string }

// String writes what is asked for.
func (r Request) String() string {
	text := cmp.Or(r.Method, "*") + " " + cmp.Or(r.Path, "*")
	if r.Host != "" {
		text += " host " + r.Host
	}
	headers := make([]string, len(r.Headers))
	for i, h := range r.Headers {
		headers[i] = fmt.Sprintf(" with %s", strings.ToLower(h.Name))
		if h.Value != "" {
			headers[i] += ": " + h.Value
		}
	}
	slices.Sort(headers)
	return text + strings.Join(slices.Compact(headers), "")
}

// key is the same for requests that are written the same way, whatever stands in them.
func (r Request) key() string {
	headers := make([]string, len(r.Headers))
	for i, h := range r.Headers {
		headers[i] = fmt.Sprintf("%q:%q", strings.ToLower(h.Name), h.Value)
	}
	return fmt.Sprintf("%q %q %q %v %s", r.Method, r.Host, r.Path, r.Normal, strings.Join(distinct(headers), " "))
}

// A request is compared as a text: method, host and path, each closed by a zero byte, and one letter for each header
// that any match names: absent, present, or present with one of the values in play.
const (
	letterAbsent  = 'a'
	letterPresent = 'b'
	firstValue    = 'c'
	mostValues    = 20
)

// everyRequest is the form of requests that exist: a method, a host without blanks, and a path from / on without
// blanks, control characters and fragment, with which Envoy refuses a request. Headers are appended.
const (
	everyRequest = `[^\x00-\x20\x7f]+\x00[^\x00-\x20\x7f]*\x00`
	everyPath    = `/[^\x00-\x20\x7f#]*\x00`
)

// normalPath are the paths of those that are in their normal form: no escapes, parameters and backslashes, and no segment
// that is empty, . or .., but for the one behind a slash at the end. A query may follow.
const normalPath = `/(?:` + segment + `/)*(?:` + segment + `)?(?:\?[^\x00-\x20\x7f#]*)?\x00`

const (
	letter  = `[^\x00-\x20\x7f#?%;\\/]`
	notDot  = `[^\x00-\x20\x7f#?%;\\/.]`
	segment = `(?:` + notDot + letter + `*|[.]` + notDot + letter + `*|[.][.]` + letter + `+)`
)

var isNormal = regexp.MustCompile(`^(?:/` + segment + `)*/?$`)

// NormalPath reports whether a path without a query is in the normal form in which Request.Normal compares.
func NormalPath(path string) bool { return strings.HasPrefix(path, "/") && isNormal.MatchString(path) }

// headers are the headers in play, with their values.
type headers map[string][]string

// gather adds the headers that a condition names. It fails where a header stands for a part of the request itself, or
// has too many values.
func (h headers) gather(c *Condition) bool {
	for _, r := range c.requests {
		for _, one := range r.Headers {
			name := strings.ToLower(one.Name)
			if name == "host" || strings.HasPrefix(name, ":") {
				return false
			}
			if values := h[name]; one.Value != "" && !slices.Contains(values, one.Value) {
				h[name] = append(values, one.Value)
			} else {
				h[name] = values
			}
			if len(h[name]) > mostValues {
				return false
			}
		}
	}
	return true
}

func (h headers) sorted() []string { return slices.Sorted(maps.Keys(h)) }

// every is the form of all requests, with all paths or those in their normal form.
func (h headers) every(normal bool) string {
	var b strings.Builder
	b.WriteString(everyRequest)
	if normal {
		b.WriteString(normalPath)
	} else {
		b.WriteString(everyPath)
	}
	for _, name := range h.sorted() {
		fmt.Fprintf(&b, "[%c-%c]", letterAbsent, firstValue-1+len(h[name]))
	}
	return b.String()
}

// expression is that of a match; false if a part of it is none that can be compared.
func (h headers) expression(r Request) (string, bool) {
	var b strings.Builder
	for _, part := range []string{r.Method, r.Host, r.Path} {
		text, ok := component(part)
		if !ok {
			return "", false
		}
		b.WriteString(text + `\x00`)
	}
	for _, name := range h.sorted() {
		b.WriteString(h.letters(name, r.Headers))
	}
	return b.String(), true
}

// letters are what a match leaves open of a header.
func (h headers) letters(name string, asked []Header) string {
	set := fmt.Sprintf("[%c-%c]", letterAbsent, firstValue-1+len(h[name]))
	value := ""
	for _, one := range asked {
		switch {
		case strings.ToLower(one.Name) != name:
		case one.Value == "" && value == "":
			set = fmt.Sprintf("[%c-%c]", letterPresent, firstValue-1+len(h[name]))
		case one.Value == "":
		case value != "" && value != one.Value:
			return `[^\x00-\x{10FFFF}]` // a header has one value
		default:
			value = one.Value
			set = string(rune(firstValue + slices.Index(h[name], value)))
		}
	}
	return set
}

// example writes a request for people.
func (h headers) example(text string) string {
	parts := strings.Split(text, "\x00")
	if len(parts) != 4 {
		return text
	}
	out := parts[0] + " " + parts[2]
	if parts[1] != "" {
		out += " host " + parts[1]
	}
	for i, name := range h.sorted() {
		switch letter := parts[3][i]; {
		case letter == letterPresent:
			out += " with " + name
		case letter >= firstValue:
			out += " with " + name + ": " + h[name][letter-firstValue]
		}
	}
	return out
}
