package crd

import (
	"regexp"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
)

// node is a schema, compiled for the walk. Its zero value accepts everything.
type node struct {
	// jsonType is the type as written in the schema, or empty for any.
	jsonType    string
	intOrString bool
	// unsure marks a schema with a keyword that the walk does not know. Such a value is left to the API server's code.
	unsure bool

	// exact says that a key that is neither in properties nor covered by additional is an unknown field.
	exact      bool
	properties map[string]*node
	additional *node
	required   []string
	defaulted  []string
	minFields  *int64
	maxFields  *int64

	items    *node
	minItems *int64
	maxItems *int64
	set      bool

	enum      map[string]bool
	pattern   *regexp.Regexp
	minLength *int64
	maxLength *int64
	cidr      bool

	minimum *float64
	maximum *float64

	anyOf, oneOf, allOf []*node
	not                 *node
}

// compiler makes nodes. It compiles a pattern once, however often it stands in a schema.
type compiler struct {
	patterns map[string]*regexp.Regexp
}

// newRoot compiles the schema of a whole object. What stands in apiVersion, kind and metadata is not the schema's.
func newRoot(props *apiextensions.JSONSchemaProps) *node {
	c := compiler{patterns: map[string]*regexp.Regexp{}}
	root := c.node(props, true)
	root.properties["apiVersion"] = &node{jsonType: "string"}
	root.properties["kind"] = &node{jsonType: "string"}
	root.properties["metadata"] = &node{jsonType: "object"}
	return root
}

// node compiles a schema. Only a schema that is not inside anyOf, oneOf, allOf or not decides which fields exist.
func (c *compiler) node(p *apiextensions.JSONSchemaProps, structural bool) *node {
	n := &node{
		jsonType: p.Type, intOrString: p.XIntOrString, unsure: beyondWalk(p),
		required: p.Required, minFields: p.MinProperties, maxFields: p.MaxProperties,
		minItems: p.MinItems, maxItems: p.MaxItems, set: p.XListType != nil && *p.XListType == "set",
		minLength: p.MinLength, maxLength: p.MaxLength, cidr: p.Format == "cidr",
		minimum: p.Minimum, maximum: p.Maximum,
	}
	c.strings(n, p)
	c.fields(n, p, structural)
	if p.Items != nil && p.Items.Schema != nil {
		n.items = c.node(p.Items.Schema, structural)
	}
	n.anyOf, n.oneOf, n.allOf = c.nodes(p.AnyOf), c.nodes(p.OneOf), c.nodes(p.AllOf)
	if p.Not != nil {
		n.not = c.node(p.Not, false)
	}
	return n
}

func (c *compiler) nodes(props []apiextensions.JSONSchemaProps) []*node {
	var out []*node
	for i := range props {
		out = append(out, c.node(&props[i], false))
	}
	return out
}

func (c *compiler) strings(n *node, p *apiextensions.JSONSchemaProps) {
	for _, v := range p.Enum {
		s, ok := v.(string)
		if !ok {
			n.unsure = true
			continue
		}
		if n.enum == nil {
			n.enum = map[string]bool{}
		}
		n.enum[s] = true
	}
	if p.Pattern == "" {
		return
	}
	if n.pattern = c.patterns[p.Pattern]; n.pattern != nil {
		return
	}
	pattern, err := regexp.Compile(p.Pattern)
	if err != nil {
		n.unsure = true
		return
	}
	n.pattern, c.patterns[p.Pattern] = pattern, pattern
}

func (c *compiler) fields(n *node, p *apiextensions.JSONSchemaProps, structural bool) {
	n.properties = map[string]*node{}
	for key, prop := range p.Properties {
		n.properties[key] = c.node(&prop, structural)
		if structural && prop.Default != nil {
			n.defaulted = append(n.defaulted, key)
		}
	}
	preserve := p.XPreserveUnknownFields != nil && *p.XPreserveUnknownFields
	n.exact = structural && p.Type == "object" && !preserve
	if p.AdditionalProperties == nil {
		return
	}
	switch {
	case p.AdditionalProperties.Schema != nil:
		n.additional = c.node(p.AdditionalProperties.Schema, structural)
	case p.AdditionalProperties.Allows:
		n.additional = &node{}
	}
}

// knownFormats are the formats that the walk looks at, and idn-hostname, which an API server ignores. The range of
// int32 is the walk's for every number.
var knownFormats = map[[2]string]bool{
	{"string", "cidr"}: true, {"string", "idn-hostname"}: true, {"integer", "int32"}: true, {"integer", "int64"}: true,
}

// beyondWalk reports whether a schema says something that the walk does not look at. CEL rules are evaluated apart
// from it.
func beyondWalk(p *apiextensions.JSONSchemaProps) bool {
	return p.Format != "" && !knownFormats[[2]string{p.Type, p.Format}] ||
		p.ExclusiveMinimum || p.ExclusiveMaximum || p.MultipleOf != nil || p.UniqueItems || p.XEmbeddedResource ||
		p.Ref != nil || len(p.PatternProperties) > 0 || len(p.Dependencies) > 0 || p.AdditionalItems != nil ||
		p.Items != nil && len(p.Items.JSONSchemas) > 0 ||
		p.XListType != nil && *p.XListType == "map"
}
