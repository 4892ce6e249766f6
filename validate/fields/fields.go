// Package fields lists what a policy of any kind can say: every field of every kind, read off the Go types in which the
// CNIs and Kubernetes define them. It is how tests know that no field is forgotten, in the translation and in the
// documentation, and that a field which a new release brings is missed at once.
package fields

import (
	"reflect"
	"strings"

	"github.com/cilium/cilium/pkg/policy/api"
	"github.com/projectcalico/api/pkg/lib/numorstring"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Field is one field that holds a value, such as spec.ingress[].source.nets[].
type Field struct {
	// Path names the field from the root of the object; [] stands for every element of a list.
	Path string
	// Type is the Go type of the value.
	Type reflect.Type
}

// IsSelector reports whether the field holds a label selector of Kubernetes' form.
func (f Field) IsSelector() bool { return selectors[f.Type] }

// selectors are the types of label selectors, which are the same everywhere and taken as one value.
var selectors = map[reflect.Type]bool{
	reflect.TypeFor[metav1.LabelSelector](): true,
	reflect.TypeFor[api.EndpointSelector](): true,
	reflect.TypeFor[api.ServiceSelector]():  true,
}

// scalars are the structs that are written as one number or text.
var scalars = map[reflect.Type]bool{
	reflect.TypeFor[intstr.IntOrString]():   true,
	reflect.TypeFor[numorstring.Protocol](): true,
	reflect.TypeFor[numorstring.Port]():     true,
}

// Of lists the fields of a Go type in the order in which it declares them, with a path before them. Fields that are
// not part of the JSON form are none.
func Of(t reflect.Type, path string) []Field {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case selectors[t] || scalars[t]:
		return []Field{{path, t}}
	case t.Kind() == reflect.Slice:
		return Of(t.Elem(), path+"[]")
	case t.Kind() != reflect.Struct:
		return []Field{{path, t}}
	}
	var out []Field
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-" || !f.IsExported() && !f.Anonymous:
		case name == "" && (f.Anonymous || options == "inline"):
			out = append(out, Of(f.Type, path)...)
		case name != "":
			out = append(out, Of(f.Type, join(path, name))...)
		}
	}
	return out
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
