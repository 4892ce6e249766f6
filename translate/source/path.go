package source

import (
	"strconv"
	"strings"
)

// Field is the path of a key below a path; the empty path is the document itself.
func Field(path, key string) string {
	if !plainKey(key) {
		return path + "[" + quoteKey(key) + "]"
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

// Item is the path of a list's element.
func Item(path string, index int) string {
	return path + "[" + strconv.Itoa(index) + "]"
}

// Within reports whether the path is the ancestor itself or below it. Every path is within the empty one.
func Within(path, ancestor string) bool {
	if ancestor == "" || path == ancestor {
		return true
	}
	if len(path) <= len(ancestor) || !strings.HasPrefix(path, ancestor) {
		return false
	}
	return path[len(ancestor)] == '.' || path[len(ancestor)] == '['
}

// plainKey reports whether a key is written after a dot and not in brackets.
func plainKey(key string) bool {
	for i := range len(key) {
		c := key[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return key != ""
}

// quoteKey writes what stands between the brackets. A key that could be mistaken for something else is quoted as
// Go quotes strings; label and annotation keys never are.
func quoteKey(key string) string {
	if key == "" || strings.ContainsAny(key, "[]\"\\") || strconv.Quote(key) != `"`+key+`"` {
		return strconv.Quote(key)
	}
	return key
}

// segment is one step of a path: a key of a mapping or an index of a list.
type segment struct {
	key     string
	index   int
	isIndex bool
}

// nextSegment splits off the first step of a path that is not empty.
func nextSegment(path string) (seg segment, rest string, ok bool) {
	if path[0] == '[' {
		return bracketSegment(path)
	}
	end := strings.IndexAny(path, ".[")
	if end < 0 {
		end = len(path)
	}
	return segment{key: path[:end]}, trimDot(path[end:]), end > 0
}

func bracketSegment(path string) (seg segment, rest string, ok bool) {
	inside := path[1:]
	if strings.HasPrefix(inside, `"`) {
		quoted, err := strconv.QuotedPrefix(inside)
		if err != nil || !strings.HasPrefix(inside[len(quoted):], "]") {
			return segment{}, "", false
		}
		key, err := strconv.Unquote(quoted)
		return segment{key: key}, trimDot(inside[len(quoted)+1:]), err == nil
	}
	end := strings.IndexByte(inside, ']')
	if end <= 0 {
		return segment{}, "", false
	}
	rest = trimDot(inside[end+1:])
	// A key of digits only is a plain word and stands after a dot, so digits in brackets are an index.
	if digits(inside[:end]) {
		i, err := strconv.Atoi(inside[:end])
		return segment{index: i, isIndex: true}, rest, err == nil
	}
	return segment{key: inside[:end]}, rest, true
}

func digits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

func trimDot(rest string) string { return strings.TrimPrefix(rest, ".") }
