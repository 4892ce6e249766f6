package emit

import "strings"

// writer writes values of everyday content, byte for byte as the YAML library writes them and in a tenth of the time.
// Whatever needs more thought than a glance it leaves to the library; a fuzz test holds the two to the same bytes.
type writer struct{ out []byte }

// document writes an object and reports whether it could; if not, what it wrote is of no use.
func (w *writer) document(v value) bool {
	return v.kind == mapping && len(v.keys) > 0 && w.members(v, 0)
}

// members writes the members of an object, the first of them where the writer stands.
func (w *writer) members(v value, indent int) bool {
	for i, key := range v.keys {
		if i > 0 {
			w.indent(indent)
		}
		if !w.key(key) || !w.member(v.values[i], indent) {
			return false
		}
	}
	return true
}

// member writes the value of a member behind its colon, up to the end of the line.
func (w *writer) member(v value, indent int) bool {
	if len(v.values) == 0 {
		w.out = append(w.out, ' ')
		return w.scalar(v)
	}
	w.out = append(w.out, '\n')
	w.indent(indent + 2)
	if v.kind == mapping {
		return w.members(v, indent+2)
	}
	return w.items(v, indent+2)
}

// items writes the items of a list. A list in a list is not everyday.
func (w *writer) items(v value, indent int) bool {
	for i, item := range v.values {
		if i > 0 {
			w.indent(indent)
		}
		w.out = append(w.out, "- "...)
		sound := false
		switch {
		case len(item.values) == 0:
			sound = w.scalar(item)
		case item.kind == mapping:
			sound = w.members(item, indent+2)
		}
		if !sound {
			return false
		}
	}
	return true
}

// scalar writes a value that takes one line.
func (w *writer) scalar(v value) bool {
	switch v.kind {
	case mapping:
		w.out = append(w.out, "{}"...)
	case list:
		w.out = append(w.out, "[]"...)
	case str:
		if !w.text(v.text) {
			return false
		}
	default:
		w.out = append(w.out, v.text...)
	}
	w.out = append(w.out, '\n')
	return true
}

// key writes a key and its colon. Beyond some length YAML writes keys in another way.
func (w *writer) key(key string) bool {
	const long = 100
	if len(key) > long || !w.text(key) {
		return false
	}
	w.out = append(w.out, ':')
	return true
}

// text writes a string on one line.
func (w *writer) text(s string) bool {
	switch {
	case plainWord(s) || prefix(s) || portRange(s) && !ambiguous.MatchString(s):
		w.out = append(w.out, s...)
	case s == "" || digits(s) || signed(s) || portRange(s):
		w.out = append(w.out, '"')
		w.out = append(w.out, s...)
		w.out = append(w.out, '"')
	default:
		return false
	}
	return true
}

func (w *writer) indent(n int) {
	for range n {
		w.out = append(w.out, ' ')
	}
}

// signed reports whether a string begins with a sign that would make it something else than text, and holds nothing
// that quotes would not leave as it is.
func signed(s string) bool {
	if !strings.Contains("!*&{[", s[:1]) {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// digits reports whether a string reads as a number unless it is quoted, as ports do.
func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// portRange reports whether a string is two numbers with a colon, such as 9000:9010. Some of them are numbers to the
// base sixty.
func portRange(s string) bool {
	low, high, _ := strings.Cut(s, ":")
	return digits(low) && digits(high)
}

// prefix reports whether a string is digits and dots with one slash, such as 10.0.0.0/8: nothing but text is.
func prefix(s string) bool {
	address, length, ok := strings.Cut(s, "/")
	return ok && digits(length) && address != "" && address[0] != '.' && strings.Trim(address, "0123456789.") == ""
}
