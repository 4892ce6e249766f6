package schema

import (
	"encoding/json"
	"reflect"
	"testing"

	kubejson "sigs.k8s.io/json"
)

// FuzzDecode holds the reading of JSON to that of Kubernetes.
func FuzzDecode(f *testing.F) {
	for _, text := range sound {
		object, err := json.Marshal(parse(f, text))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(object)
	}
	for _, text := range []string{`{"a":1,"a":2}`, `{"spec": {"x":[1.0,1e3,-0,12345678901234567890,-9223372036854775808]},"é":"\u00e9\ud83d\ude00\ud83d"}`,
		` { "a" : [ ] , "b" : { } , "c" : [ [ ] , null , true , false ] } `, `[]`, `null`, `{}{}`, `{"a":1e999}`, `"x"`, `{"A":1,"a":2}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var want map[string]any
		strict, err := kubejson.UnmarshalStrict(text, &want)
		got, spec, ok := decode(text)
		if sound := err == nil && len(strict) == 0 && want != nil; sound != ok {
			t.Fatalf("read: %v; UnmarshalStrict says %v, %v, %v", ok, want, strict, err)
		}
		if !ok {
			return
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %#v, want %#v", got, want)
		}
		value, has := want["spec"]
		if has != (spec != nil) {
			t.Fatalf("spec is %q", spec)
		}
		if !has {
			return
		}
		var again map[string]any
		if err := kubejson.UnmarshalCaseSensitivePreserveInts(append(append([]byte(`{"spec":`), spec...), '}'), &again); err != nil || !reflect.DeepEqual(again["spec"], value) {
			t.Errorf("spec is %q and reads as %v (%v), want %v", spec, again["spec"], err, value)
		}
	})
}
