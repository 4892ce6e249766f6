package source

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	kubeyaml "sigs.k8s.io/yaml"
)

func document(t *testing.T, text string) *Document {
	t.Helper()
	docs, list := ReadBytes("in.yaml", []byte(text), Options{})
	if len(docs) != 1 || list.Len() != 0 {
		t.Fatalf("got %d objects and %v", len(docs), list.All())
	}
	return docs[0]
}

const fieldsText = `apiVersion: v1
kind: A
metadata:
  labels:
    app.kubernetes.io/name: web
    "a]b": x
    80: y
spec:
  ingress:
  - source:
      nets:
      - 10.0.0.0/8
      - 10.1.0.0/16
    empty: {}
  - none: []
    null: 1
    nothing:
`

func TestLeavesAndPositions(t *testing.T) {
	// The key null stands for what YAML calls a null key, and is refused; it is quoted here.
	d := document(t, strings.Replace(fieldsText, "    null: 1", "    \"null\": 1", 1))
	want := []string{
		"apiVersion 1:1",
		"kind 2:1",
		"metadata.labels[app.kubernetes.io/name] 5:5",
		`metadata.labels["a]b"] 6:5`,
		"metadata.labels.80 7:5",
		"spec.ingress[0].source.nets[0] 12:9",
		"spec.ingress[0].source.nets[1] 13:9",
		"spec.ingress[0].empty 14:5",
		"spec.ingress[1].none 15:5",
		"spec.ingress[1].null 16:5",
		"spec.ingress[1].nothing 17:5",
	}
	var got []string
	for _, leaf := range d.Leaves() {
		if d.Has(leaf.Path) == leaf.Null || leaf.Null != (leaf.Path == "spec.ingress[1].nothing") {
			t.Errorf("%s: null is %v, and the document has it: %v", leaf.Path, leaf.Null, d.Has(leaf.Path))
		}
		got = append(got, leaf.Path+" "+strings.TrimPrefix(d.Position(leaf.Path).String(), "in.yaml:"))
	}
	equal(t, "leaves", got, want...)
}

func TestPositionOfAbsentField(t *testing.T) {
	d := document(t, strings.Replace(fieldsText, "    null: 1\n", "", 1))
	for path, want := range map[string]string{
		"":                                "in.yaml:1:1",
		"spec.absent":                     "in.yaml:8:1",
		"spec.ingress[0].source.nets[7]":  "in.yaml:11:7",
		"spec.ingress[0].source.nets.x.y": "in.yaml:11:7",
		"spec.ingress[1]":                 "in.yaml:15:5",
		"metadata.labels[no.such/label]":  "in.yaml:4:3",
		"nothing[":                        "in.yaml:1:1",
		"spec.ingress[1].none[0]":         "in.yaml:15:5",
	} {
		if got := d.Position(path).String(); got != want {
			t.Errorf("%q: got %s, want %s", path, got, want)
		}
	}
}

func TestScalar(t *testing.T) {
	d := document(t, strings.Replace(fieldsText, "    null: 1\n", "", 1))
	for path, want := range map[string]string{"kind": "A", "metadata.labels.80": "y", "spec": "", "spec.ingress[1].nothing": "", "x": ""} {
		if got, ok := d.Scalar(path); got != want || ok != (want != "") {
			t.Errorf("%s: got %q, %v", path, got, ok)
		}
	}
}

func TestStored(t *testing.T) {
	d := document(t, `apiVersion: v1
kind: A
metadata:
  labels: {a: null, b: c}
  annotations: null
spec:
  none: null
  shared: &s {x: null, w: 1}
  again: *s
  list: [null, {z: null}]
  selector: {matchLabels: {app: ~}}
`)
	want := `{"apiVersion":"v1","kind":"A","metadata":{"labels":{"a":"","b":"c"}},` +
		`"spec":{"shared":{"w":1},"again":{"w":1},"list":[null,{}],"selector":{"matchLabels":{"app":""}}}}`
	if got := string(d.Stored()); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if text, _ := d.JSON(); !strings.Contains(string(text), `"none":null,"shared":{"x":null,"w":1}`) {
		t.Errorf("the document itself has lost its nulls: %s", text)
	}
}

func TestAliasesAndMergeKeys(t *testing.T) {
	d := document(t, `apiVersion: v1
kind: A
x: &x {a: 1, b: 2}
z: &y {b: 3, c: 4}
list: &l [1, 2]
both:
  <<: [*x, *y]
  c: 5
repeat: *l
`)
	text, err := d.JSON()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"apiVersion":"v1","kind":"A","x":{"a":1,"b":2},"z":{"b":3,"c":4},"list":[1,2],"both":{"a":1,"b":2,"c":5},"repeat":[1,2]}`
	if string(text) != want {
		t.Errorf("got %s\nwant %s", text, want)
	}
	if got := d.Position("both.a").String(); got != "in.yaml:3:8" {
		t.Errorf("both.a: got %s, want the place where it is written", got)
	}
}

func TestIsServerSet(t *testing.T) {
	for path, want := range map[string]bool{
		"status":                          true,
		"status.conditions[0].type":       true,
		"statusCode":                      false,
		"metadata.managedFields[0].time":  true,
		"metadata.uid":                    true,
		"metadata.uidx":                   false,
		"metadata.ownerReferences[0].uid": true,
		"metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]": true,
		"metadata.annotations[kubectl.kubernetes.io/restartedAt]":                false,
		"metadata.name": false,
		"spec.status":   false,
	} {
		if got := IsServerSet(path); got != want {
			t.Errorf("%s: got %v", path, got)
		}
	}
}

// TestMergeAfterOwnKey pins the disagreement for which such a mapping is refused.
func TestMergeAfterOwnKey(t *testing.T) {
	text := []byte("z:\n  a: own\n  <<: {a: merged}\n")
	kubectl, err := kubeyaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	var standard struct {
		Z map[string]string `yaml:"z"`
	}
	if err := yaml.Unmarshal(text, &standard); err != nil {
		t.Fatal(err)
	}
	if string(kubectl) != `{"z":{"a":"merged"}}` || standard.Z["a"] != "own" {
		t.Errorf("kubectl reads %s and YAML %v: they agree now, so the mapping need not be refused", kubectl, standard.Z)
	}
	// After the merge key the mapping's own key wins for both.
	d := document(t, "apiVersion: v1\nkind: A\nz: {<<: {a: merged}, a: own}\n")
	if got, _ := d.Scalar("z.a"); got != "own" {
		t.Errorf("got %s", got)
	}
}
