package edit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/policyferry/policyferry/translate/source"
)

// Text is a file's text with the places of its lines.
type Text struct {
	data  []byte
	lines []int // where they begin
	from  int   // behind a byte order mark
	json  bool  // all of it is JSON
}

// NewText indexes a text.
func NewText(data []byte) *Text {
	t := &Text{data: data, lines: []int{0}}
	if bytes.HasPrefix(data, []byte("\uFEFF")) {
		t.from = 3
		t.lines[0] = 3
	}
	for i, b := range data {
		if b == '\n' {
			t.lines = append(t.lines, i+1)
		}
	}
	t.json = isJSON(data[t.from:])
	return t
}

// isJSON reports whether a text is nothing but objects or lists of JSON. Flow style of YAML would break it for those who
// read JSON only.
func isJSON(text []byte) bool {
	if start := bytes.TrimSpace(text); len(start) == 0 || start[0] != '{' && start[0] != '[' {
		return false
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	for {
		var value json.RawMessage
		switch err := decoder.Decode(&value); {
		case errors.Is(err, io.EOF):
			return true
		case err != nil:
			return false
		}
	}
}

// Offset is where a line and column begin, which count from 1 and by characters.
func (t *Text) Offset(line, column int) (int, error) {
	if line < 1 || line > len(t.lines) || column < 1 {
		return 0, fmt.Errorf("line %d is not in the text", line)
	}
	at, end := t.lines[line-1], t.lineEnd(line)
	for range column - 1 {
		if at >= end {
			return 0, fmt.Errorf("line %d has no column %d", line, column)
		}
		_, size := utf8.DecodeRune(t.data[at:])
		at += size
	}
	return at, nil
}

// Place is the line and column of a byte.
func (t *Text) Place(offset int) (line, column int) {
	line, found := slices.BinarySearch(t.lines, offset)
	if found {
		line++
	}
	line = max(line, 1)
	start := min(t.lines[line-1], offset)
	return line, utf8.RuneCount(t.data[start:offset]) + 1
}

// lineEnd is where a line ends, before its line break.
func (t *Text) lineEnd(line int) int {
	end := len(t.data)
	if line < len(t.lines) {
		end = t.lines[line] - 1
	}
	if end > t.lines[line-1] && t.data[end-1] == '\r' {
		end--
	}
	return end
}

// after is where the line after this one begins.
func (t *Text) after(line int) int {
	if line < len(t.lines) {
		return t.lines[line]
	}
	return len(t.data)
}

// lineText is a line without its break.
func (t *Text) lineText(line int) []byte { return t.data[t.lines[line-1]:t.lineEnd(line)] }

// breakOf is the line break of a line, or that of the first line where this one has none.
func (t *Text) breakOf(line int) string {
	for _, l := range []int{line, 1} {
		if l < len(t.lines) {
			return string(t.data[t.lineEnd(l):t.lines[l]])
		}
	}
	return "\n"
}

func indentOf(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " ")) }

// silent reports whether a line holds nothing, or only a comment.
func silent(line []byte) bool {
	line = bytes.TrimSpace(line)
	return len(line) == 0 || line[0] == '#'
}

func blank(line []byte) bool { return len(bytes.TrimSpace(line)) == 0 }

func comment(line []byte) bool {
	line = bytes.TrimSpace(line)
	return len(line) > 0 && line[0] == '#'
}

func flow(n *source.Node) bool { return n.Style == source.Flow }

// lastLine is the last line of a block that begins on a line: everything further to the right than indent, and dashes
// at indent itself where the block is a list below a key. Blank lines and comments belong to it if more of it follows.
func (t *Text) lastLine(line, indent int, dashes bool) int {
	last := line
	for l := line + 1; l <= len(t.lines); l++ {
		text := t.lineText(l)
		if silent(text) {
			continue
		}
		in := indentOf(text)
		dash := dashes && in == indent && text[in] == '-' && (in+1 == len(text) || text[in+1] == ' ')
		if in <= indent && !dash {
			break
		}
		last = l
	}
	return last
}

// hasComment reports whether a comment may stand in a text. Of quoted text that looks like one it says so too.
func hasComment(text []byte) bool {
	for i, b := range text {
		if b == '#' && (i == 0 || text[i-1] == ' ' || text[i-1] == '\t' || text[i-1] == '\n') {
			return true
		}
	}
	return false
}
