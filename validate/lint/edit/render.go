package edit

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/policyferry/policyferry/translate/source"
)

// rendered writes a JSON value as it is written around it: as JSON in a text of JSON and where the keys are quoted, else
// as YAML in flow style.
func (t *Text) rendered(value string, p place) (string, error) {
	if t.json {
		return value, nil
	}
	if first := p.parent.Content[0]; p.parent.Kind == source.Mapping && flow(p.parent) && first.Style == source.DoubleQuoted {
		return value, nil
	}
	n, err := node(value)
	if err != nil {
		return "", err
	}
	return written(n), nil
}

// Written is a JSON value in flow style, for people to read.
func Written(value string) string {
	n, err := node(value)
	if err != nil {
		return value
	}
	return written(n)
}

func written(n *source.Node) string {
	var parts []string
	switch n.Kind {
	case source.Mapping:
		for i := 0; i+1 < len(n.Content); i += 2 {
			parts = append(parts, scalar(n.Content[i])+": "+written(n.Content[i+1]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case source.Sequence:
		for _, c := range n.Content {
			parts = append(parts, written(c))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return scalar(n)
}

// word matches text that no YAML reader takes for anything but itself.
var word = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./-]*(:[A-Za-z][A-Za-z0-9_./-]*)?$`)

// special are words that some readers take for a boolean or null.
var special = map[string]bool{"true": true, "false": true, "null": true, "yes": true, "no": true, "on": true, "off": true, "y": true, "n": true}

func scalar(n *source.Node) string {
	if n.Type != source.String || word.MatchString(n.Value) && !special[strings.ToLower(n.Value)] {
		return n.Value
	}
	return JSON(n.Value)
}

// JSON writes a value the way people do, with the & of selectors as it is. It panics for values that are not made of
// maps, lists, text, numbers and booleans, which alone have a place in objects.
func JSON(v any) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(out.String(), "\n")
}
