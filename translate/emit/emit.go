// Package emit writes Kubernetes objects the way a person would: keys in the order in which they are thought, two
// spaces of indentation, quotes only where YAML needs them.
package emit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/policyferry/policyferry/translate/parallel"
)

// YAML writes objects, given as JSON, as one multi-document text without a marker. Fields that only a server sets
// are left out; empty selectors and lists are kept, since they mean something.
func YAML(objects [][]byte) ([]byte, error) {
	type part struct {
		text []byte
		err  error
	}
	parts := parallel.Map(len(objects), func(i int) part {
		text, err := document(objects[i])
		return part{text, err}
	})
	var out bytes.Buffer
	for i, p := range parts {
		if p.err != nil {
			return nil, p.err
		}
		if i > 0 {
			out.WriteString("---\n")
		}
		out.Write(p.text)
	}
	return out.Bytes(), nil
}

// document writes one object.
func document(object []byte) ([]byte, error) {
	node, err := ordered(object)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := errors.Join(encoder.Encode(node), encoder.Close()); err != nil {
		return nil, fmt.Errorf("writing an object as YAML: %w", err)
	}
	return out.Bytes(), nil
}

// ordered turns JSON into a YAML tree with its keys in order.
func ordered(object []byte) (*yaml.Node, error) {
	decoder := json.NewDecoder(bytes.NewReader(object))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, fmt.Errorf("reading an object of the output: %w", err)
	}
	if decoder.More() {
		return nil, errors.New("reading an object of the output: there is text behind the object")
	}
	if m, ok := v.(map[string]any); ok {
		delete(m, "status")
		if meta, ok := m["metadata"].(map[string]any); ok && meta["creationTimestamp"] == nil {
			delete(meta, "creationTimestamp")
		}
	}
	return tree(v, ""), nil
}

func tree(v any, key string) *yaml.Node {
	switch v := v.(type) {
	case map[string]any:
		n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		for _, k := range keysOf(v, key) {
			n.Content = append(n.Content, text(k), tree(v[k], k))
		}
		return flowIfEmpty(n)
	case []any:
		n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for _, item := range v {
			n.Content = append(n.Content, tree(item, key))
		}
		return flowIfEmpty(n)
	case string:
		return text(v)
	case json.Number:
		// Without a tag the number stands as it is, whichever of YAML's kinds of number its reader takes it for.
		return &yaml.Node{Kind: yaml.ScalarNode, Value: v.String()}
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(v)}
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
}

func flowIfEmpty(n *yaml.Node) *yaml.Node {
	if len(n.Content) == 0 {
		n.Style = yaml.FlowStyle
	}
	return n
}

// keysOf orders the keys of a mapping: known ones as ranked, the others by name after them. Below labels,
// annotations and selectors every key is just a name.
func keysOf(m map[string]any, parent string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	named := parent == "labels" || parent == "annotations" || parent == "matchLabels"
	slices.SortFunc(keys, func(a, b string) int {
		if !named {
			if x, y := rank(a, parent), rank(b, parent); x != y {
				return x - y
			}
		}
		return strings.Compare(a, b)
	})
	return keys
}
