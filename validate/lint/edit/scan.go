package edit

import (
	"bytes"
	"fmt"
)

// valueEnd is where a value of a block ends that begins at an offset: a quoted scalar, a collection in flow style, or
// plain text up to a comment or the end of its line.
func (t *Text) valueEnd(at int) (int, error) {
	if at >= len(t.data) {
		return at, nil
	}
	switch t.data[at] {
	case '"', '\'':
		return t.quoted(at)
	case '[', '{':
		end, err := t.memberEnd(at + 1)
		for err == nil && end < len(t.data) && t.data[end] == ',' {
			end, err = t.memberEnd(end + 1)
		}
		if err != nil {
			return 0, err
		}
		for end < len(t.data) && t.data[end] != ']' && t.data[end] != '}' {
			end++ // spaces and comments behind the last member
			if t.data[end-1] == '#' {
				for end < len(t.data) && t.data[end] != '\n' {
					end++
				}
			}
		}
		if end == len(t.data) {
			return 0, fmt.Errorf("a bracket is not closed")
		}
		return end + 1, nil
	}
	line := t.data[at:]
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	if i := bytes.Index(line, []byte(" #")); i >= 0 {
		line = line[:i]
	}
	return at + len(bytes.TrimRight(line, " \t\r")), nil
}

// memberEnd is where a member of a collection in flow style ends, a key with its value: before the comma or bracket
// behind it, and the space before that.
func (t *Text) memberEnd(at int) (int, error) {
	depth, end := 0, at
	for i := at; i < len(t.data); i++ {
		switch b := t.data[i]; {
		case b == '"' || b == '\'' && t.opens(at, i):
			next, err := t.quoted(i)
			if err != nil {
				return 0, err
			}
			i, end = next-1, next
		case b == '#' && bytes.IndexByte([]byte(" \t\n"), t.data[max(i-1, 0)]) >= 0:
			for i+1 < len(t.data) && t.data[i+1] != '\n' {
				i++
			}
		case b == ',' && depth == 0, (b == ']' || b == '}') && depth == 0:
			return end, nil
		case b == '[' || b == '{':
			depth, end = depth+1, i+1
		case b == ']' || b == '}':
			depth, end = depth-1, i+1
		case b != ' ' && b != '\t' && b != '\n' && b != '\r':
			end = i + 1
		}
	}
	return 0, fmt.Errorf("a bracket is not closed")
}

// opens reports whether an apostrophe begins a quoted scalar and is not one within a word.
func (t *Text) opens(at, i int) bool {
	return i == at || bytes.IndexByte([]byte(" \t\n\r[{,:"), t.data[i-1]) >= 0
}

// quoted is where a quoted scalar ends.
func (t *Text) quoted(at int) (int, error) {
	quote := t.data[at]
	for i := at + 1; i < len(t.data); i++ {
		switch {
		case quote == '"' && t.data[i] == '\\':
			i++
		case t.data[i] == quote && quote == '\'' && i+1 < len(t.data) && t.data[i+1] == quote:
			i++
		case t.data[i] == quote:
			return i + 1, nil
		}
	}
	return 0, fmt.Errorf("a quotation is not closed")
}
