package source

import (
	"encoding/json"
	"unicode/utf8"
)

// JSON is the object as kubectl would send it to the API server.
func (d *Document) JSON() ([]byte, error) {
	return appendJSON(nil, d.Root()), nil
}

// Stored is the object as an API server keeps it as far as nulls go. A field that is null is as good as absent: out of
// a custom resource the server takes it (k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting/prunenulls.go;
// no kind of policy has a field that may be null), and decoding it into any other object leaves the field's zero value.
// Under a key that the user has chosen, such as a label, null is the empty text. In a list, null stays.
func (d *Document) Stored() []byte {
	return appendJSON(nil, withoutNulls(d.Root(), false))
}

// chosenKeys are the mappings whose keys are chosen by the user and whose values are text.
var chosenKeys = map[string]bool{"labels": true, "annotations": true, "matchLabels": true}

// withoutNulls returns the value without the fields that are null; the value itself where none is.
func withoutNulls(n *Node, chosen bool) *Node {
	var content []*Node // nil as long as it is that of n
	for i, c := range n.Content {
		kept := c
		switch {
		case n.Kind != Mapping:
			kept = withoutNulls(c, false)
		case i%2 == 1 && c.Type == Null && chosen:
			kept = &Node{Type: String}
		case i%2 == 1 && c.Type == Null:
			kept = nil
		case i%2 == 1:
			kept = withoutNulls(c, chosenKeys[n.Content[i-1].Value])
		}
		if kept != c && content == nil {
			content = append(make([]*Node, 0, len(n.Content)), n.Content[:i]...)
		}
		switch {
		case kept == nil:
			content = content[:len(content)-1] // the key
		case content != nil:
			content = append(content, kept)
		}
	}
	if content == nil {
		return n
	}
	out := *n
	out.Content = content
	return &out
}

func appendJSON(out []byte, n *Node) []byte {
	switch n.Kind {
	case Mapping:
		out = append(out, '{')
		for i := 0; i+1 < len(n.Content); i += 2 {
			if i > 0 {
				out = append(out, ',')
			}
			out = appendString(out, n.Content[i].Value)
			out = append(out, ':')
			out = appendJSON(out, n.Content[i+1])
		}
		return append(out, '}')
	case Sequence:
		out = append(out, '[')
		for i, c := range n.Content {
			if i > 0 {
				out = append(out, ',')
			}
			out = appendJSON(out, c)
		}
		return append(out, ']')
	}
	return appendScalar(out, n)
}

func appendString(out []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return appendEscaped(out, s)
		}
	}
	out = append(out, '"')
	out = append(out, s...)
	return append(out, '"')
}

func appendEscaped(out []byte, s string) []byte {
	text, err := json.Marshal(s)
	if err != nil {
		return append(out, `""`...)
	}
	return append(out, text...)
}
