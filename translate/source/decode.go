package source

import (
	"encoding/json"
	"reflect"
	"strings"

	kubejson "sigs.k8s.io/json"

	"github.com/policyferry/policyferry/translate/diag"
)

// Decode reads the object into a Kubernetes API type as the API server would with strict field validation: names
// are case-sensitive, an unknown field is a finding, and so is a value of the wrong type. Findings are complete and
// have positions; when there are any, what was decoded must not be used. Fields that the server sets may be unknown.
func (d *Document) Decode(into any) diag.List {
	return d.decode(into, true)
}

// DecodeKnown is Decode for objects of any API server release: unknown fields are passed over.
func (d *Document) DecodeKnown(into any) diag.List {
	return d.decode(into, false)
}

func (d *Document) decode(into any, strict bool) diag.List {
	t := reflect.TypeOf(into)
	text := d.decodable()
	var unknown []error
	var err error
	if strict {
		unknown, err = kubejson.UnmarshalStrict(text, into, kubejson.DisallowUnknownFields)
	} else {
		err = kubejson.UnmarshalCaseSensitivePreserveInts(text, into)
	}
	c := checker{doc: d, strict: strict, failed: err != nil}
	if err == nil && len(unknown) == 0 && !(strict && hidesFields(t)) {
		return c.findings
	}
	c.check(d.Root(), t, "")
	c.remaining(unknown, err)
	return c.findings
}

// decodable is the object as JSON without managedFields: they can be larger than the object, and describe it in a
// form of their own.
func (d *Document) decodable() []byte {
	root := *d.Root()
	if meta := child(&root, "metadata"); meta != nil && child(meta, "managedFields") != nil {
		root.Content = without(root.Content, "metadata", without(meta.Content, "managedFields", nil))
	}
	return appendJSON(make([]byte, 0, 1024), &root)
}

// without returns members with one mapping's content replaced, or with the key left out when there is nothing to
// replace it by.
func without(members []*Node, key string, replacement []*Node) []*Node {
	out := make([]*Node, 0, len(members))
	for i := 0; i+1 < len(members); i += 2 {
		k, v := members[i], members[i+1]
		if k.Value == key {
			if replacement == nil {
				continue
			}
			v = &Node{Kind: Mapping, Content: replacement}
		}
		out = append(out, k, v)
	}
	return out
}

// remaining reports what the decoder found and the checker could not place. It has no part in the ordinary course
// of things; it makes sure that nothing which the decoder refuses goes unreported.
func (c *checker) remaining(unknown []error, err error) {
	if c.findings.Len() > 0 {
		return
	}
	for _, e := range unknown {
		var path string
		if f, ok := e.(kubejson.FieldError); ok {
			path = f.FieldPath()
		}
		if !IsServerSet(path) {
			c.add(diag.UnknownField, path, "%s is not a field of %s", path, c.doc.Object.Kind)
		}
	}
	if err != nil {
		path := ""
		if t, ok := err.(*json.UnmarshalTypeError); ok {
			path = t.Field
		}
		c.add(diag.WrongValue, path, "the object cannot be read: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
}
