package source

import (
	"fmt"
	"slices"
	"testing"
)

const remarked = `# policyferry:ignore A first line of a file
---
kind: NetworkPolicy # policyferry:ignore B at the end
metadata:
  # policyferry:ignore C above
  # another comment

  #policyferry:ignore D above as well
  name: x
  annotations:
    quoted: "x # policyferry:ignore no comment"
    block: |
      text
      # policyferry:ignore no comment either
    folded: "a
      # policyferry:ignore nor this
      b"
  labels: {url: x#policyferry:ignore}
spec: {} # policyferry:ignore E after them
# policyferry:ignore F at the end of the document
---
kind: Other
`

// TestRemarks: only comments count, each with the line that it is about.
func TestRemarks(t *testing.T) {
	set, _ := ReadInputs([]Input{{Name: "a.yaml", Data: []byte(remarked)}, {Name: "b.json", Data: []byte(`{"kind": "X", "name": "a # policyferry:ignore"}`)}}, Options{})
	var got []string
	for _, r := range set.Remarks {
		got = append(got, fmt.Sprintf("%s is about %d: %s", r.Pos, r.Line, r.Text))
	}
	want := []string{
		"a.yaml:1:1 is about 0: ignore A first line of a file",
		"a.yaml:3:21 is about 3: ignore B at the end",
		"a.yaml:5:3 is about 9: ignore C above",
		"a.yaml:8:3 is about 9: ignore D above as well",
		"a.yaml:19:10 is about 19: ignore E after them",
		"a.yaml:20:1 is about 0: ignore F at the end of the document",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// TestRemarksOfBrokenText: what does not parse keeps its remarks, for findings about it.
func TestRemarksOfBrokenText(t *testing.T) {
	set, _ := ReadInputs([]Input{{Name: "a.yaml", Data: []byte("kind: [ # policyferry:ignore X why\r\n")}}, Options{})
	if len(set.Remarks) != 1 || set.Remarks[0].Line != 1 || set.Remarks[0].Text != "ignore X why" {
		t.Errorf("%+v", set.Remarks)
	}
}
