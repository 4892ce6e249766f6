package cilium

import (
	"reflect"
	"strings"
	"testing"

	ciliumv2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"
	"github.com/cilium/cilium/pkg/policy/api"
)

// TestSyntaxIsComplete holds the structs of this package to the field names of Cilium's own.
func TestSyntaxIsComplete(t *testing.T) {
	for _, pair := range []struct{ theirs, ours any }{
		{api.Rule{}, rule{}},
		{ciliumv2.CiliumCIDRGroupSpec{}, cidrGroup{}.Spec},
	} {
		compareFields(t, reflect.TypeOf(pair.theirs), reflect.TypeOf(pair.ours), "", false)
		compareFields(t, reflect.TypeOf(pair.ours), reflect.TypeOf(pair.theirs), "", true)
	}
}

// gone are fields that we know and the linked release has lost.
var gone = map[string]bool{"kafka": true, "l7proto": true, "l7": true}

func compareFields(t *testing.T, want, have reflect.Type, path string, mayBeGone bool) {
	t.Helper()
	want, have = elementType(want), elementType(have)
	if want.Kind() != reflect.Struct || have.Kind() != reflect.Struct {
		return
	}
	known := jsonFields(have)
	for name, typ := range jsonFields(want) {
		other, ok := known[name]
		if !ok {
			if !mayBeGone || !gone[name] {
				t.Errorf("%s.%s is missing in %s", path, name, have)
			}
			continue
		}
		compareFields(t, typ, other, path+"."+name, mayBeGone)
	}
}

func elementType(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return t
}

func jsonFields(t reflect.Type) map[string]reflect.Type {
	out := map[string]reflect.Type{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && (name == "" || strings.Contains(options, "inline")) {
			for k, v := range jsonFields(elementType(f.Type)) {
				out[k] = v
			}
			continue
		}
		if name != "" && name != "-" && f.IsExported() {
			out[name] = f.Type
		}
	}
	return out
}
