package emit

import (
	"bytes"
	"encoding/json"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// JSON writes objects, given as JSON, as one List with two spaces of indentation, with the same fields in the same
// order as YAML does.
func JSON(objects [][]byte) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(`{"apiVersion":"v1","kind":"List","items":[`)
	for i, object := range objects {
		n, err := ordered(object)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out.WriteByte(',')
		}
		if err := writeJSON(&out, n); err != nil {
			return nil, err
		}
	}
	out.WriteString("]}")
	var indented bytes.Buffer
	if err := json.Indent(&indented, out.Bytes(), "", "  "); err != nil {
		return nil, fmt.Errorf("writing objects as JSON: %w", err)
	}
	indented.WriteByte('\n')
	return indented.Bytes(), nil
}

func writeJSON(out *bytes.Buffer, n *yaml.Node) error {
	switch n.Kind {
	case yaml.MappingNode:
		return writeMembers(out, n, '{', '}')
	case yaml.SequenceNode:
		return writeMembers(out, n, '[', ']')
	}
	if n.Tag == "!!str" {
		return writeString(out, n.Value)
	}
	out.WriteString(n.Value)
	return nil
}

func writeMembers(out *bytes.Buffer, n *yaml.Node, opening, closing byte) error {
	out.WriteByte(opening)
	for i, c := range n.Content {
		switch {
		case n.Kind == yaml.MappingNode && i%2 == 1:
			out.WriteByte(':')
		case i > 0:
			out.WriteByte(',')
		}
		if err := writeJSON(out, c); err != nil {
			return err
		}
	}
	out.WriteByte(closing)
	return nil
}

// writeString leaves the && of selectors as people write it; encoding/json would escape it for HTML.
func writeString(out *bytes.Buffer, s string) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		return fmt.Errorf("writing a string as JSON: %w", err)
	}
	out.Truncate(out.Len() - 1) // the encoder ends with a line break
	return nil
}
