package source

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"sync"
)

// shape is what JSON sees of a Go type.
type shape struct {
	// typ is the type behind all pointers.
	typ reflect.Type
	// custom types read their JSON themselves, so only they know which scalars they take.
	custom bool
	// fields are the JSON fields of a struct; nil for everything else, and for custom structs without JSON tags,
	// whose form cannot be known from outside.
	fields map[string]reflect.Type
}

var shapes sync.Map // reflect.Type -> *shape

var (
	jsonUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

func shapeOf(t reflect.Type) *shape {
	if s, ok := shapes.Load(t); ok {
		return s.(*shape)
	}
	s := &shape{typ: t, custom: customType(t)}
	for s.typ.Kind() == reflect.Pointer {
		s.typ = s.typ.Elem()
		s.custom = s.custom || customType(s.typ)
	}
	if s.typ.Kind() == reflect.Struct {
		fields, tagged := map[string]reflect.Type{}, false
		structFields(s.typ, fields, &tagged, map[reflect.Type]bool{})
		if !s.custom || tagged {
			s.fields = fields
		}
	}
	shapes.Store(t, s)
	return s
}

func customType(t reflect.Type) bool {
	if t.Kind() != reflect.Pointer {
		t = reflect.PointerTo(t)
	}
	return t.Implements(jsonUnmarshaler) || t.Implements(textUnmarshaler)
}

// structFields collects the fields of a struct, those of embedded structs last, so that outer ones win as in
// encoding/json.
func structFields(t reflect.Type, fields map[string]reflect.Type, tagged *bool, within map[reflect.Type]bool) {
	if within[t] {
		return
	}
	within[t] = true
	var embedded []reflect.Type
	for i := range t.NumField() {
		f := t.Field(i)
		tag, hasTag := f.Tag.Lookup("json")
		name, _, _ := strings.Cut(tag, ",")
		if tag == "-" {
			continue
		}
		ft := f.Type
		if f.Anonymous && ft.Kind() == reflect.Pointer {
			ft = ft.Elem()
		}
		if f.Anonymous && name == "" && ft.Kind() == reflect.Struct {
			*tagged = *tagged || hasTag
			embedded = append(embedded, ft)
			continue
		}
		if !f.IsExported() {
			continue
		}
		*tagged = *tagged || hasTag
		if name == "" {
			name = f.Name
		}
		if _, outer := fields[name]; !outer {
			fields[name] = f.Type
		}
	}
	for _, e := range embedded {
		structFields(e, fields, tagged, within)
	}
}

var hiding sync.Map // reflect.Type -> bool

// hidesFields reports whether somewhere in the type there is a struct that reads its own JSON. Such a struct
// swallows unknown fields: Cilium's EndpointSelector hands its text to encoding/json (pkg/policy/api/selector.go),
// and a misspelt matchLabels would select every pod.
func hidesFields(t reflect.Type) bool {
	if h, ok := hiding.Load(t); ok {
		return h.(bool)
	}
	h := findHiding(t, map[reflect.Type]bool{})
	hiding.Store(t, h)
	return h
}

func findHiding(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	s := shapeOf(t)
	if s.custom {
		return s.fields != nil
	}
	for _, f := range s.fields {
		if findHiding(f, seen) {
			return true
		}
	}
	switch s.typ.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map:
		return findHiding(s.typ.Elem(), seen)
	}
	return false
}
