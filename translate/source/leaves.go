package source

import (
	"strconv"
)

// Leaf is a field that has no others below it.
type Leaf struct {
	Path string
	// Null says that the field stands without a value, which is to say nothing (Document.Stored). An item of a list
	// is never such a field.
	Null bool
}

// Leaves returns all leaf fields in document order: scalars, nulls, empty mappings and empty lists. Together they are
// everything that the document says.
func (d *Document) Leaves() []Leaf {
	w := leafWalk{}
	w.walk(d.Root(), false)
	return w.leaves
}

type leafWalk struct {
	path   []byte
	leaves []Leaf
}

func (w *leafWalk) walk(n *Node, keyed bool) {
	if len(n.Content) == 0 {
		w.leaves = append(w.leaves, Leaf{string(w.path), keyed && n.Type == Null})
		return
	}
	length := len(w.path)
	if n.Kind == Sequence {
		for i, c := range n.Content {
			w.path = append(w.path, '[')
			w.path = strconv.AppendInt(w.path, int64(i), 10)
			w.path = append(w.path, ']')
			w.walk(c, false)
			w.path = w.path[:length]
		}
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		w.key(n.Content[i].Value)
		w.walk(n.Content[i+1], true)
		w.path = w.path[:length]
	}
}

func (w *leafWalk) key(key string) {
	if !plainKey(key) {
		w.path = append(w.path, '[')
		w.path = append(w.path, quoteKey(key)...)
		w.path = append(w.path, ']')
		return
	}
	if len(w.path) > 0 {
		w.path = append(w.path, '.')
	}
	w.path = append(w.path, key...)
}

// pathBytes is the length of all leaf paths together, counted without making them.
func pathBytes(n *Node, prefix int) int64 {
	if len(n.Content) == 0 {
		return int64(prefix)
	}
	var sum int64
	if n.Kind == Sequence {
		for _, c := range n.Content {
			sum += pathBytes(c, prefix+8)
		}
		return sum
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		sum += pathBytes(n.Content[i+1], prefix+len(n.Content[i].Value)+1)
	}
	return sum
}
