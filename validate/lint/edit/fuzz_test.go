package edit

import (
	"bytes"
	"testing"

	"github.com/policyferry/policyferry/translate/source"
)

// FuzzChanges makes changes to whatever can be read, at every field: nothing panics, and a text that says what it should
// has kept every byte outside of the edit. One that says something else is found out by whoever makes the edit.
func FuzzChanges(f *testing.F) {
	for _, seed := range []string{
		top + "x:\n  - a: 1 # one\n    b: [2, {c: 'd'}]\n  - |\n    text\n",
		top + "x: {a: &b [1], c: *b, <<: {d: e}}\n",
		`{"apiVersion":"v1","kind":"A","x":[{"a":"}"},2]}`,
		top + "x:\r\n- \"a\\\"b\"\r\n-\r\n  b: 'it''s'\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		docs, _ := source.ReadBytes("a.yaml", data, source.Options{MaxFileBytes: 1 << 12, MaxNodes: 1 << 10})
		text := NewText(data)
		for _, d := range docs {
			for _, leaf := range d.Leaves() {
				for _, c := range []Change{
					{Kind: Remove, Path: leaf.Path}, {Kind: Replace, Path: leaf.Path, Value: `"new"`}, {Kind: Rename, Path: leaf.Path, Key: "new"},
					{Kind: Insert, Path: leaf.Path, Key: "new", Value: `["new"]`}, {Kind: Append, Path: leaf.Path, Value: `{"new":1}`},
				} {
					tryChange(t, text, data, d, c)
				}
			}
		}
	})
}

func tryChange(t *testing.T, text *Text, data []byte, d *source.Document, c Change) {
	e, err := text.Locate(d, c)
	if err != nil {
		return
	}
	out, err := Apply(data, []Edit{e})
	if err != nil {
		t.Fatalf("%+v at %+v: %v", c, e, err)
	}
	if !bytes.HasPrefix(out, data[:e.From]) || !bytes.HasSuffix(out, data[e.To:]) {
		t.Fatalf("%+v changes more than its edit", c)
	}
	if _, err := Expected(d, []Change{c}); err != nil && c.Kind != Rename && c.Kind != Insert && c.Kind != Append {
		t.Fatalf("%+v is located, and nothing is expected of it: %v", c, err)
	}
	line, column := text.Place(e.From)
	if at, err := text.Offset(line, column); err != nil || at != e.From {
		t.Fatalf("byte %d is %d:%d, which is %d, %v", e.From, line, column, at, err)
	}
}
