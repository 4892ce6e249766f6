// Package source reads Kubernetes objects from YAML and JSON and remembers where every field stands.
//
// It reads a text as kubectl reads it, or not at all: a document whose meaning depends on the reader (a key that
// stands twice, an alias that grows without bound, a template) is refused with a finding, and never hides the
// documents and files beside it.
//
// A field is named by its path: spec.ingress[0].source.nets[1], and metadata.labels[app.kubernetes.io/name] for a
// key that is not a plain word. The same text is used in findings, in the ledger and in fixtures.
package source

import "github.com/policyferry/policyferry/translate/diag"

// Document is one Kubernetes object as it was written. It is read-only and safe for concurrent use.
type Document struct {
	// Object is its identity as read; a namespace that is missing stays empty, and so does a name.
	Object diag.Object
	// Pos is the first line of the object.
	Pos diag.Position
	// Index is the place of the document in the input, counted over all files; it only breaks ties in messages.
	Index int

	// kept is what was read; nil for a document that is read again whenever it is needed.
	kept  *tree
	again *again
}

// Root is the object's mapping, with aliases and merge keys already resolved. An aliased node stands in it as often as
// it is used, so nothing may write to it.
func (d *Document) Root() *Node { return d.tree().root }

func (d *Document) tree() *tree {
	if d.kept == nil {
		return d.again.tree()
	}
	return d.kept
}

// InNamespace is the document as one of a namespace that it does not name itself.
func (d *Document) InNamespace(namespace string) *Document {
	out := *d
	out.Object.Namespace = namespace
	return &out
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
	return diag.Position{File: d.Pos.File, Line: at.Line, Column: at.Column}
}

// find walks down the path as far as the document goes. It returns the key and value of the last field that
// exists, and whether that is the whole path.
func (d *Document) find(path string) (key, value *Node, found bool) {
	t := d.tree()
	value = t.root
	for path != "" {
		seg, rest, ok := nextSegment(path)
		if !ok {
			return key, value, false
		}
		k, v := t.step(value, seg)
		if v == nil {
			return key, value, false
		}
		key, value, path = k, v, rest
	}
	return key, value, true
}
