package edit

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/policyferry/policyferry/translate/source"
)

// place is a field or element, with what surrounds it.
type place struct {
	parent     *source.Node
	index      int // of the value in the parent
	key, value *source.Node
}

// Locate finds the bytes that a change is about. The error says that the way in which the text is written does not let
// it be changed safely.
func (t *Text) Locate(d *source.Document, c Change) (Edit, error) {
	if c.Kind == Cut {
		return c.Edit, nil
	}
	p, err := find(d, c.Path)
	if err != nil {
		return Edit{}, err
	}
	switch c.Kind {
	case Remove:
		if flow(p.parent) {
			return t.removeFlow(p)
		}
		return t.removeBlock(p)
	case Replace:
		return t.replace(p, c.Value)
	case Rename:
		return t.rename(p, c.Key)
	case Insert:
		return t.insert(p, c)
	case Append:
		return t.append(p, c)
	}
	return Edit{}, fmt.Errorf("nobody knows how to make this change to %s", c.Path)
}

func find(d *source.Document, path string) (place, error) {
	i := strings.LastIndexAny(path, ".[")
	for i > 0 {
		// A key in brackets may hold dots and brackets itself.
		if p, ok := child(d, path[:i], path); ok {
			return p, nil
		}
		i = strings.LastIndexAny(path[:i], ".[")
	}
	if p, ok := child(d, "", path); ok {
		return p, nil
	}
	return place{}, fmt.Errorf("there is no field %s", path)
}

func child(d *source.Document, parent, path string) (place, bool) {
	n := d.Root()
	if parent != "" {
		n = d.Node(parent)
	}
	switch {
	case n == nil:
	case n.Kind == source.Sequence:
		for i, v := range n.Content {
			if source.Item(parent, i) == path {
				return place{n, i, nil, v}, true
			}
		}
	case n.Kind == source.Mapping:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if source.Field(parent, n.Content[i].Value) == path {
				return place{n, i + 1, n.Content[i], n.Content[i+1]}, true
			}
		}
	}
	return place{}, false
}

// first is the node at which the text of the place begins.
func (p place) first() *source.Node {
	if p.key != nil {
		return p.key
	}
	return p.value
}

// neighbour is the first node of the member before or behind, or nil.
func (p place) neighbour(step int) *source.Node {
	width := 1
	if p.key != nil {
		width = 2
	}
	i := p.index + step*width - (width - 1)
	if i < 0 || i >= len(p.parent.Content) {
		return nil
	}
	return p.parent.Content[i]
}

func (t *Text) start(n *source.Node) (int, error) { return t.Offset(n.Line, n.Column) }

// removeFlow takes a member of a flow collection away with the comma behind it, or before it if it is the last.
func (t *Text) removeFlow(p place) (Edit, error) {
	from, err := t.start(p.first())
	if err != nil {
		return Edit{}, err
	}
	to, err := t.memberEnd(from)
	if err != nil {
		return Edit{}, err
	}
	if next := p.neighbour(1); next != nil {
		if to, err = t.start(next); err != nil {
			return Edit{}, err
		}
	} else if before := p.neighbour(-1); before != nil {
		start, err := t.start(before)
		if err != nil {
			return Edit{}, err
		}
		if from, err = t.memberEnd(start); err != nil {
			return Edit{}, err
		}
	}
	if to < from {
		return Edit{}, fmt.Errorf("the text is not written in the order of its fields")
	}
	return Edit{From: from, To: to, Comments: hasComment(t.data[from:to])}, nil
}

// removeBlock takes the lines of a member away, and the comment right above that is about it.
func (t *Text) removeBlock(p place) (Edit, error) {
	first := p.first()
	at, err := t.start(first)
	if err != nil {
		return Edit{}, err
	}
	lineStart := t.lines[first.Line-1]
	lead := t.data[lineStart:at]
	indent := len(lead)
	if p.key == nil {
		if lead, err = t.dash(first, at); err != nil {
			return Edit{}, err
		}
		indent = len(lead)
	}
	if len(bytes.TrimLeft(lead, " ")) > 0 {
		return t.removeFirstKey(p, at)
	}
	last := t.lastLine(first.Line, indent, p.key != nil && p.value.Kind == source.Sequence && !flow(p.value))
	if last, err = t.throughFlow(p.value, last); err != nil {
		return Edit{}, err
	}
	above := first.Line
	for above > 1 && comment(t.lineText(above-1)) && indentOf(t.lineText(above-1)) == indent {
		above--
	}
	if above > 1 && last < len(t.lines) && blank(t.lineText(above-1)) && blank(t.lineText(last+1)) && t.after(last+1) > t.after(last) {
		last++ // of two blank lines one is left
	}
	from, to := t.lines[above-1], t.after(last)
	return Edit{From: from, To: to, Comments: hasComment(t.data[from:to])}, nil
}

// removeFirstKey takes away a field that stands behind the dash of its element: the next field takes its place.
func (t *Text) removeFirstKey(p place, from int) (Edit, error) {
	next := p.neighbour(1)
	if p.key == nil || next == nil || p.index != 1 {
		return Edit{}, fmt.Errorf("something else begins on the same line")
	}
	to, err := t.start(next)
	if err != nil || to < from {
		return Edit{}, fmt.Errorf("the text is not written in the order of its fields")
	}
	return Edit{From: from, To: to, Comments: hasComment(t.data[from:to])}, nil
}

// throughFlow is the last line of a member of which a part in flow style may reach further down than its indentation
// says.
func (t *Text) throughFlow(n *source.Node, last int) (int, error) {
	if flow(n) {
		at, err := t.start(n)
		if err != nil {
			return 0, err
		}
		end, err := t.valueEnd(at)
		if err != nil {
			return 0, err
		}
		line, _ := t.Place(end)
		return max(last, line), nil
	}
	for _, c := range n.Content {
		var err error
		if last, err = t.throughFlow(c, last); err != nil {
			return 0, err
		}
	}
	return last, nil
}

// replace gives a scalar or a collection in flow style another value.
func (t *Text) replace(p place, value string) (Edit, error) {
	if p.value.Kind != source.Scalar && !flow(p.value) || (p.value.Style == source.Literal || p.value.Style == source.Folded) {
		return Edit{}, fmt.Errorf("the value stands on lines of its own")
	}
	from, err := t.start(p.value)
	if err != nil {
		return Edit{}, err
	}
	end := t.valueEnd
	if flow(p.parent) {
		end = t.memberEnd
	}
	to, err := end(from)
	if err != nil {
		return Edit{}, err
	}
	text, err := t.rendered(value, p)
	if err != nil {
		return Edit{}, err
	}
	return Edit{From: from, To: to, Text: text, Comments: hasComment(t.data[from:to])}, nil
}

func (t *Text) rename(p place, key string) (Edit, error) {
	if p.key == nil {
		return Edit{}, fmt.Errorf("an element of a list has no key")
	}
	from, err := t.start(p.key)
	if err != nil {
		return Edit{}, err
	}
	to := from + len(p.key.Value)
	if p.key.Style == source.DoubleQuoted || p.key.Style == source.SingleQuoted {
		from, to = from+1, to+1
	}
	if to > len(t.data) || string(t.data[from:to]) != p.key.Value {
		return Edit{}, fmt.Errorf("the key is not written plainly")
	}
	return Edit{From: from, To: to, Text: key}, nil
}

// dash is what stands before the dash of a block's element, on the same line.
func (t *Text) dash(element *source.Node, at int) ([]byte, error) {
	line := bytes.TrimRight(t.data[t.lines[element.Line-1]:at], " ")
	if len(line) == 0 || line[len(line)-1] != '-' {
		return nil, fmt.Errorf("the dash of the element stands on another line")
	}
	return line[:len(line)-1], nil
}
