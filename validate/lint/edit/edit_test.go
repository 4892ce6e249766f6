package edit

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/source"
)

// made makes the changes to a text with one object and holds what comes out to what was to become of the object. The
// error is that of locating.
func made(t *testing.T, text string, changes ...Change) (string, error) {
	t.Helper()
	docs, problems := source.ReadBytes("a.yaml", []byte(text), source.Options{})
	if problems.Len() > 0 || len(docs) != 1 {
		t.Fatal(problems.All())
	}
	at := NewText([]byte(text))
	var edits []Edit
	for _, c := range changes {
		e, err := at.Locate(docs[0], c)
		if err != nil {
			return "", err
		}
		edits = append(edits, e)
	}
	out, err := Apply([]byte(text), edits)
	if err != nil {
		return "", err
	}
	want, err := Expected(docs[0], changes)
	if err != nil {
		t.Fatal(err)
	}
	docs, problems = source.ReadBytes("a.yaml", out, source.Options{})
	if problems.Len() > 0 || len(docs) != 1 {
		t.Fatalf("the text is broken: %v\n%s", problems.All(), out)
	}
	if got, _ := docs[0].JSON(); !bytes.Equal(got, want) {
		t.Errorf("the text says\n%s\nand not\n%s\n%s", got, want, out)
	}
	return string(out), nil
}

const top = "apiVersion: v1\nkind: A\n"

func TestChanges(t *testing.T) {
	remove := func(path string) Change { return Change{Kind: Remove, Path: path} }
	insert := func(behind, key, value string) Change {
		return Change{Kind: Insert, Path: behind, Key: key, Value: value}
	}
	replace := func(path, value string) Change { return Change{Kind: Replace, Path: path, Value: value} }
	rename := func(path, key string) Change { return Change{Kind: Rename, Path: path, Key: key} }
	tests := []struct {
		name, before string
		change       Change
		after        string
	}{
		{"element of a block", "x:\n  - a: 1 # one\n    b: 2\n\n  # two\n  - c: 3\n", remove("x[0]"), "x:\n\n  # two\n  - c: 3\n"},
		{"with the comment above it", "x:\n  - a: 1\n\n  # two\n  # too\n  - c: 3\ny: 1\n", remove("x[1]"), "x:\n  - a: 1\n\ny: 1\n"},
		{"between blank lines", "x:\n  - a\n\n  - b\n\n  - c\n", remove("x[1]"), "x:\n  - a\n\n  - c\n"},
		{"a list that is not indented", "x:\n- a\n- b\ny: 1\n", remove("x[1]"), "x:\n- a\ny: 1\n"},
		{"with a block scalar", "x:\n- |\n  # no comment\n  text\n- b\n", remove("x[0]"), "x:\n- b\n"},
		{"with brackets further left", "x:\n  - a: [\n    1,\n  ]\n  - b\n", remove("x[0]"), "x:\n  - b\n"},
		{"last without line break", "x:\n- a\n- b", remove("x[1]"), "x:\n- a\n"},
		{"Windows' line breaks", "x:\r\n- a\r\n- b\r\n", remove("x[0]"), "x:\r\n- b\r\n"},
		{"element of brackets", "x: [a, 'b, ]', c] # text\n", remove("x[1]"), "x: [a, c] # text\n"},
		{"first of brackets", "x: [ {a: 1}, {b: 2} ]\n", remove("x[0]"), "x: [ {b: 2} ]\n"},
		{"last of brackets", "x: [{a: 1}, {b: \"}\"}]\n", remove("x[1]"), "x: [{a: 1}]\n"},
		{"the only one of brackets", "x: [a]\n", remove("x[0]"), "x: []\n"},
		{"brackets on several lines", "x: [\n  a, # one\n  b,\n]\n", remove("x[1]"), "x: [\n  a,\n]\n"},
		{"a field", "x: 1\nyy:\n  a: 1\n\n  b: 2\nz: 3\n", remove("yy"), "x: 1\nz: 3\n"},
		{"a field with a list", "yy:\n- a\n- b\nz: 3\n", remove("yy"), "z: 3\n"},
		{"first field of an element", "x:\n- a: [1]\n  b: 2\n", remove("x[0].a"), "x:\n- b: 2\n"},
		{"a field of braces", "x: {a: 1, 'b': [2], c: 3}\n", remove("x.b"), "x: {a: 1, c: 3}\n"},
		{"a field with dots", "x:\n  labels:\n    a.b/c[d: 1\n    e: 2\n", remove(`x.labels["a.b/c[d"]`), "x:\n  labels:\n    e: 2\n"},
		{"a plain value", "x: v1beta1   # old\n", replace("x", `"v1"`), "x: v1   # old\n"},
		{"a value with quotes in it", "x: a in {'b'} && c == \"d\"\n", replace("x", `"all()"`), "x: \"all()\"\n"},
		{"a quoted value", "x: 'it''s' # so\n", replace("x", `"it"`), "x: it # so\n"},
		{"a number", "x: [{port: 80}]\n", replace("x[0].port", `"80"`), "x: [{port: \"80\"}]\n"},
		{"empty braces", "x:\n- {} # none\n", replace("x[0]", `{"matchLabels":{"k8s:a":"true"}}`), "x:\n- {matchLabels: {k8s:a: \"true\"}} # none\n"},
		{"a key", "x:\n  toEnities: [all]\n", rename("x.toEnities", "toEntities"), "x:\n  toEntities: [all]\n"},
		{"a quoted key", "x: {\"toEnities\": 1}\n", rename("x.toEnities", "toEntities"), "x: {\"toEntities\": 1}\n"},
		{"behind a field", "x:\n  a: {} # all\n  # about b\n  b: 1\n", insert("x.a", "types", `["Ingress"]`), "x:\n  a: {} # all\n  types: [Ingress]\n  # about b\n  b: 1\n"},
		{"behind a mapping", "x:\n  a:\n    c: 1\n\n  b: 1\n", insert("x.a", "types", `["Ingress"]`), "x:\n  a:\n    c: 1\n  types: [Ingress]\n\n  b: 1\n"},
		{"behind the first field of an element", "x:\n- port: '53'\n- b\n", insert("x[0].port", "protocol", `"ANY"`), "x:\n- port: '53'\n  protocol: ANY\n- b\n"},
		{"in braces", "x: {port: '53' }\n", insert("x.port", "protocol", `"ANY"`), "x: {port: '53', protocol: ANY }\n"},
		{"an element", "x:\n  - port: 53 # dns\n  # web\n  - port: 80\n", Change{Kind: Append, Path: "x[0]", Value: `{"port":53,"protocol":"UDP"}`}, "x:\n  - port: 53 # dns\n  - {port: 53, protocol: UDP}\n  # web\n  - port: 80\n"},
		{"an element of brackets", "x: [ {port: 53} ]\n", Change{Kind: Append, Path: "x[0]", Value: `{"port":53}`}, "x: [ {port: 53}, {port: 53} ]\n"},
		{"at the end", "x:\n  a: 1", insert("x.a", "b", `"two words"`), "x:\n  a: 1\n  b: \"two words\""},
		{"after umlauts", "x: {ä: 'ö', b: 1, c: 2}\n", remove("x.b"), "x: {ä: 'ö', c: 2}\n"},
	}
	for _, tc := range tests {
		got, err := made(t, top+tc.before, tc.change)
		if want := top + tc.after; err != nil || got != want {
			t.Errorf("%s: %v\n%s\nwant\n%s", tc.name, err, got, want)
		}
	}
}

// TestJSONStays: a text that is JSON is JSON afterwards, whatever changes.
func TestJSONStays(t *testing.T) {
	const text = "\uFEFF" + `{"apiVersion": "v1", "kind": "A",
 "x": {"a": [1, 2], "b": [ {}, {"c": "d"} ], "e": [{"c": 1}]}}`
	for what, c := range map[string]Change{
		`"a": [1, 2], "types": ["Ingress"], "b"`: {Kind: Insert, Path: "x.a", Key: "types", Value: `["Ingress"]`},
		`[ {"f": {"k8s:g": "h"}}, {`:             {Kind: Replace, Path: "x.b[0]", Value: `{"f": {"k8s:g": "h"}}`},
		`["one", 2]`:                             {Kind: Replace, Path: "x.a[0]", Value: `"one"`},
		`{"c": "all"} ]`:                         {Kind: Replace, Path: "x.b[1].c", Value: `"all"`},
		`[1, 2, "two"]`:                          {Kind: Append, Path: "x.a[1]", Value: `"two"`},
		`{}, {"k": "v"}, {`:                      {Kind: Append, Path: "x.b[0]", Value: `{"k": "v"}`},
		`{"zz": 1}`:                              {Kind: Rename, Path: "x.e[0].c", Key: "zz"},
		`"b": [ {} ]`:                            {Kind: Remove, Path: "x.b[1]"},
		`"e": [{}]`:                              {Kind: Remove, Path: "x.e[0].c"},
	} {
		got, err := made(t, text, c)
		if err != nil || !strings.Contains(got, what) || !json.Valid([]byte(strings.TrimPrefix(got, "\uFEFF"))) {
			t.Errorf("%+v: %v\n%s", c, err, got)
		}
	}
}

// TestUncertain has texts that are not changed, since the change would not be only what was asked for.
func TestUncertain(t *testing.T) {
	for name, tc := range map[string]struct {
		text   string
		change Change
	}{
		"a dash on another line": {"x:\n-\n  a: 1\n- b\n", Change{Kind: Remove, Path: "x[0]"}},
		"the only field":         {"x:\n- a: 1\n", Change{Kind: Remove, Path: "x[0].a"}},
		"text on lines":          {"x: |\n  a\n", Change{Kind: Replace, Path: "x", Value: `"b"`}},
		"a block":                {"x:\n  a: 1\n", Change{Kind: Replace, Path: "x", Value: `"b"`}},
		"an escaped key":         {"\"\\u0078\": 1\n", Change{Kind: Rename, Path: "x", Key: "y"}},
		"nothing":                {"x: 1\n", Change{Kind: Remove, Path: "y"}},
	} {
		if got, err := made(t, top+tc.text, tc.change); err == nil {
			t.Errorf("%s is changed:\n%s", name, got)
		}
	}
}

// TestExpectedTellsAnAliasApart: text that stands in two places by an alias cannot be changed in one.
func TestExpectedTellsAnAliasApart(t *testing.T) {
	text := top + "x: &a\n- 1\n- 2\ny: *a\n"
	docs, _ := source.ReadBytes("a.yaml", []byte(text), source.Options{})
	c := Change{Kind: Remove, Path: "y[0]"}
	e, err := NewText([]byte(text)).Locate(docs[0], c)
	if err != nil {
		return
	}
	out, _ := Apply([]byte(text), []Edit{e})
	want, _ := Expected(docs[0], []Change{c})
	docs, _ = source.ReadBytes("a.yaml", out, source.Options{})
	if got, _ := docs[0].JSON(); bytes.Equal(got, want) {
		t.Errorf("%s says %s", out, got)
	}
}

func TestApplyRefusesWhatMeets(t *testing.T) {
	for _, edits := range [][]Edit{
		{{From: 0, To: 3}, {From: 2, To: 4}},
		{{From: 1, To: 1, Text: "a"}, {From: 1, To: 1, Text: "a"}},
		{{From: 3, To: 9}},
	} {
		if out, err := Apply([]byte("abcde"), edits); err == nil {
			t.Errorf("%v makes %s", edits, out)
		}
	}
	if out, err := Apply([]byte("abcde"), []Edit{{From: 3, To: 4}, {From: 0, To: 1, Text: "x"}}); err != nil || string(out) != "xbce" {
		t.Errorf("%s, %v", out, err)
	}
}
