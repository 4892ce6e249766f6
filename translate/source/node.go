package source

import "go.yaml.in/yaml/v3"

// Node is a value in a document, or the key of one. Documents of a large cluster are millions of them, so a node holds
// what is needed and no more.
type Node struct {
	// Value is the text of a scalar.
	Value string
	// Content are the items of a sequence, and the keys and values of a mapping in turns. A node that several aliases
	// stand for is shared between them.
	Content []*Node
	// Line and Column are where the node begins, counted from one.
	Line, Column int32
	Kind         Kind
	// Type is what kubectl takes a scalar for; containers have none.
	Type Type
}

// Kind is the form of a node.
type Kind uint8

// The kinds of nodes.
const (
	Scalar Kind = iota
	Mapping
	Sequence
)

// Type is the type of a scalar.
type Type uint8

// The types of scalars.
const (
	NoType Type = iota
	String
	Null
	Bool
	Int
	Float
)

// types are the types of the tags that normalizing leaves.
var types = map[string]Type{strTag: String, nullTag: Null, boolTag: Bool, intTag: Int, floatTag: Float}

// compact makes a node of what the parser made, once it is normalized. Shared, if it is not nil, keeps what is shared
// by aliases and merge keys shared.
func compact(n *yaml.Node, shared map[*yaml.Node]*Node) *Node {
	if done := shared[n]; done != nil {
		return done
	}
	out := &Node{Value: n.Value, Line: int32(n.Line), Column: int32(n.Column), Type: types[n.Tag]}
	switch n.Kind {
	case yaml.MappingNode:
		out.Kind = Mapping
	case yaml.SequenceNode:
		out.Kind = Sequence
	}
	if shared != nil {
		shared[n] = out
	}
	if len(n.Content) > 0 {
		out.Content = make([]*Node, len(n.Content))
		for i, c := range n.Content {
			out.Content[i] = compact(c, shared)
		}
	}
	return out
}
