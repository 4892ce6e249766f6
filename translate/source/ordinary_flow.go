package source

// flow reads a mapping in braces or a sequence in brackets, which may go over several lines.
func (p *ordinary) flow(depth int) (*Node, bool) {
	if depth > p.maxDepth {
		return nil, false
	}
	kind, closing := Sequence, byte(']')
	if p.text[p.pos] == '{' {
		kind, closing = Mapping, '}'
	}
	n := p.node(kind, p.line, p.column()+1)
	n.Style = Flow
	first := len(p.open)
	p.pos++
	if !p.flowSpace() {
		return nil, false
	}
	if p.text[p.pos] == closing {
		p.pos++
		return n, true
	}
	for p.member(kind, depth) {
		end := p.text[p.pos]
		p.pos++
		if end == closing {
			return n, p.close(n, first) && (kind == Sequence || distinctKeys(n.Content))
		}
		if end != ',' || !p.flowSpace() {
			break
		}
	}
	return nil, false
}

// member reads an item or a key and its value, and moves to what follows.
func (p *ordinary) member(kind Kind, depth int) bool {
	if kind == Mapping {
		start := p.pos
		key, ok := p.flowScalar()
		if !ok || p.done() || p.text[p.pos] != ':' || !isKey(key, p.text[start:p.pos]) {
			return false
		}
		p.open = append(p.open, key)
		p.pos++
		if !p.flowSpace() {
			return false
		}
	}
	value, ok := p.flowValue(depth + 1)
	if !ok || !p.flowSpace() {
		return false
	}
	p.open = append(p.open, value)
	return true
}

func (p *ordinary) flowValue(depth int) (*Node, bool) {
	if depth > p.maxDepth {
		return nil, false
	}
	if c := p.text[p.pos]; c == '{' || c == '[' {
		return p.flow(depth)
	}
	return p.flowScalar()
}

func (p *ordinary) flowScalar() (n *Node, ok bool) {
	start := p.pos
	if c := p.text[p.pos]; c == '"' || c == '\'' {
		n, ok = p.quoted()
	} else {
		n, ok = p.plain(true)
	}
	return n, ok && ascii(p.text[start:p.pos])
}

// flowSpace passes over spaces and ends of lines to what comes next. It is false at the end of the text.
func (p *ordinary) flowSpace() bool {
	for p.spaces(); !p.done() && p.text[p.pos] == '\n'; p.spaces() {
		p.nextStart(p.pos)
	}
	return !p.done()
}
