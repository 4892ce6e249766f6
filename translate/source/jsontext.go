package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/policyferry/policyferry/translate/diag"
)

// parseJSON reads JSON values that follow each other, as kubectl does. YAML cannot stand in for it: it knows no
// surrogate pairs, and it reads one value only.
func parseJSON(c chunk, opt Options) (roots []parsed, failed *failure) {
	dec := json.NewDecoder(bytes.NewReader(c.data))
	p := jsonParser{line: c.line + 1, maxDepth: opt.MaxDepth}
	for {
		var raw json.RawMessage
		err := dec.Decode(&raw)
		if errors.Is(err, io.EOF) {
			return roots, nil
		}
		if err != nil {
			return roots, c.jsonError(err)
		}
		// Two numbers may follow each other without space, so the value ends where the decoder ended.
		end := int(dec.InputOffset())
		p.data = c.data[:end]
		p.seek(end - len(raw))
		n := p.value(0)
		if p.tooDeep {
			return roots, &failure{diag.TooLarge, p.line, p.column(), tooDeep(opt.MaxDepth), ""}
		}
		roots = append(roots, parsed{node: n})
	}
}

func (c chunk) jsonError(err error) *failure {
	f := &failure{code: diag.Unreadable, message: "the document is not JSON: " + err.Error()}
	offset := len(c.data)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		offset = min(max(int(syntax.Offset)-1, 0), len(c.data))
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		f.message = "the document is not JSON: it ends before its last bracket"
	}
	if tooDeepForParser(err.Error()) {
		f.code, f.message = diag.TooLarge, tooDeep(parserDepth)
	}
	f.line, f.column = c.place(offset)
	return f
}

// jsonParser makes nodes of a text that is known to be valid JSON.
type jsonParser struct {
	data []byte
	pos  int
	// line is the line of pos, and lineStart where it begins; columnAt and columnStart keep the last column that was
	// counted, so that a long line is counted once.
	line, lineStart       int
	columnAt, columnStart int
	columns               int
	maxDepth              int
	tooDeep               bool
}

// seek moves on to an offset and counts the lines on the way.
func (p *jsonParser) seek(offset int) {
	for p.pos < offset {
		if p.data[p.pos] == '\n' {
			p.line++
			p.lineStart = p.pos + 1
		}
		p.pos++
	}
}

func (p *jsonParser) skipSpace() {
	for p.pos < len(p.data) {
		switch p.data[p.pos] {
		case '\n':
			p.line++
			p.lineStart = p.pos + 1
		case ' ', '\t', '\r', ',', ':':
		default:
			return
		}
		p.pos++
	}
}

func (p *jsonParser) column() int {
	if p.columnStart != p.lineStart || p.columnAt < p.lineStart {
		p.columnStart, p.columnAt, p.columns = p.lineStart, p.lineStart, 0
	}
	p.columns += utf8.RuneCount(p.data[p.columnAt:p.pos])
	p.columnAt = p.pos
	return p.columns + 1
}

func (p *jsonParser) value(depth int) *yaml.Node {
	if depth > p.maxDepth {
		p.tooDeep = true
	}
	p.skipSpace()
	n := &yaml.Node{Line: p.line, Column: p.column()}
	if p.tooDeep {
		return n
	}
	switch p.data[p.pos] {
	case '{':
		n.Kind, n.Tag, n.Style = yaml.MappingNode, mapTag, yaml.FlowStyle
		p.container(n, '}', depth)
	case '[':
		n.Kind, n.Tag, n.Style = yaml.SequenceNode, seqTag, yaml.FlowStyle
		p.container(n, ']', depth)
	case '"':
		n.Kind, n.Tag, n.Style = yaml.ScalarNode, strTag, yaml.DoubleQuotedStyle
		n.Value = p.text()
	default:
		n.Kind = yaml.ScalarNode
		p.literal(n)
	}
	return n
}

// container reads members until the closing bracket; commas and colons are skipped like space, because the text is
// known to be valid.
func (p *jsonParser) container(n *yaml.Node, closing byte, depth int) {
	p.pos++
	for {
		p.skipSpace()
		if p.tooDeep {
			return
		}
		if p.data[p.pos] == closing {
			p.pos++
			return
		}
		n.Content = append(n.Content, p.value(depth+1))
	}
}

func (p *jsonParser) text() string {
	start := p.pos
	escaped := false
	for p.pos++; p.data[p.pos] != '"'; p.pos++ {
		if p.data[p.pos] == '\\' {
			escaped = true
			p.pos++
		}
	}
	p.pos++
	if !escaped {
		return string(p.data[start+1 : p.pos-1])
	}
	var s string
	// The text is valid JSON, so this cannot fail.
	_ = json.Unmarshal(p.data[start:p.pos], &s)
	return s
}

func (p *jsonParser) literal(n *yaml.Node) {
	start := p.pos
	for p.pos < len(p.data) && bytes.IndexByte([]byte(" \t\r\n,:]}"), p.data[p.pos]) < 0 {
		p.pos++
	}
	n.Value = string(p.data[start:p.pos])
	switch {
	case n.Value == "null":
		n.Tag = nullTag
	case n.Value == "true" || n.Value == "false":
		n.Tag = boolTag
	default:
		n.Tag = floatTag
		if _, ok := intValue(n.Value); ok {
			n.Tag = intTag
		}
	}
}
