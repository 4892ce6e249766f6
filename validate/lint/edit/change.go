package edit

import (
	"encoding/json"
	"fmt"

	"github.com/policyferry/policyferry/translate/source"
)

// Kind is what a Change does.
type Kind int

// The kinds of changes.
const (
	// Remove takes a field or a list's element away.
	Remove Kind = iota
	// Replace gives a field or element another value.
	Replace
	// Rename gives a field another key.
	Rename
	// Insert puts a field behind another one of the same mapping.
	Insert
	// Append puts an element behind another one of the same list.
	Append
	// Cut takes away bytes that say nothing, such as a comment.
	Cut
)

// Change is one change of an object.
type Change struct {
	Kind Kind
	// Path is the field or element that is changed; for Insert and Append, the one behind which the new one comes.
	Path string
	// Key is the new key of Rename and Insert.
	Key string
	// Value is the new value of Replace, Insert and Append, as JSON.
	Value string
	// Edit is what Cut cuts.
	Edit Edit
}

// Expected is the object with the changes made, as JSON: what the edited text has to say.
func Expected(d *source.Document, changes []Change) ([]byte, error) {
	at := map[string]Change{}
	for _, c := range changes {
		if c.Kind == Cut {
			continue
		}
		if _, twice := at[c.Path]; twice {
			return nil, fmt.Errorf("%s is changed twice", c.Path)
		}
		at[c.Path] = c
	}
	root, err := changed(d.Root(), "", at)
	if err != nil {
		return nil, err
	}
	if len(at) > 0 {
		return nil, fmt.Errorf("a field that is to be changed is not there")
	}
	return root.JSON(), nil
}

// changed is the value with the changes made that lie in it; those are taken out of the map.
func changed(n *source.Node, path string, at map[string]Change) (*source.Node, error) {
	if len(at) == 0 || n.Kind == source.Scalar {
		return n, nil
	}
	out := *n
	out.Content = nil
	for i := 0; i < len(n.Content); i++ {
		var key *source.Node
		below := source.Item(path, i)
		if n.Kind == source.Mapping {
			key = n.Content[i]
			below = source.Field(path, key.Value)
			i++
		}
		content, err := member(key, n.Content[i], below, at)
		if err != nil {
			return nil, err
		}
		out.Content = append(out.Content, content...)
	}
	return &out, nil
}

// member is what becomes of a key, if there is one, and its value.
func member(key, value *source.Node, path string, at map[string]Change) ([]*source.Node, error) {
	c, found := at[path]
	delete(at, path)
	if found && c.Kind == Remove {
		return nil, nil
	}
	value, err := changed(value, path, at)
	if err != nil {
		return nil, err
	}
	content := []*source.Node{value}
	if key != nil {
		content = []*source.Node{key, value}
	}
	if !found {
		return content, nil
	}
	if (key == nil) != (c.Kind == Append) && c.Kind != Replace {
		return nil, fmt.Errorf("%s cannot be changed like that", path)
	}
	word := &source.Node{Type: source.String, Value: c.Key}
	switch c.Kind {
	case Rename:
		return []*source.Node{word, value}, nil
	case Replace:
		content[len(content)-1], err = node(c.Value)
		return content, err
	case Append:
		appended, err := node(c.Value)
		return append(content, appended), err
	case Insert:
		inserted, err := node(c.Value)
		return append(content, word, inserted), err
	}
	return nil, fmt.Errorf("nobody knows how to make this change to %s", path)
}

// node reads a JSON value.
func node(text string) (*source.Node, error) {
	if !json.Valid([]byte(text)) {
		return nil, fmt.Errorf("%s is not JSON", text)
	}
	docs, problems := source.ReadBytes("value", []byte(`{"apiVersion":"v1","kind":"Value","value":`+text+`}`), source.Options{})
	if problems.Len() > 0 || len(docs) != 1 {
		return nil, fmt.Errorf("%s cannot be read", text)
	}
	return docs[0].Node("value"), nil
}
