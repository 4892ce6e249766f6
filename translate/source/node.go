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
	Line, Column int
	Kind         Kind
	// Type is what kubectl takes a scalar for; containers have none.
	Type Type
	// Style is how the node is written.
	Style Style
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

// Style is how a node is written.
type Style uint8

// The styles of nodes. Containers are plain in block style, and scalars without quotes.
const (
	Plain Style = iota
	Flow
	SingleQuoted
	DoubleQuoted
	Literal
	Folded
)

// styleOf passes over tags, whose style may be added to another.
func styleOf(s yaml.Style) Style {
	switch {
	case s&yaml.FlowStyle != 0:
		return Flow
	case s&yaml.SingleQuotedStyle != 0:
		return SingleQuoted
	case s&yaml.DoubleQuotedStyle != 0:
		return DoubleQuoted
	case s&yaml.LiteralStyle != 0:
		return Literal
	case s&yaml.FoldedStyle != 0:
		return Folded
	}
	return Plain
}

// types are the types of the tags that normalizing leaves.
var types = map[string]Type{strTag: String, nullTag: Null, boolTag: Bool, intTag: Int, floatTag: Float}

// JSON is the value as JSON.
func (n *Node) JSON() []byte { return appendJSON(nil, n) }

// compact makes a node of what the parser made, once it is normalized. Shared, if it is not nil, keeps what is shared
// by aliases and merge keys shared.
func compact(n *yaml.Node, shared map[*yaml.Node]*Node) *Node {
	if done := shared[n]; done != nil {
		return done
	}
	out := &Node{Value: n.Value, Line: n.Line, Column: n.Column, Type: types[n.Tag], Style: styleOf(n.Style)}
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
