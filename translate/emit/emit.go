// Package emit writes Kubernetes objects the way a person would: keys in the order in which they are thought, two
// spaces of indentation, quotes only where YAML needs them.
package emit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Marker is the first line of every file that policyferry writes. A file without it is never overwritten unless the
// user insists.
const Marker = "# written by policyferry"

// YAML writes objects, given as JSON, as one multi-document text without a marker. Fields that only a server sets
// are left out; empty selectors and lists are kept, since they mean something.
func YAML(objects [][]byte) ([]byte, error) {
	var out bytes.Buffer
	for i, object := range objects {
		node, err := ordered(object)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out.WriteString("---\n")
		}
		encoder := yaml.NewEncoder(&out)
		encoder.SetIndent(2)
		if err := encoder.Encode(node); err != nil {
			return nil, fmt.Errorf("writing an object as YAML: %w", err)
		}
		if err := encoder.Close(); err != nil {
			return nil, fmt.Errorf("writing an object as YAML: %w", err)
		}
	}
	return out.Bytes(), nil
}

// JSON writes objects, given as JSON, as one List with two spaces of indentation.
func JSON(objects [][]byte) ([]byte, error) {
	list := struct {
		APIVersion string            `json:"apiVersion"`
		Kind       string            `json:"kind"`
		Items      []json.RawMessage `json:"items"`
	}{"v1", "List", []json.RawMessage{}}
	for _, o := range objects {
		list.Items = append(list.Items, o)
	}
	out, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing objects as JSON: %w", err)
	}
	return append(out, '\n'), nil
}

// ordered turns JSON into a YAML tree with its keys in order.
func ordered(object []byte) (*yaml.Node, error) {
	decoder := json.NewDecoder(bytes.NewReader(object))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, fmt.Errorf("reading an object of the output: %w", err)
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
		tag := "!!int"
		if strings.ContainsAny(v.String(), ".eE") {
			tag = "!!float"
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: v.String()}
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: fmt.Sprint(v)}
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
}

func flowIfEmpty(n *yaml.Node) *yaml.Node {
	if len(n.Content) == 0 {
		n.Style = yaml.FlowStyle
	}
	return n
}

// ambiguous matches words that YAML 1.1 readers, Kubernetes' own among them, take for something other than text:
// old booleans, and numbers in base sixty.
var ambiguous = regexp.MustCompile(`^(?i:y|n|yes|no|on|off|~|null|true|false|\.inf|\.nan)$|^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$`)

// text is a string as a YAML scalar, quoted if anything would read it as something else.
func text(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	var probe yaml.Node
	if err := yaml.Unmarshal([]byte(s), &probe); err != nil || s == "" || ambiguous.MatchString(s) ||
		len(probe.Content) != 1 || probe.Content[0].Kind != yaml.ScalarNode || probe.Content[0].Tag != "!!str" {
		n.Style = yaml.DoubleQuotedStyle
	}
	if strings.Contains(s, "\n") {
		n.Style = yaml.LiteralStyle
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
