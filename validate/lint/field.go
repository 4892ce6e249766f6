package lint

import (
	"slices"

	"github.com/policyferry/policyferry/translate/source"
)

// field is a value in a document and the path to it. The zero field is absent.
type field struct {
	doc  *source.Document
	node *source.Node
	path string
}

// root is the document itself.
func root(doc *source.Document) field { return field{doc, doc.Root(), ""} }

// present reports whether the document has the field with a value that is not null.
func (f field) present() bool { return f.node != nil && f.node.Type != source.Null }

// get is the value of a key; absent if there is none.
func (f field) get(key string) field {
	if f.node == nil || f.node.Kind != source.Mapping {
		return field{}
	}
	for i := 0; i+1 < len(f.node.Content); i += 2 {
		if f.node.Content[i].Value == key {
			return field{f.doc, f.node.Content[i+1], source.Field(f.path, key)}
		}
	}
	return field{}
}

// at follows several keys.
func (f field) at(keys ...string) field {
	for _, key := range keys {
		f = f.get(key)
	}
	return f
}

// items are the elements of a list.
func (f field) items() []field {
	if f.node == nil || f.node.Kind != source.Sequence {
		return nil
	}
	out := make([]field, len(f.node.Content))
	for i, n := range f.node.Content {
		out[i] = field{f.doc, n, source.Item(f.path, i)}
	}
	return out
}

// keys are the fields of a mapping that are not null, in the order of the text.
func (f field) keys() []string {
	if f.node == nil || f.node.Kind != source.Mapping {
		return nil
	}
	var out []string
	for i := 0; i+1 < len(f.node.Content); i += 2 {
		if f.node.Content[i+1].Type != source.Null {
			out = append(out, f.node.Content[i].Value)
		}
	}
	return out
}

// text is the scalar as written, or empty.
func (f field) text() string {
	if !f.present() || f.node.Kind != source.Scalar {
		return ""
	}
	return f.node.Value
}

// empty reports whether the field is absent, null, or holds nothing.
func (f field) empty() bool {
	return !f.present() || len(f.node.Content) == 0 && f.node.Value == ""
}

// emptyList reports whether the field is there as a list without elements.
func (f field) emptyList() bool {
	return f.present() && f.node.Kind == source.Sequence && len(f.node.Content) == 0
}

// emptyMapping reports whether the field is there as {} or a mapping of nothing but empty values.
func (f field) emptyMapping() bool {
	if !f.present() || f.node.Kind != source.Mapping {
		return false
	}
	for _, key := range f.keys() {
		v := f.get(key)
		if !v.empty() && !v.emptyMapping() {
			return false
		}
	}
	return true
}

// only reports whether the mapping says nothing under other keys than these.
func (f field) only(keys ...string) bool {
	for _, key := range f.keys() {
		v := f.get(key)
		if !v.empty() && !v.emptyMapping() && !slices.Contains(keys, key) {
			return false
		}
	}
	return true
}
