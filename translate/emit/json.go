package emit

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// JSON writes objects, given as JSON, as one List with two spaces of indentation, with the same fields in the same
// order as YAML does.
func JSON(objects [][]byte) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(`{"apiVersion":"v1","kind":"List","items":[`)
	for i, object := range objects {
		v, err := read(object, false)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out.WriteByte(',')
		}
		if err := writeJSON(&out, v); err != nil {
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

func writeJSON(out *bytes.Buffer, v value) error {
	switch v.kind {
	case mapping:
		return writeMembers(out, v, '{', '}')
	case list:
		return writeMembers(out, v, '[', ']')
	case str:
		return writeString(out, v.text)
	}
	out.WriteString(v.text)
	return nil
}

func writeMembers(out *bytes.Buffer, v value, opening, closing byte) error {
	out.WriteByte(opening)
	for i, item := range v.values {
		if i > 0 {
			out.WriteByte(',')
		}
		if v.kind == mapping {
			if err := writeString(out, v.keys[i]); err != nil {
				return err
			}
			out.WriteByte(':')
		}
		if err := writeJSON(out, item); err != nil {
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
