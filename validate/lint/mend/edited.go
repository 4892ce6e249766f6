package mend

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/lint/edit"
)

// edited is the set after some fixes.
type edited struct {
	// texts are those of the files that change.
	texts map[string][]byte
	// docs are the objects that change, by the objects as they were.
	docs map[*source.Document]*source.Document
}

// of are the documents as they are after the fixes.
func (e *edited) of(before []*source.Document) []*source.Document {
	out := slices.Clone(before)
	for i, d := range before {
		if after := e.docs[d]; after != nil {
			out[i] = after
		}
	}
	return out
}

// edited makes fixes and holds what comes out to what they say: the objects that they are about have become what they
// should, and all others in the file have stayed.
func (m *mender) edited(works []*work) (*edited, error) {
	out := &edited{map[string][]byte{}, map[*source.Document]*source.Document{}}
	edits := map[string][]edit.Edit{}
	changes := map[*source.Document][]edit.Change{}
	for _, w := range works {
		fix := w.Finding.Fix
		edits[w.Finding.Pos.File] = append(edits[w.Finding.Pos.File], fix.Edits...)
		if fix.Doc != nil {
			changes[fix.Doc] = append(changes[fix.Doc], fix.Changes...)
		}
	}
	before := map[string][]*source.Document{}
	for _, d := range m.set.Documents {
		if edits[d.Pos.File] != nil {
			before[d.Pos.File] = append(before[d.Pos.File], d)
		}
	}
	for file, list := range edits {
		text, err := edit.Apply(m.set.Texts[file], list)
		if err != nil {
			return nil, err
		}
		docs, problems := source.ReadBytes(file, text, source.Options{})
		if problems.Len() > 0 {
			return nil, fmt.Errorf("the text could not be read any more: %s", problems.All()[0].Message)
		}
		if len(docs) != len(before[file]) {
			return nil, fmt.Errorf("the file would hold %d objects and not %d", len(docs), len(before[file]))
		}
		for i, d := range before[file] {
			if err := out.take(d, docs[i], changes[d]); err != nil {
				return nil, err
			}
		}
		out.texts[file] = text
	}
	return out, nil
}

// take compares what an object has become with what it should.
func (e *edited) take(before, after *source.Document, changes []edit.Change) error {
	want, err := edit.Expected(before, changes)
	if err != nil {
		return err
	}
	got, err := after.JSON()
	if err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("the way in which %s is written does not let it be changed in this place only", before.Object)
	}
	said, err := before.JSON()
	if err != nil {
		return err
	}
	if !slices.Equal(said, got) {
		e.docs[before] = after
	}
	return nil
}
