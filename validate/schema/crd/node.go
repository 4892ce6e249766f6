package crd

import (
	"encoding/json"
	"regexp"
	"slices"
	"sync"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// node is a schema, compiled for the walk. Its zero value accepts everything. It does not change once it is made, so
// that all places where its schema occurs share it.
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
	// defaults are the values of fields that may be left out.
	defaults map[string]any
	// standard is the value of this field where it is left out, or nil.
	standard  any
	minFields *int64
	maxFields *int64
	rules     []rule

	items    *node
	minItems *int64
	maxItems *int64
	set      bool

	enum      map[string]bool
	pattern   func() *regexp.Regexp
	minLength *int64
	maxLength *int64
	cidr      bool

	minimum *float64
	maximum *float64

	anyOf, oneOf, allOf []*node
	not                 *node
}

// root compiles the schema of a whole object. What stands in apiVersion, kind and metadata is not the schema's.
func (l *Library) root(line int) (*node, error) {
	l.lock.Lock()
	defer l.lock.Unlock()
	c := compiler{library: l}
	root := *c.node(place{line, true})
	properties := map[string]*node{}
	for key, n := range root.properties {
		properties[key] = n
	}
	properties["apiVersion"] = &node{jsonType: "string"}
	properties["kind"] = &node{jsonType: "string"}
	properties["metadata"] = &node{jsonType: "object"}
	root.properties = properties
	return &root, c.err
}

// compiler makes nodes.
type compiler struct {
	library *Library
	err     error
}

// node compiles a schema, or finds it compiled.
func (c *compiler) node(at place) *node {
	if n := c.library.nodes[at]; n != nil {
		return n
	}
	n := &node{unsure: true}
	if p, err := c.library.schema(at.line); err != nil {
		c.err = err
	} else {
		n = c.compile(p, at)
	}
	c.library.nodes[at] = n
	return n
}

// inside compiles a schema that stands in another one.
func (c *compiler) inside(at place, p *apiextensionsv1.JSONSchemaProps, structural bool) *node {
	line, err := child(at.line, p)
	if err != nil {
		c.err = err
		return &node{unsure: true}
	}
	return c.node(place{line, structural})
}

func (c *compiler) compile(p *apiextensionsv1.JSONSchemaProps, at place) *node {
	n := &node{
		jsonType: p.Type, intOrString: p.XIntOrString, unsure: beyondWalk(p),
		required: p.Required, minFields: p.MinProperties, maxFields: p.MaxProperties,
		minItems: p.MinItems, maxItems: p.MaxItems, set: p.XListType != nil && *p.XListType == "set",
		minLength: p.MinLength, maxLength: p.MaxLength, cidr: p.Format == "cidr",
		minimum: p.Minimum, maximum: p.Maximum,
	}
	n.strings(p)
	if p.Default != nil && at.structural {
		n.standard = unmarshalled(p.Default.Raw)
	}
	c.fields(n, p, at)
	for _, r := range p.XValidations {
		n.rules = append(n.rules, newRule(r.Rule, n.properties))
	}
	if p.Items != nil && p.Items.Schema != nil {
		n.items = c.inside(at, p.Items.Schema, at.structural)
	}
	n.anyOf, n.oneOf, n.allOf = c.nodes(at, p.AnyOf), c.nodes(at, p.OneOf), c.nodes(at, p.AllOf)
	if p.Not != nil {
		n.not = c.inside(at, p.Not, false)
	}
	return n
}

func (c *compiler) nodes(at place, props []apiextensionsv1.JSONSchemaProps) []*node {
	var out []*node
	for i := range props {
		out = append(out, c.inside(at, &props[i], false))
	}
	return out
}

func (n *node) strings(p *apiextensionsv1.JSONSchemaProps) {
	for _, v := range p.Enum {
		var s *string
		if err := json.Unmarshal(v.Raw, &s); err != nil || s == nil {
			n.unsure = true
			continue
		}
		if n.enum == nil {
			n.enum = map[string]bool{}
		}
		n.enum[*s] = true
	}
	if p.Pattern != "" {
		// Cilium's definitions have long patterns for fields that most policies leave out.
		n.pattern = sync.OnceValue(func() *regexp.Regexp {
			pattern, err := regexp.Compile(p.Pattern)
			if err != nil {
				return nil
			}
			return pattern
		})
	}
}

func (c *compiler) fields(n *node, p *apiextensionsv1.JSONSchemaProps, at place) {
	n.properties = make(map[string]*node, len(p.Properties))
	for key, prop := range p.Properties {
		property := c.inside(at, &prop, at.structural)
		n.properties[key] = property
		if property.standard != nil {
			n.withDefault(key, property)
		}
	}
	preserve := p.XPreserveUnknownFields != nil && *p.XPreserveUnknownFields
	n.exact = at.structural && p.Type == "object" && !preserve
	if p.AdditionalProperties == nil {
		return
	}
	switch {
	case p.AdditionalProperties.Schema != nil:
		n.additional = c.inside(at, p.AdditionalProperties.Schema, at.structural)
	case p.AdditionalProperties.Allows:
		n.additional = &node{}
	}
}

// withDefault notes the default of a field. Where the default is more than one value, or has rules of its own, the API
// server's code fills it in: the walk takes the field as required.
func (n *node) withDefault(key string, property *node) {
	switch property.standard.(type) {
	case string, bool, int64:
		if len(property.rules) == 0 {
			if n.defaults == nil {
				n.defaults = map[string]any{}
			}
			n.defaults[key] = property.standard
			return
		}
	}
	n.required = append(slices.Clone(n.required), key)
}

// unmarshalled is a value with the numbers as an API server has them.
func unmarshalled(raw []byte) any {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil || v == nil {
		return struct{}{} // there is a default, and it is for the API server's code to say which
	}
	return copyValue(v)
}

// knownFormats are the formats that the walk looks at, and idn-hostname, which an API server ignores. The range of
// int32 is the walk's for every number.
var knownFormats = map[[2]string]bool{
	{"string", "cidr"}: true, {"string", "idn-hostname"}: true, {"integer", "int32"}: true, {"integer", "int64"}: true,
}

// beyondWalk reports whether a schema says something that the walk does not look at.
func beyondWalk(p *apiextensionsv1.JSONSchemaProps) bool {
	return p.Format != "" && !knownFormats[[2]string{p.Type, p.Format}] ||
		p.ExclusiveMinimum || p.ExclusiveMaximum || p.MultipleOf != nil || p.UniqueItems || p.XEmbeddedResource ||
		p.Ref != nil || len(p.PatternProperties) > 0 || len(p.Dependencies) > 0 || p.AdditionalItems != nil ||
		p.Items != nil && len(p.Items.JSONSchemas) > 0 ||
		p.XListType != nil && *p.XListType == "map"
}
