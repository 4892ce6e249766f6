package source

import (
	"bytes"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/policyferry/policyferry/translate/diag"
)

// Remark is a comment that is meant for policyferry: # policyferry:TEXT. Reading gives it no meaning.
type Remark struct {
	// Pos is the place of the comment.
	Pos diag.Position
	// Text is what follows the colon.
	Text string
	// Line is the line that it is about: its own, or the next one that holds more than a comment, if the comment stands
	// alone. It is 0 if the document ends before.
	Line int
}

var (
	remarkMark = []byte("policyferry:")
	remark     = regexp.MustCompile(`(?:^|[ \t])(#[ \t]*policyferry:)([^\r\n]*)`)
)

// remarks keeps the comments of a document that are meant for us. The parser's own comments have no place, so they are
// looked for in the text.
func (r *reader) remarks(c chunk, roots []parsed) {
	if !bytes.Contains(c.data, remarkMark) {
		return
	}
	var open []int // the remarks that wait for the line that they are about
	number := c.line
	for text := range bytes.Lines(c.data) {
		number++
		if !blankLine(text) && !separator(text, "---") {
			for _, i := range open {
				r.set.Remarks[i].Line = number
			}
			open = nil
		}
		m := remark.FindSubmatchIndex(text)
		if m == nil || inScalar(roots, number) {
			continue
		}
		column := len([]rune(string(text[:m[2]]))) + 1
		found := Remark{Pos: diag.Position{File: r.current.name, Line: number, Column: column}, Text: strings.TrimSpace(string(text[m[4]:m[5]]))}
		if blankLine(text) {
			open = append(open, len(r.set.Remarks))
		} else {
			found.Line = number
		}
		r.set.Remarks = append(r.set.Remarks, found)
	}
}

// inScalar reports whether a line belongs to a scalar that holds the mark of a remark, which then is no comment. Where
// a scalar ends is not known, so it is taken to go on up to the next value.
func inScalar(roots []parsed, line int) bool {
	for _, root := range roots {
		var scalar *yaml.Node
		inside := false
		var walk func(n *yaml.Node)
		walk = func(n *yaml.Node) {
			if scalar != nil {
				from, to := scalar.Line+root.lineOffset, n.Line+root.lineOffset
				inside = inside || line == from || from < line && line < to
				scalar = nil
			}
			if n.Kind == yaml.ScalarNode && strings.Contains(n.Value, string(remarkMark)) {
				scalar = n
			}
			for _, child := range n.Content {
				walk(child)
			}
		}
		walk(root.node)
		if inside || scalar != nil && line >= scalar.Line+root.lineOffset {
			return true
		}
	}
	return false
}
