package source

import (
	"encoding/json"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// JSON is the object as kubectl would send it to the API server.
func (d *Document) JSON() ([]byte, error) {
	return appendJSON(nil, d.Root), nil
}

func appendJSON(out []byte, n *yaml.Node) []byte {
	switch n.Kind {
	case yaml.MappingNode:
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
	case yaml.SequenceNode:
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
