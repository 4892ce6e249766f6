// Package edit changes one place of a policy's text and leaves every other byte as it is: comments, quotes, the order
// of keys, blank lines.
//
// A Change says what is to become of the object; Locate finds the bytes that say it. Where YAML's many ways of writing
// make that uncertain nothing is guessed: whoever applies edits reads the new text and holds it to Expected, so an edit
// that does something else than its change is found out.
package edit

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
)

// Edit replaces the bytes from From up to To.
type Edit struct {
	From, To int
	Text     string
	// Comments says that the edit takes comments away with what they are about.
	Comments bool
}

// Apply makes the edits, whose offsets are those of the text as it is. Edits that meet cannot both be made.
func Apply(text []byte, edits []Edit) ([]byte, error) {
	sorted := slices.Clone(edits)
	slices.SortStableFunc(sorted, func(a, b Edit) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	var out bytes.Buffer
	at := 0
	for i, e := range sorted {
		if e.From < at || e.To < e.From || e.To > len(text) || i > 0 && e == sorted[i-1] {
			return nil, fmt.Errorf("two changes meet at byte %d", e.From)
		}
		out.Write(text[at:e.From])
		out.WriteString(e.Text)
		at = e.To
	}
	out.Write(text[at:])
	return out.Bytes(), nil
}

// Meet reports whether two edits cannot both be made.
func Meet(a, b Edit) bool {
	return a == b || a.From < b.To && b.From < a.To || a.From == b.From && (a.From == a.To) == (b.From == b.To)
}
