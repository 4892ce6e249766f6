package crd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// Compact writes definitions in the form that Open reads. Definitions repeat themselves: Cilium's stand twice for the
// two scopes, hold a rule twice for spec and specs, and a selector in every peer. Here a schema that occurs many times
// stands once, without its descriptions, as one line of JSON; a schema inside another is the number of its line
// ({"$ref":"7"}), which is a smaller one. The first line says which line each definition begins with.
func Compact(versions ...Version) ([]byte, error) {
	c := compaction{lines: map[string]int{}}
	heads := map[string]head{}
	for _, v := range versions {
		if _, twice := heads[v.Name]; twice {
			return nil, fmt.Errorf("%s is given twice", v.Name)
		}
		heads[v.Name] = head{Schema: c.number(*v.Schema), Status: v.HasStatus}
	}
	if c.err != nil {
		return nil, c.err
	}
	first, err := json.Marshal(heads)
	if err != nil {
		return nil, fmt.Errorf("writing the names of definitions: %w", err)
	}
	return append(append(first, '\n'), c.text.Bytes()...), nil
}

// head is where a definition begins.
type head struct {
	Schema int  `json:"schema"`
	Status bool `json:"status,omitempty"`
}

type compaction struct {
	text  bytes.Buffer
	lines map[string]int
	err   error
}

// number is the line on which a schema stands.
func (c *compaction) number(s apiextensionsv1.JSONSchemaProps) int {
	if s.Ref != nil {
		c.err = fmt.Errorf("a schema refers to %s; the schemas of a cluster's definitions refer to nothing", *s.Ref)
	}
	s.Description = ""
	s = replaced(s, func(child apiextensionsv1.JSONSchemaProps) apiextensionsv1.JSONSchemaProps {
		number := strconv.Itoa(c.number(child))
		return apiextensionsv1.JSONSchemaProps{Ref: &number}
	})
	line, err := json.Marshal(s)
	if err != nil {
		c.err = fmt.Errorf("writing a schema: %w", err)
	}
	n, ok := c.lines[string(line)]
	if !ok {
		n = len(c.lines) + 1
		c.lines[string(line)] = n
		c.text.Write(line)
		c.text.WriteByte('\n')
	}
	return n
}

// replaced returns a schema with another one in the place of each schema in it. The schema that is given stays as it is.
func replaced(s apiextensionsv1.JSONSchemaProps, by func(apiextensionsv1.JSONSchemaProps) apiextensionsv1.JSONSchemaProps) apiextensionsv1.JSONSchemaProps {
	one := func(p *apiextensionsv1.JSONSchemaProps) *apiextensionsv1.JSONSchemaProps {
		if p == nil {
			return nil
		}
		out := by(*p)
		return &out
	}
	all := func(list []apiextensionsv1.JSONSchemaProps) []apiextensionsv1.JSONSchemaProps {
		out := slices.Clone(list)
		for i := range out {
			out[i] = by(out[i])
		}
		return out
	}
	s.AllOf, s.AnyOf, s.OneOf, s.Not = all(s.AllOf), all(s.AnyOf), all(s.OneOf), one(s.Not)
	if s.Items != nil {
		s.Items = &apiextensionsv1.JSONSchemaPropsOrArray{Schema: one(s.Items.Schema), JSONSchemas: all(s.Items.JSONSchemas)}
	}
	if s.AdditionalProperties != nil {
		s.AdditionalProperties = &apiextensionsv1.JSONSchemaPropsOrBool{
			Allows: s.AdditionalProperties.Allows, Schema: one(s.AdditionalProperties.Schema)}
	}
	if s.Properties != nil {
		properties := make(map[string]apiextensionsv1.JSONSchemaProps, len(s.Properties))
		for _, key := range slices.Sorted(maps.Keys(s.Properties)) {
			properties[key] = by(s.Properties[key])
		}
		s.Properties = properties
	}
	return s
}
