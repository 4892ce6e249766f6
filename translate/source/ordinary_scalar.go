package source

import "strings"

// scalar makes a scalar that begins at start, in the line of pos.
func (p *ordinary) scalar(start int, value string, t Type, style Style) *Node {
	n := p.node(Scalar, p.line, start-p.lineStart+1)
	n.Value, n.Type, n.Style = value, t, style
	return n
}

// plain reads a scalar without quotes, up to the colon if it is a key.
func (p *ordinary) plain(flow bool) (*Node, bool) {
	start, end := p.pos, p.pos
	if !plainStart(p.text[start:]) {
		return nil, false
	}
scan:
	for p.pos < len(p.text) {
		switch c := p.text[p.pos]; c {
		case '\n':
			break scan
		case ' ':
			if p.pos+1 < len(p.text) && p.text[p.pos+1] == '#' {
				break scan
			}
			p.pos++
			continue
		case '\t':
			return nil, false
		case ':':
			if p.blank(p.pos + 1) {
				break scan
			}
		case ',', '?', '[', ']', '{', '}':
			if flow {
				break scan
			}
		}
		p.pos++
		end = p.pos
	}
	if p.pos < len(p.text) && p.text[p.pos] == ':' && end < p.pos {
		return nil, false // a space before the colon
	}
	text := p.text[start:end]
	t, ok := plainType(text)
	if !ok || p.json && t == String { // of JSON, numbers that are none for the parser
		return nil, false
	}
	p.pos = end
	return p.scalar(start, text, t, Plain), true
}

// plainStart reports whether a text may begin as a plain scalar in any context.
func plainStart(text string) bool {
	switch c := text[0]; {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		return true
	case c == '-':
		return len(text) > 1 && (text[1] >= '0' && text[1] <= '9' || text[1] >= 'a' && text[1] <= 'z' || text[1] == '-')
	}
	// Three dots may end a document.
	return strings.IndexByte("./_$+=(~;^", text[0]) >= 0 && !strings.HasPrefix(text, "..")
}

// plainType is the type of a plain scalar as resolving and normalizing find it, if that is a type that every reader
// agrees about.
func plainType(s string) (t Type, ok bool) {
	switch c := s[0]; {
	case c >= '0' && c <= '9', c == '+', c == '-':
		return numberType(s)
	case c == '.', c == '~':
		return resolvedType(s)
	case strings.IndexByte("yYnNtTfFoO", c) >= 0:
		if _, ok := yamlBool(s); ok {
			return Bool, true
		}
		if s == "null" || s == "Null" || s == "NULL" {
			return Null, true
		}
	}
	return String, true
}

// numberType is the type of a text that begins like a number.
func numberType(s string) (t Type, ok bool) {
	digits, dots := true, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			continue
		case c == '.':
			dots++
		case c >= 'a' && c <= 'f', c >= 'A' && c <= 'F', strings.IndexByte("xXoO_+-", c) >= 0:
		default:
			return String, true // no number has it
		}
		digits = false
	}
	switch {
	case digits && len(s) <= 18 && (s[0] != '0' || len(s) == 1):
		return Int, true
	case dots > 1:
		return String, true
	}
	return resolvedType(s)
}

// resolvedType asks the parser for the type.
func resolvedType(s string) (t Type, ok bool) {
	switch tag := spelledTag(s); tag {
	case intTag:
		_, ok = intValue(s)
		return Int, ok
	case floatTag:
		_, ok = floatValue(s)
		return Float, ok
	default:
		return types[tag], true
	}
}

// quoted reads a scalar in quotes that ends in its line.
func (p *ordinary) quoted() (*Node, bool) {
	start, quote := p.pos, p.text[p.pos]
	escaped := false
	for p.pos++; ; p.pos++ {
		if p.done() || p.text[p.pos] == '\n' {
			return nil, false
		}
		switch c := p.text[p.pos]; {
		case c == '\\' && quote == '"':
			escaped = true
			p.pos++
			if p.done() || strings.IndexByte(`"\n`, p.text[p.pos]) < 0 {
				return nil, false
			}
		case c == quote && quote == '\'' && p.pos+1 < len(p.text) && p.text[p.pos+1] == '\'':
			escaped = true
			p.pos++
		case c == quote:
			value := p.text[start+1 : p.pos]
			p.pos++
			if escaped {
				value = unquote(value, quote)
			}
			style := DoubleQuoted
			if quote == '\'' {
				style = SingleQuoted
			}
			return p.scalar(start, value, String, style), true
		}
	}
}

// escapes are the escapes in double quotes that are common.
var escapes = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n")

func unquote(text string, quote byte) string {
	if quote == '\'' {
		return strings.ReplaceAll(text, "''", "'")
	}
	return escapes.Replace(text)
}

// literal reads a text behind |, whose lines are all indented further than what holds it.
func (p *ordinary) literal() (*Node, bool) {
	n := p.scalar(p.pos, "", String, Literal)
	p.pos++
	strip := !p.done() && p.text[p.pos] == '-'
	if strip {
		p.pos++
	}
	if p.done() || p.text[p.pos] != '\n' {
		return nil, false
	}
	p.nextStart(p.pos)
	indent := p.spaces()
	if indent <= p.indent || p.done() || p.text[p.pos] == '\n' || p.text[p.pos] == '\t' {
		return nil, false
	}
	p.pos = p.lineStart
	text, ok := p.indented(indent)
	if strip {
		text = strings.TrimRight(text, "\n")
	} else if body := strings.TrimRight(text, "\n"); len(body) < len(text) {
		text = body + "\n"
	}
	n.Value = text
	return n, ok
}

// indented reads the lines that are indented so far, without the indentation, and stops at the first that is not.
func (p *ordinary) indented(indent int) (string, bool) {
	var b strings.Builder
	for !p.done() {
		spaces := min(p.spaces(), indent)
		empty := p.done() || p.text[p.pos] == '\n'
		if empty && p.column() > 0 {
			return "", false // whether its spaces belong to the text is for the parser to say
		}
		p.pos = p.lineStart + spaces
		if spaces < indent && !empty {
			p.pos = p.lineStart
			break
		}
		end := strings.IndexByte(p.text[p.pos:], '\n')
		if end < 0 {
			b.WriteString(p.text[p.pos:])
			p.pos = len(p.text)
			break
		}
		b.WriteString(p.text[p.pos : p.pos+end+1])
		p.nextStart(p.pos + end)
	}
	return b.String(), true
}

// nextStart moves behind the end of a line.
func (p *ordinary) nextStart(newline int) {
	p.pos = newline + 1
	p.line++
	p.lineStart = p.pos
}
