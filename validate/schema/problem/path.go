package problem

import "github.com/policyferry/policyferry/translate/source"

// Path is the way to a field. It is written out only when there is something to report, so that validation of a
// sound object makes no text. The nil Path is the object itself.
type Path struct {
	parent *Path
	key    string
	index  int
}

// Root is the path of a top-level field.
func Root(key string) *Path { return (*Path)(nil).Field(key) }

// Field is the path of a key below p.
func (p *Path) Field(key string) *Path { return &Path{parent: p, key: key, index: -1} }

// Item is the path of an element of the list at p.
func (p *Path) Item(index int) *Path { return &Path{parent: p, index: index} }

// Keys are the steps of the path; an element of a list is an empty key.
func (p *Path) Keys() []string {
	if p == nil {
		return nil
	}
	return append(p.parent.Keys(), p.key)
}

// String writes the path as source.Document.Position reads it.
func (p *Path) String() string {
	if p == nil {
		return ""
	}
	if p.index >= 0 {
		return source.Item(p.parent.String(), p.index)
	}
	return source.Field(p.parent.String(), p.key)
}
