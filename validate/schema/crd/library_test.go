package crd

import (
	"encoding/json"
	"io/fs"
	"reflect"
	"strings"
	"testing"

	ciliumv2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/client/crds/v2"
	calicoconfig "github.com/projectcalico/calico/libcalico-go/config"
)

// TestNothingIsLost writes every definition of both CNIs compactly and holds what is read back to it, all but the
// descriptions.
func TestNothingIsLost(t *testing.T) {
	met := 0
	for _, from := range []fs.FS{ciliumv2.EmbedFS, calicoconfig.CRDFiles} {
		err := fs.WalkDir(from, ".", func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".yaml") {
				return err
			}
			raw, err := fs.ReadFile(from, path)
			if err != nil {
				return err
			}
			for _, version := range []string{"v1", "v2", "v1alpha1", "v2alpha1"} {
				v, err := Parse(raw, version)
				if err != nil {
					continue // it has no such version
				}
				met++
				nothingIsLost(t, v)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if met < 20 {
		t.Errorf("only %d definitions were met", met)
	}
}

func nothingIsLost(t *testing.T, v Version) {
	t.Helper()
	want := plain(t, v.Schema)
	text, err := Compact(v)
	if err != nil {
		t.Fatal(err)
	}
	library := Open(text)
	h, err := library.head(v.Name)
	if err != nil {
		t.Fatal(err)
	}
	back, err := library.whole(h.Schema)
	if err != nil {
		t.Fatal(err)
	}
	if got := plain(t, back); !reflect.DeepEqual(got, want) || h.Status != v.HasStatus {
		t.Errorf("%s: read back it is %v and was %v", v.Name, got, want)
	}
}

// plain is a schema as JSON without descriptions. A property that is named description is no text.
func plain(t *testing.T, schema any) any {
	t.Helper()
	raw, err := json.Marshal(schema)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return undescribed(out)
}

func undescribed(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if _, text := v["description"].(string); text {
			delete(v, "description")
		}
		for key := range v {
			v[key] = undescribed(v[key])
		}
	case []any:
		for i := range v {
			v[i] = undescribed(v[i])
		}
	}
	return v
}

func TestUnusableDefinitions(t *testing.T) {
	for _, raw := range []string{"spec: {versions: 3}", "spec: {versions: [{name: v2}]}", "{"} {
		if _, err := Parse([]byte(raw), "v1"); err == nil {
			t.Errorf("%s: no error", raw)
		}
	}
	const heads = `{"a/v1":{"schema":1}}` + "\n"
	for _, text := range []string{"", "{", "{}", heads, heads + "[]", heads + `{"properties":{"a":{"type":"string"}}}`,
		heads + `{"properties":{"a":{"$ref":"1"}}}`, heads + `{"items":{"$ref":"x"}}`, heads + `{"items":{"$ref":"0"}}`} {
		if _, err := Open([]byte(text)).Source("a/v1").Definition(); err == nil {
			t.Errorf("%s: no error", text)
		}
	}
}

// TestUnusableByServer holds a schema that the API server's code does not take to being said of every object that
// needs that code.
func TestUnusableByServer(t *testing.T) {
	text := `{"a/v1":{"schema":3}}` + "\n" + `{"type":"string"}` + "\n" + `{"dependencies":{"d":["e"]}}` + "\n" +
		`{"properties":{"b":{"$ref":"1"},"c":{"$ref":"2"}}}`
	d := define(t, Open([]byte(text)).Source("a/v1"))
	if _, problems := d.Check(map[string]any{"b": "c"}); len(problems) > 0 {
		t.Errorf("a sound object: %v", problems)
	}
	if _, problems := d.Check(map[string]any{"b": 1}); len(problems) != 1 || !strings.Contains(problems[0].Message, "structural") {
		t.Errorf("got %v", problems)
	}
}
