package source

import (
	"bytes"
	"fmt"
	"iter"
	"unicode/utf8"
)

// chunk is the part of a text that holds one YAML document, with its separator.
type chunk struct {
	data []byte
	// line is the number of lines before it.
	line int
}

// chunks splits a text at its document separators. Three hyphens or dots at the start of a line end a YAML document
// wherever they stand, even inside quotes or a block scalar (YAML 1.2, section 9.1.2), so a document that does not
// parse never takes the next one with it.
func chunks(data []byte) iter.Seq[chunk] {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	return func(yield func(chunk) bool) {
		start, startLine, directives, content := 0, 0, false, false
		for pos, line := 0, 0; pos < len(data); line++ {
			end := len(data)
			if i := bytes.IndexByte(data[pos:], '\n'); i >= 0 {
				end = pos + i + 1
			}
			text := data[pos:end]
			switch {
			case separator(text, "---"):
				// What stands before may be the directives of this very document.
				if pos > start && (content || !directives) {
					if !yield(chunk{data[start:pos], startLine}) {
						return
					}
					start, startLine = pos, line
				}
				directives, content = false, true
			case separator(text, "..."):
				if !yield(chunk{data[start:end], startLine}) {
					return
				}
				start, startLine, directives, content = end, line+1, false, false
			case text[0] == '%' && !content:
				directives = true
			case !blankLine(text):
				content = true
			}
			pos = end
		}
		if start < len(data) {
			yield(chunk{data[start:], startLine})
		}
	}
}

func separator(line []byte, marker string) bool {
	if len(line) < 3 || string(line[:3]) != marker {
		return false
	}
	return len(line) == 3 || line[3] == ' ' || line[3] == '\t' || line[3] == '\n' || line[3] == '\r'
}

// blankLine reports whether a line holds nothing, or only a comment.
func blankLine(line []byte) bool {
	line = bytes.TrimLeft(line, " \t\r\n")
	return len(line) == 0 || line[0] == '#'
}

// blank reports whether a document has nothing but comments.
func (c chunk) blank() bool {
	for line := range bytes.Lines(c.data) {
		if separator(line, "---") || separator(line, "...") {
			line = line[3:]
		}
		if !blankLine(line) {
			return false
		}
	}
	return true
}

// notText finds the first byte that no YAML text can hold.
func (c chunk) notText() (failure, bool) {
	for i := 0; i < len(c.data); {
		b := c.data[i]
		if b >= ' ' && b < 0x7F || b == '\n' || b == '\t' || b == '\r' {
			i++
			continue
		}
		r, size := utf8.DecodeRune(c.data[i:])
		if r == utf8.RuneError && size <= 1 {
			return c.badByte(i), true
		}
		if !printable(r) {
			f := failure{message: fmt.Sprintf("the text holds the control character U+%04X", r)}
			if r == 0 {
				f.message = "the text holds a NUL byte"
				f.hint = "the file is binary or UTF-16; save it as UTF-8"
			}
			f.line, f.column = c.place(i)
			return f, true
		}
		i += size
	}
	return failure{}, false
}

func (c chunk) badByte(i int) failure {
	f := failure{
		message: fmt.Sprintf("byte 0x%02X is not UTF-8", c.data[i]),
		hint:    "save the file as UTF-8",
	}
	if i == 0 && (bytes.HasPrefix(c.data, []byte{0xFF, 0xFE}) || bytes.HasPrefix(c.data, []byte{0xFE, 0xFF})) {
		f.message = "the text is UTF-16 and not UTF-8"
	}
	f.line, f.column = c.place(i)
	return f
}

// printable is the set of characters that YAML allows outside of escapes (YAML 1.2, section 5.1).
func printable(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r <= '~' || r == 0x85 ||
		r >= 0xA0 && r <= 0xFFFD && r != 0xFEFF || r >= 0x10000
}

// place is the line and column of a byte, counted as editors count.
func (c chunk) place(offset int) (line, column int) {
	before := c.data[:offset]
	start := bytes.LastIndexByte(before, '\n') + 1
	return c.line + bytes.Count(before, []byte{'\n'}) + 1, utf8.RuneCount(before[start:]) + 1
}

// lastLine is the last line of the chunk that holds anything. The parsers place what is missing behind the end.
func (c chunk) lastLine() int {
	return c.line + bytes.Count(bytes.TrimRight(c.data, " \t\r\n"), []byte{'\n'}) + 1
}

// lineText is the text of a line of the file, if it lies in the chunk.
func (c chunk) lineText(line int) []byte {
	n := c.line + 1
	for text := range bytes.Lines(c.data) {
		if n == line {
			return text
		}
		n++
	}
	return nil
}

// template finds the first mark of a template language outside of comments.
func (c chunk) template() (line, column int, found bool) {
	if !c.maybeTemplate() && !bytes.Contains(c.data, []byte("{%")) {
		return 0, 0, false
	}
	offset := 0
	for text := range bytes.Lines(c.data) {
		if !blankLine(text) {
			for i := range len(text) - 1 {
				if text[i] == '{' && (text[i+1] == '{' || text[i+1] == '%') || placeholder(text[i:]) {
					line, column = c.place(offset + i)
					return line, column, true
				}
			}
		}
		offset += len(text)
	}
	return 0, 0, false
}

// maybeTemplate reports whether the text holds what a template language that leaves YAML readable would.
func (c chunk) maybeTemplate() bool {
	return bytes.Contains(c.data, []byte("{{")) || bytes.Contains(c.data, []byte("${"))
}

// placeholder reports whether a text begins as envsubst and kustomize name a variable: ${NAMESPACE}.
func placeholder[T string | []byte](text T) bool {
	return len(text) > 3 && text[0] == '$' && text[1] == '{' &&
		(text[2] == '_' || text[2] >= 'A' && text[2] <= 'Z' || text[2] >= 'a' && text[2] <= 'z')
}

func (c chunk) hasTemplate() bool {
	_, _, found := c.template()
	return found
}
