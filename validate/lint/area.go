package lint

import (
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// area is the part of a file that a comment is about: the lines of a field with all that stands in it. On the first
// line of an object that is the whole object; where nothing could be read, the line alone.
type area struct {
	file     string
	from, to int
	object   diag.Object
	path     string
}

func (a area) holds(pos diag.Position) bool {
	return a.from > 0 && pos.File == a.file && a.from <= pos.Line && pos.Line <= a.to
}

// areaOf looks up the field that begins on the line of a remark; of several, the outermost.
func areaOf(docs []*source.Document, r source.Remark) area {
	a := area{file: r.Pos.File, from: r.Line, to: r.Line}
	if r.Line == 0 {
		return a
	}
	for _, d := range docs {
		if d.Pos.File != r.Pos.File || r.Line < d.Pos.Line || r.Line > lastLine(d.Root(), d.Pos.Line) {
			continue
		}
		a.object = d.Object
		if r.Line == d.Pos.Line {
			a.to = lastLine(d.Root(), r.Line)
			return a
		}
		if f, ok := beginning(root(d), r.Line); ok {
			a.path, a.to = f.path, lastLine(f.node, r.Line)
		}
		return a
	}
	return a
}

// beginning is the outermost field or item in f that begins on a line.
func beginning(f field, line int) (field, bool) {
	for _, item := range f.items() {
		if item.node.Line == line {
			return item, true
		}
		if found, ok := beginning(item, line); ok {
			return found, true
		}
	}
	if f.node.Kind == source.Mapping {
		for i := 0; i+1 < len(f.node.Content); i += 2 {
			key, value := f.node.Content[i], f.get(f.node.Content[i].Value)
			if key.Line == line {
				return value, true
			}
			if found, ok := beginning(value, line); ok {
				return found, true
			}
		}
	}
	return field{}, false
}

// lastLine is the last line on which something in the value begins.
func lastLine(n *source.Node, from int) int {
	last := max(from, n.Line)
	for _, child := range n.Content {
		last = max(last, lastLine(child, from))
	}
	return last
}
