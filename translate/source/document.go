// Package source reads Kubernetes objects from YAML and JSON and remembers where every field stands.
//
// It reads a text as kubectl reads it, or not at all: a document whose meaning depends on the reader (a key that
// stands twice, an alias that grows without bound, a template) is refused with a finding, and never hides the
// documents and files beside it.
//
// A field is named by its path: spec.ingress[0].source.nets[1], and metadata.labels[app.kubernetes.io/name] for a
// key that is not a plain word. The same text is used in findings, in the ledger and in fixtures.
package source

import (
	"sync"

	"github.com/policyferry/policyferry/translate/diag"
)

// Document is one Kubernetes object as it was written. It is read-only and safe for concurrent use.
type Document struct {
	// Object is its identity as read; a namespace that is missing stays empty, and so does a name.
	Object diag.Object
	// Pos is the first line of the object.
	Pos diag.Position
	// Root is the object's mapping, with aliases and merge keys already resolved. An aliased node stands in it as
	// often as it is used, so nothing may write to it.
	Root *Node
	// Index is the place of the document in the input, counted over all files; it only breaks ties in messages.
	Index int

	wideOnce sync.Once
	wide     map[*Node]map[string]int
}

// Node returns the value at the path, or nil when the document does not have it.
func (d *Document) Node(path string) *Node {
	_, value, found := d.find(path)
	if !found {
		return nil
	}
	return value
}

// Has reports whether the document has the field, even when its value is empty. A field that is null is one that the
// document does not have (Stored); an item of a list that is null is there.
func (d *Document) Has(path string) bool {
	key, value, found := d.find(path)
	return found && (key == nil || value.Type != Null)
}

// Scalar returns the text of the scalar at the path. Null, mappings and lists are not scalars.
func (d *Document) Scalar(path string) (string, bool) {
	n := d.Node(path)
	if n == nil || n.Kind != Scalar || n.Type == Null {
		return "", false
	}
	return n.Value, true
}

// Position is the place of the field at the path, or of its nearest ancestor that the document has.
// The place of a field is its key; the place of a list's element is its first character.
func (d *Document) Position(path string) diag.Position {
	key, value, _ := d.find(path)
	at := value
	if key != nil {
		at = key
	}
	return diag.Position{File: d.Pos.File, Line: int(at.Line), Column: int(at.Column)}
}

// find walks down the path as far as the document goes. It returns the key and value of the last field that
// exists, and whether that is the whole path.
func (d *Document) find(path string) (key, value *Node, found bool) {
	value = d.Root
	for path != "" {
		seg, rest, ok := nextSegment(path)
		if !ok {
			return key, value, false
		}
		k, v := d.step(value, seg)
		if v == nil {
			return key, value, false
		}
		key, value, path = k, v, rest
	}
	return key, value, true
}

func (d *Document) step(n *Node, seg segment) (key, value *Node) {
	if seg.isIndex {
		if n.Kind != Sequence || seg.index >= len(n.Content) {
			return nil, nil
		}
		return nil, n.Content[seg.index]
	}
	if n.Kind != Mapping {
		return nil, nil
	}
	if len(n.Content) > 2*wideMapping {
		if i, ok := d.wideIndex(n)[seg.key]; ok {
			return n.Content[i], n.Content[i+1]
		}
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == seg.key {
			return n.Content[i], n.Content[i+1]
		}
	}
	return nil, nil
}

// wideMapping is the number of keys above which a mapping is looked up by an index and not from its first key on:
// without it, the positions of all keys of one mapping would cost the square of their number.
const wideMapping = 16

func (d *Document) wideIndex(n *Node) map[string]int {
	d.wideOnce.Do(func() {
		d.wide = map[*Node]map[string]int{}
		d.indexWide(d.Root)
	})
	return d.wide[n]
}

func (d *Document) indexWide(n *Node) {
	if n.Kind == Mapping && len(n.Content) > 2*wideMapping {
		if d.wide[n] != nil {
			return
		}
		keys := make(map[string]int, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			keys[n.Content[i].Value] = i
		}
		d.wide[n] = keys
	}
	for _, c := range n.Content {
		if c.Kind != Scalar {
			d.indexWide(c)
		}
	}
}
