package source

import (
	"encoding/base64"
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/policyferry/policyferry/translate/diag"
)

// normalizer turns what the parser left into a tree of plain mappings, lists and scalars: aliases stand for their
// values, merge keys are merged, keys are strings, tags are those that kubectl would give. On the way it counts the
// tree as it would be without sharing, and refuses what has no single meaning.
type normalizer struct {
	opt        Options
	budget     int
	lineOffset int

	failures []failure
	// anchored is what is known of a subtree that aliases can repeat.
	anchored map[*yaml.Node]*extent
	over     bool
}

// extent is how much a subtree amounts to with its aliases written out.
type extent struct {
	nodes, height int
	bytes         int64
	open          bool
}

// maxDocumentFailures keeps a document that repeats one mistake from drowning the others.
const maxDocumentFailures = 20

// run normalizes the tree in place and returns its size.
func (z *normalizer) run(root *yaml.Node) int {
	return z.value(root, 0).nodes
}

func (z *normalizer) fail(code *diag.Code, n *yaml.Node, hint, format string, args ...any) {
	if len(z.failures) < maxDocumentFailures {
		z.failures = append(z.failures, failure{code, n.Line, n.Column, fmt.Sprintf(format, args...), hint})
	}
}

// value normalizes one node. An alias is replaced by its parent, so the node here is never one.
func (z *normalizer) value(n *yaml.Node, depth int) extent {
	n.Line += z.lineOffset
	e := extent{nodes: 1, bytes: int64(len(n.Value))}
	if depth > z.opt.MaxDepth {
		z.exceeded(n, tooDeep(z.opt.MaxDepth))
		return e
	}
	var shared *extent
	if n.Anchor != "" {
		if z.anchored == nil {
			z.anchored = map[*yaml.Node]*extent{}
		}
		shared = &extent{open: true}
		z.anchored[n] = shared
	}
	switch n.Kind {
	case yaml.ScalarNode:
		z.scalar(n)
	case yaml.SequenceNode:
		n.Tag = seqTag
		for i := range n.Content {
			z.child(n, i, depth, &e)
		}
	case yaml.MappingNode:
		n.Tag = mapTag
		z.mapping(n, depth, &e)
	}
	if shared != nil {
		*shared = e
	}
	return e
}

// child normalizes one member of a container and adds it to the container's extent.
func (z *normalizer) child(n *yaml.Node, i, depth int, e *extent) {
	c := n.Content[i]
	if c.Kind != yaml.AliasNode {
		e.add(z.value(c, depth+1))
	} else {
		c.Line += z.lineOffset
		known := z.anchored[c.Alias]
		if known == nil || known.open {
			z.fail(diag.Unreadable, c, "write the value out", "the alias *%s stands inside the value it repeats", c.Value)
			n.Content[i] = &yaml.Node{Kind: yaml.ScalarNode, Tag: nullTag, Line: c.Line, Column: c.Column}
			return
		}
		n.Content[i] = c.Alias
		e.add(*known)
		if depth+1+known.height > z.opt.MaxDepth {
			z.exceeded(c, tooDeep(z.opt.MaxDepth))
		}
	}
	if e.nodes > z.budget || e.bytes > z.opt.MaxFileBytes {
		z.exceeded(c, fmt.Sprintf("with its aliases written out the document is too large: more than %d values or %s",
			z.opt.MaxNodes, byteSize(z.opt.MaxFileBytes)))
	}
}

func (e *extent) add(c extent) {
	e.nodes += c.nodes
	e.bytes += c.bytes
	e.height = max(e.height, c.height+1)
}

// exceeded reports the first limit that is exceeded; the others follow from it.
func (z *normalizer) exceeded(n *yaml.Node, message string) {
	if !z.over {
		z.over = true
		z.fail(diag.TooLarge, n, "", "%s", message)
	}
}

func tooDeep(limit int) string {
	return "values stand in each other more than " + strconv.Itoa(limit) + " levels deep"
}

// scalar gives a scalar the tag that it has for kubectl.
func (z *normalizer) scalar(n *yaml.Node) {
	const quoted = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle
	switch {
	case n.Style&yaml.TaggedStyle != 0:
		z.tagged(n)
	case n.Style&quoted != 0:
		n.Tag = strTag
	default:
		n.Tag = plainTag(n)
	}
	switch n.Tag {
	case mergeTag:
		n.Tag = strTag
	case floatTag:
		if _, ok := floatValue(n.Value); !ok {
			z.fail(diag.WrongValue, n, "write a number", "%s is not a number that JSON can hold", n.Value)
		}
	case intTag:
		if _, ok := intValue(n.Value); !ok {
			z.fail(diag.WrongValue, n, "write it in decimal", "%s is an integer that not every parser reads alike", n.Value)
		}
	}
}

// tagged reads a scalar with a tag of its own. A tag that is not YAML's leaves the text, as it does for kubectl.
func (z *normalizer) tagged(n *yaml.Node) {
	switch tag := n.ShortTag(); tag {
	case nullTag, boolTag, intTag, floatTag:
		spelled := spelledTag(n.Value)
		if tag == floatTag && spelled == intTag {
			spelled = floatTag
		}
		if spelled != tag {
			z.fail(diag.WrongValue, n, "leave the tag out", "%q is tagged as %s", n.Value, tag)
		}
		n.Tag = tag
	case binaryTag:
		n.Tag = strTag
		data, err := base64.StdEncoding.DecodeString(n.Value)
		if err != nil {
			z.fail(diag.WrongValue, n, "", "the value is tagged as !!binary and is not base64")
		}
		n.Value = string(data)
	default:
		n.Tag = strTag
	}
}

// mapping normalizes keys and values and takes merge keys in.
func (z *normalizer) mapping(n *yaml.Node, depth int, e *extent) {
	merges := 0
	for i := 0; i+1 < len(n.Content); i += 2 {
		if isMerge(n.Content[i]) {
			merges++
			n.Content[i].Line += z.lineOffset
			z.child(n, i+1, depth, e)
			continue
		}
		z.key(n, i)
		e.nodes++
		e.bytes += int64(len(n.Content[i].Value))
		z.child(n, i+1, depth, e)
	}
	z.duplicates(n)
	if merges > 0 && !z.over {
		z.merge(n)
	}
}

func isMerge(key *yaml.Node) bool {
	return key.Kind == yaml.ScalarNode && key.Tag == mergeTag
}

// key makes a key the string that it is in JSON.
func (z *normalizer) key(n *yaml.Node, i int) {
	k := n.Content[i]
	k.Line += z.lineOffset
	if k.Kind == yaml.AliasNode && k.Alias.Kind == yaml.ScalarNode && z.anchored[k.Alias] != nil {
		target := *k.Alias
		target.Line, target.Column = k.Line, k.Column
		z.stringKey(&target)
		n.Content[i] = &target
		return
	}
	if k.Kind != yaml.ScalarNode {
		z.fail(diag.Unreadable, k, "a key is a word; quote it if it holds brackets or braces",
			"a mapping, list or alias stands where a key is expected")
		n.Content[i] = &yaml.Node{Kind: yaml.ScalarNode, Tag: strTag, Line: k.Line, Column: k.Column}
		return
	}
	if k.Anchor != "" {
		// The anchor of a key can be repeated as a value, so the key is a copy that may become a string.
		z.anchor(k)
		copied := *k
		k = &copied
		n.Content[i] = k
	} else {
		z.scalar(k)
	}
	z.stringKey(k)
}

func (z *normalizer) anchor(k *yaml.Node) {
	if z.anchored == nil {
		z.anchored = map[*yaml.Node]*extent{}
	}
	z.scalar(k)
	z.anchored[k] = &extent{nodes: 1, bytes: int64(len(k.Value))}
}

// stringKey spells a key like sigs.k8s.io/yaml does (yaml.go, convertToJSONableObject).
func (z *normalizer) stringKey(k *yaml.Node) {
	switch k.Tag {
	case boolTag:
		b, _ := yamlBool(k.Value)
		k.Value = strconv.FormatBool(b)
	case intTag:
		k.Value, _ = intValue(k.Value)
	case floatTag:
		f, _ := floatValue(k.Value)
		k.Value = strconv.FormatFloat(f, 'g', -1, 32)
	case nullTag:
		z.fail(diag.Unreadable, k, "quote it if it is meant as text", "a key is null")
	}
	k.Tag = strTag
}
