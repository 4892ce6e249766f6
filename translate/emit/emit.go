// Package emit writes Kubernetes objects the way a person would: keys in the order in which they are thought, two
// spaces of indentation, quotes only where YAML needs them.
package emit

import (
	"bytes"
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/policyferry/policyferry/translate/parallel"
)

// YAML writes objects, given as JSON, as one multi-document text without a marker. Fields that only a server sets
// are left out; empty selectors and lists are kept, since they mean something.
func YAML(objects [][]byte) ([]byte, error) { return documents(objects, false) }

// WithStatus is YAML for objects whose status is theirs to keep, such as a pod's addresses in a snapshot.
func WithStatus(objects [][]byte) ([]byte, error) { return documents(objects, true) }

func documents(objects [][]byte, status bool) ([]byte, error) {
	type part struct {
		text []byte
		err  error
	}
	parts := parallel.Map(len(objects), func(i int) part {
		text, err := document(objects[i], status)
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
func document(object []byte, status bool) ([]byte, error) {
	v, err := read(object, status)
	if err != nil {
		return nil, err
	}
	if w := (writer{}); w.document(v) {
		return w.out, nil
	}
	return encoded(v)
}

// encoded writes a value with the YAML library, which knows how to write anything.
func encoded(v value) ([]byte, error) {
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := errors.Join(encoder.Encode(tree(v)), encoder.Close()); err != nil {
		return nil, fmt.Errorf("writing an object as YAML: %w", err)
	}
	return out.Bytes(), nil
}

// tree is a value as the YAML library has it.
func tree(v value) *yaml.Node {
	switch v.kind {
	case mapping:
		n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		for i, key := range v.keys {
			n.Content = append(n.Content, text(key), tree(v.values[i]))
		}
		return flowIfEmpty(n)
	case list:
		n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for _, item := range v.values {
			n.Content = append(n.Content, tree(item))
		}
		return flowIfEmpty(n)
	case str:
		return text(v.text)
	}
	switch v.text {
	case "true", "false":
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: v.text}
	case "null":
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: v.text}
	}
	// Without a tag the number stands as it is, whichever of YAML's kinds of number its reader takes it for.
	return &yaml.Node{Kind: yaml.ScalarNode, Value: v.text}
}

func flowIfEmpty(n *yaml.Node) *yaml.Node {
	if len(n.Content) == 0 {
		n.Style = yaml.FlowStyle
	}
	return n
}
