// Package strictyaml reads the small files that a user writes for policyferry alone, every word of which must be
// understood: a word that is misspelt and passed over would do nothing, or too much.
package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// Problem is what is wrong with a file: the position, and in Error all there is to say.
type Problem struct {
	Pos     diag.Position
	Message string
	Hint    string
}

// Error is the position and the message.
func (p *Problem) Error() string { return p.Pos.String() + ": " + p.Message }

// Reader keeps the first problem of a file.
type Reader struct {
	file string
	err  *Problem
}

// Read parses the one document of a file and hands its root to visit; an empty file has none. The error is a *Problem:
// the first thing that is wrong, as YAML or to visit.
func Read(file string, data []byte, visit func(r *Reader, root *yaml.Node)) error {
	r := &Reader{file: file}
	var doc, next yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
		return nil
	} else if err != nil {
		return &Problem{Pos: diag.Position{File: file}, Message: "the file is not YAML: " + strings.TrimPrefix(err.Error(), "yaml: ")}
	}
	if err := decoder.Decode(&next); !errors.Is(err, io.EOF) {
		r.Fail(&next, "write all into one", "the file holds more than one document")
	} else if root := doc.Content[0]; root.Tag != "!!null" {
		visit(r, root)
	}
	if r.err != nil {
		return r.err
	}
	return nil
}

// Fail says what is wrong with a node, and the way out in hint, unless something else is wrong already.
func (r *Reader) Fail(n *yaml.Node, hint, format string, args ...any) {
	if r.err == nil {
		r.err = &Problem{r.At(n), fmt.Sprintf(format, args...), hint}
	}
}

// At is where a node stands.
func (r *Reader) At(n *yaml.Node) diag.Position {
	return diag.Position{File: r.file, Line: n.Line, Column: n.Column}
}

// Mapping visits the keys of a mapping; each must be a word that stands once.
func (r *Reader) Mapping(n *yaml.Node, visit func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.Fail(n, "", "here must stand a mapping of fields to values")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if seen[key.Value] {
			r.Fail(key, "delete one of them", "%q stands twice", key.Value)
		}
		seen[key.Value] = true
		visit(key, n.Content[i+1])
	}
}

// Unknown says that there is no field of this name, and which there are.
func (r *Reader) Unknown(key *yaml.Node, fields []string) {
	hint := "the fields are " + strings.Join(fields, ", ")
	if near := source.Nearest(key.Value, fields); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	r.Fail(key, hint, "there is no field %q", key.Value)
}

// Text is a scalar that is not empty, as it is written: 3.30 is not 3.3.
func (r *Reader) Text(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || n.Value == "" || n.Tag == "!!null" {
		r.Fail(n, "leave the field out if it has none", "here must stand one value")
		return ""
	}
	return n.Value
}

// OneOf is a Text that is one of the values.
func (r *Reader) OneOf(n *yaml.Node, values ...string) string {
	v := r.Text(n)
	if v != "" && !slices.Contains(values, v) {
		r.Fail(n, "use "+strings.Join(values, ", "), "%q is none of the values that there are", v)
	}
	return v
}

// List is a list; form is what an element looks like.
func (r *Reader) List(n *yaml.Node, form string) []*yaml.Node {
	if n.Kind != yaml.SequenceNode {
		r.Fail(n, fmt.Sprintf("write a line with - %s for each", form), "here must stand a list")
		return nil
	}
	return n.Content
}
