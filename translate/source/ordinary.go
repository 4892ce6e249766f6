package source

import (
	"encoding/json"
	"strings"
)

// ordinary reads documents that are written as manifests mostly are: block mappings and sequences, flow ones, scalars
// in one line, literal texts, comments. It is several times faster than the parser and leaves no garbage, and that is
// all it is for: what it reads is what parsing and normalizing make of the text, node for node, and from anything else
// (anchors, tags, scalars of several lines, duplicate keys, every mistake) it keeps its hands. FuzzOrdinary holds it
// to that. What it need not know it takes from there: columns are counted in bytes, so nothing but ASCII may stand
// before the end of what a line says.
type ordinary struct {
	// limits of a document
	maxDepth, maxNodes int

	text string
	pos  int
	// line is the line of pos, and lineStart where it begins.
	line, lineStart int
	// nodes are those made so far, as normalizing counts them.
	nodes int
	// indent is the column of the innermost block mapping or sequence.
	indent int
	// json says that the text is JSON, and to be read as such.
	json bool

	// open are the members of the containers that are not closed yet.
	open []*Node
	// free are nodes, and freeContent room for the members of containers, that nobody has yet. They are made many at
	// a time, which is faster and smaller than one by one.
	free        []Node
	freeContent []*Node
	batch       int
}

// longestKey keeps keys well below the 1024 characters up to which YAML looks for their colon.
const longestKey = 256

func newOrdinary(opt Options) *ordinary {
	// The parser has limits of its own, of ten thousand levels.
	return &ordinary{maxDepth: min(opt.MaxDepth, 1000), maxNodes: opt.MaxNodes, batch: 32}
}

// read reads a document that so many lines stand before. It is nil if the document is not an ordinary one.
func (p *ordinary) read(text string, line int) *Node {
	p.text = text
	if oddBreak(p.text) || !p.language() {
		return nil
	}
	p.pos, p.line, p.lineStart, p.nodes, p.indent, p.open = 0, line+1, 0, 0, -1, p.open[:0]
	free, content := p.free, p.freeContent
	if n, ok := p.document(); ok {
		return n
	}
	if len(p.free) < len(free) { // what was tried is not kept
		p.free = free
	}
	if len(p.freeContent) < len(content) {
		p.freeContent = content
	}
	return nil
}

// language tells JSON from YAML as parse does, and is false where that takes more than a look.
func (p *ordinary) language() bool {
	start := strings.TrimLeft(p.text, " \n")
	p.json = false
	if start == "" || start[0] != '{' && start[0] != '[' {
		return true
	}
	if next := strings.TrimLeft(start[1:], " \n"); start[0] == '{' && next != "" && plainStart(next) {
		return true // what no JSON begins with
	}
	p.json = json.Valid([]byte(p.text))
	return p.json
}

// oddBreak reports whether a line may end with anything but a newline.
func oddBreak(text string) bool {
	if strings.IndexByte(text, '\r') >= 0 {
		return true
	}
	for i := range len(text) {
		if text[i] >= 0x80 {
			rest := text[i:]
			return strings.Contains(rest, "\u0085") || strings.Contains(rest, "\u2028") || strings.Contains(rest, "\u2029")
		}
	}
	return false
}

func (p *ordinary) document() (*Node, bool) {
	if strings.HasPrefix(p.text, "---") {
		p.pos = 3
		if p.pos < len(p.text) && !p.blank(p.pos) {
			return nil, false
		}
	}
	if !p.nextLine() || p.done() {
		return nil, false
	}
	n, ok := p.block(0)
	return n, ok && p.done() && n.Kind != Scalar
}

func (p *ordinary) done() bool { return p.pos == len(p.text) }

// column is where pos lies in its line, counted from zero.
func (p *ordinary) column() int { return p.pos - p.lineStart }

// blank reports whether there is a space, the end of a line or the end of the text.
func (p *ordinary) blank(at int) bool {
	return at >= len(p.text) || p.text[at] == ' ' || p.text[at] == '\n'
}

// entry reports whether an item of a block sequence begins here.
func (p *ordinary) entry() bool { return !p.done() && p.text[p.pos] == '-' && p.blank(p.pos+1) }

// spaces passes over spaces and returns how many there were.
func (p *ordinary) spaces() int {
	start := p.pos
	for p.pos < len(p.text) && p.text[p.pos] == ' ' {
		p.pos++
	}
	return p.pos - start
}

// nextLine moves from behind a value to the first line that says something, which is the end if there is none. It is
// false if something else follows in the line.
func (p *ordinary) nextLine() bool {
	for {
		spaces := p.spaces()
		if p.done() {
			return true
		}
		switch p.text[p.pos] {
		case '\n':
			p.nextStart(p.pos)
		case '#':
			if spaces == 0 && p.pos > p.lineStart {
				return false
			}
			end := strings.IndexByte(p.text[p.pos:], '\n')
			if end < 0 {
				p.pos = len(p.text)
				return true
			}
			p.nextStart(p.pos + end)
		default:
			return p.column() == spaces
		}
	}
}

// block reads a value that may be of several lines, and moves to the line after it.
func (p *ordinary) block(depth int) (*Node, bool) {
	if depth > p.maxDepth {
		return nil, false
	}
	if p.entry() {
		return p.sequence(depth)
	}
	n, key, ok := p.inline(depth)
	if !ok {
		return nil, false
	}
	if key {
		return p.mapping(n, depth)
	}
	return n, p.nextLine()
}

// inline reads a value that begins and ends here, or a literal text. Key says that a colon follows.
func (p *ordinary) inline(depth int) (n *Node, key, ok bool) {
	start := p.pos
	switch p.text[p.pos] {
	case '{', '[':
		n, ok = p.flow(depth)
		return n, false, ok
	case '|':
		n, ok = p.literal()
		return n, false, ok
	case '"', '\'':
		n, ok = p.quoted()
		key = ok && p.pos < len(p.text) && p.text[p.pos] == ':'
		ok = ok && (!key || p.blank(p.pos+1))
	default:
		n, ok = p.plain(false)
		key = ok && p.pos < len(p.text) && p.text[p.pos] == ':'
	}
	return n, key, ok && (!key || isKey(n, p.text[start:p.pos]))
}

// isKey reports whether a scalar is a key that says what stands there.
func isKey(n *Node, written string) bool {
	return n.Type == String && len(written) <= longestKey && ascii(written)
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// mapping reads a mapping whose first key was just read.
func (p *ordinary) mapping(key *Node, depth int) (*Node, bool) {
	n := p.node(Mapping, key.Line, key.Column)
	column := key.Column - 1
	first := len(p.open)
	for {
		value, ok := p.value(column, depth)
		if !ok {
			return nil, false
		}
		p.open = append(p.open, key, value)
		if p.done() || p.column() < column {
			break
		}
		if p.column() > column || p.entry() {
			return nil, false
		}
		var isKey bool
		if key, isKey, ok = p.inline(depth); !ok || !isKey {
			return nil, false
		}
	}
	return n, p.close(n, first) && distinctKeys(n.Content)
}

// value reads what stands behind the colon of a mapping in the column.
func (p *ordinary) value(column, depth int) (*Node, bool) {
	if depth >= p.maxDepth {
		return nil, false
	}
	p.pos++
	p.indent = column
	line, at := p.line, p.column()
	spaces := p.spaces()
	if !p.done() && p.text[p.pos] != '\n' && p.text[p.pos] != '#' {
		n, key, ok := p.inline(depth + 1)
		return n, ok && !key && p.nextLine()
	}
	p.pos -= spaces
	if !p.nextLine() {
		return nil, false
	}
	switch {
	case p.done() || p.column() < column || p.column() == column && !p.entry():
		n := p.node(Scalar, line, at+1)
		n.Type = Null
		return n, true
	case p.column() == column:
		return p.sequence(depth + 1)
	}
	return p.block(depth + 1)
}

// sequence reads a block sequence.
func (p *ordinary) sequence(depth int) (*Node, bool) {
	column := p.column()
	n := p.node(Sequence, p.line, column+1)
	first := len(p.open)
	for {
		item, ok := p.item(column, depth)
		if !ok {
			return nil, false
		}
		p.open = append(p.open, item)
		if !p.done() && p.column() > column {
			return nil, false
		}
		if p.done() || p.column() < column || !p.entry() {
			return n, p.close(n, first)
		}
	}
}

func (p *ordinary) item(column, depth int) (*Node, bool) {
	if depth >= p.maxDepth {
		return nil, false
	}
	p.pos++
	p.indent = column
	line := p.line
	p.spaces()
	if !p.done() && p.text[p.pos] != '\n' {
		return p.block(depth + 1)
	}
	if !p.nextLine() {
		return nil, false
	}
	if p.done() || p.column() <= column {
		n := p.node(Scalar, line, column+2)
		n.Type = Null
		return n, true
	}
	return p.block(depth + 1)
}

// node makes a node.
func (p *ordinary) node(kind Kind, line, column int) *Node {
	if len(p.free) == 0 {
		p.batch = min(2*p.batch, 256)
		p.free = make([]Node, p.batch)
	}
	n := &p.free[0]
	p.free = p.free[1:]
	*n = Node{Kind: kind, Line: line, Column: column}
	p.nodes++
	return n
}

// close gives a container its members, which are open since first.
func (p *ordinary) close(n *Node, first int) bool {
	members := p.open[first:]
	if len(members) > len(p.freeContent) {
		p.freeContent = make([]*Node, max(p.batch, len(members)))
	}
	n.Content = p.freeContent[:len(members):len(members)]
	p.freeContent = p.freeContent[len(members):]
	copy(n.Content, members)
	p.open = p.open[:first]
	return p.nodes <= p.maxNodes
}

// distinctKeys reports whether no key stands twice.
func distinctKeys(content []*Node) bool {
	if len(content) > 2*smallMapping {
		seen := make(map[string]bool, len(content)/2)
		for i := 0; i < len(content); i += 2 {
			seen[content[i].Value] = true
		}
		return len(seen) == len(content)/2
	}
	for i := 2; i < len(content); i += 2 {
		for j := 0; j < i; j += 2 {
			if content[i].Value == content[j].Value {
				return false
			}
		}
	}
	return true
}
