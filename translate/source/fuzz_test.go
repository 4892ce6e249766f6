package source

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	kubeyaml "sigs.k8s.io/yaml"
)

// seeds are small texts, one for each thing that YAML can do to a reader.
var seeds = []string{
	policyText,
	fieldsText,
	"a: &a {b: c}\nd: *a\ne: {<<: *a, f: 1}\n",
	"a: &a [*a]\n",
	"? {a: b}\n: c\n",
	"--- |\n text\n...\n--- >-\n more\n",
	"{\"a\": [1, 2.5, null, true, \"\\u00e9\\ud83d\\ude00\"]}{}\n",
	"apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: A}, 1, [2]]\n",
	"apiVersion: v1\nkind: A\nx: [yes, 0x1F, 0o17, 017, 1_000, 1e3, .5, ~, 2020-01-01, 1:30, -0, +1, 0b11]\n",
	"apiVersion: 0\nkind: 0\n0: [-.0]",
	"apiVersion: v1\nkind: A\nmetadata: {labels: {a: ~}}\nx: &x {y: null, z: [null]}\nw: *x\n",
	"apiVersion: v1\nkind: A\n1: a\n1.5: b\ntrue: c\n",
	"apiVersion: v1\nkind: A\nx: !!str 1\ny: !!binary aGk=\nw: !!float 1\nz: !custom [a]\n",
	"kind: {{ .Values.kind }}\n{{- end }}\n",
	"%YAML 1.1\n%TAG ! tag:a,2000:\n---\na: !b c\n",
	"\uFEFFa: b\r\n---\r\nc: d\r\n",
	"a: 'b\n  c'\nd: \"e\\\n  f\"\ng: |2-\n   h\n",
	"\t\x00\xff{[\"'&*!|>%@`",
	"a:\n- b:\n  - c:\n    - d\n",
}

// maxFuzzTime is far beyond what any input of a fuzzer's size should take, even on a busy machine.
const maxFuzzTime = 5 * time.Second

func FuzzRead(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		start := time.Now()
		docs, list := ReadBytes("in.yaml", data, Options{MaxFileBytes: 1 << 20, MaxNodes: 100_000})
		for _, finding := range list.All() {
			if finding.Pos.File != "in.yaml" || finding.Pos.Line < 0 || finding.Message == "" || finding.Code == nil {
				t.Errorf("finding without place or message: %+v", finding)
			}
		}
		if len(docs) == 0 && list.Len() == 0 {
			t.Error("neither an object nor a finding")
		}
		for _, d := range docs {
			checkDocument(t, d)
		}
		if took := time.Since(start); took > maxFuzzTime {
			t.Errorf("took %v for %d bytes", took, len(data))
		}
	})
}

func checkDocument(t *testing.T, d *Document) {
	text, err := d.JSON()
	if err != nil || !json.Valid(text) {
		t.Fatalf("%s: not JSON: %s, %v", d.Pos, text, err)
	}
	seen := map[string]bool{}
	for _, leaf := range d.Leaves() {
		path := leaf.Path
		if seen[path] {
			t.Errorf("the leaf %s stands twice", path)
		}
		seen[path] = true
		if n := d.Node(path); n == nil || len(n.Content) > 0 {
			t.Errorf("the leaf %s is none: %+v", path, n)
		}
		if d.Has(path) == leaf.Null {
			t.Errorf("the leaf %s is null: %v, and the document has it: %v", path, leaf.Null, leaf.Null)
		}
		if pos := d.Position(path); pos.Line <= 0 || pos.Column <= 0 {
			t.Errorf("the leaf %s has no position: %v", path, pos)
		}
	}
	checkStored(t, d)
	d.Decode(&rule{})
}

// checkStored holds what is stored to be JSON without fields that are null, and to be stored as it is.
func checkStored(t *testing.T, d *Document) {
	text := d.Stored()
	again, list := ReadBytes("stored.json", text, Options{})
	if len(again) != 1 || list.Len() != 0 {
		t.Fatalf("%s: cannot be read again: %s\n%v", d.Pos, text, list.All())
	}
	for _, leaf := range again[0].Leaves() {
		if leaf.Null {
			t.Errorf("%s is stored as null in %s", leaf.Path, text)
		}
	}
	var once, twice any
	if json.Unmarshal(text, &once) != nil || json.Unmarshal(again[0].Stored(), &twice) != nil || !reflect.DeepEqual(once, twice) {
		t.Errorf("stored as %s, and that as %s", text, again[0].Stored())
	}
}

// FuzzSameAsKubectl holds what is read against what kubectl sends to the API server.
func FuzzSameAsKubectl(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		docs, list := ReadBytes("in.yaml", data, Options{MaxFileBytes: 1 << 20, MaxNodes: 100_000})
		// Only a text that is one document as a whole can be compared.
		if len(docs) != 1 || list.Len() != 0 || bytes.Contains(data, []byte("List")) || notComparable(data) {
			return
		}
		ours, err := docs[0].JSON()
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := kubeyaml.YAMLToJSON(data)
		if err != nil {
			t.Fatalf("kubectl refuses what is read: %v\n%s", err, ours)
		}
		if !sameJSON(t, ours, theirs) {
			t.Errorf("got %s\nkubectl sends %s", ours, theirs)
		}
	})
}

// notComparable leaves out what kubectl's own splitting of documents would decide, and the tag that the two parsers
// read differently without saying so.
func notComparable(data []byte) bool {
	text := string(data)
	return strings.Contains(text, "...") || strings.Contains(text, "---") || strings.Contains(text, "!") || strings.Contains(text, "{\"")
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var va, vb any
	for _, x := range []struct {
		text []byte
		into *any
	}{{a, &va}, {b, &vb}} {
		dec := json.NewDecoder(bytes.NewReader(x.text))
		dec.UseNumber()
		if err := dec.Decode(x.into); err != nil {
			t.Fatalf("%v in %s", err, x.text)
		}
	}
	return reflect.DeepEqual(va, vb)
}
