// Package ledger keeps law 1's books: every field of a source object is carried, reported, or without meaning for
// verdicts, and none is forgotten.
//
// Reading an object opens a ledger with one line for each leaf field that is present. Lowering and raising discharge
// fields by path; a path discharges everything below it. What is left in the end is a fault of policyferry.
package ledger

import (
	"github.com/policyferry/policyferry/translate/source"
)

// Disposition is what became of a field.
type Disposition string

// The dispositions.
const (
	// Left: nobody has said anything about the field.
	Left Disposition = ""
	// Carried: the field's meaning is in the output.
	Carried Disposition = "carried"
	// Reported: a finding says what became of the field.
	Reported Disposition = "reported"
	// NoMeaning: the field has no say in any verdict.
	NoMeaning Disposition = "no meaning"
)

// Entry is one line of a ledger.
type Entry struct {
	Path        string      `json:"path"`
	Disposition Disposition `json:"disposition"`
	// Why is the code of the finding, or the reason for which the field has no meaning.
	Why string `json:"why,omitempty"`
}

// Ledger is the book of one document. It is not safe for concurrent use.
type Ledger struct {
	// entries are in document order, so that everything below one path is a run of neighbours.
	entries []Entry
	// first is the first entry at or below a path.
	first map[string]int
}

// New opens the ledger of a document. Identity and what the server sets are discharged at once.
func New(doc *source.Document) *Ledger {
	leaves := doc.Leaves()
	l := &Ledger{entries: make([]Entry, len(leaves)), first: make(map[string]int, 2*len(leaves))}
	for i, leaf := range leaves {
		e := &l.entries[i]
		e.Path = leaf.Path
		l.index(leaf.Path, i)
		switch {
		case source.IsServerSet(leaf.Path):
			e.Disposition, e.Why = NoMeaning, "set by the server"
		case leaf.Null:
			e.Disposition, e.Why = NoMeaning, "null says as much as no field"
		}
	}
	if i, ok := l.first["spec"]; ok && l.entries[i].Path == "spec" {
		l.Carried("spec") // an empty spec says what its defaults say
	}
	for _, path := range []string{"apiVersion", "kind", "metadata.name", "metadata.namespace", "metadata.generateName"} {
		l.Carried(path)
	}
	return l
}

// Carried says that the meaning of the field, and of all below it, is in the output.
func (l *Ledger) Carried(path string) { l.discharge(path, Carried, "") }

// NoMeaning says that the field, and all below it, has no say in any verdict.
func (l *Ledger) NoMeaning(path, why string) { l.discharge(path, NoMeaning, why) }

// Reported says that a finding with this code tells what became of the field and of all below it. It replaces an
// earlier entry: what was reported once stays reported.
func (l *Ledger) Reported(path, code string) { l.discharge(path, Reported, code) }

// Metadata says of labels and annotations that have no meaning of their own that they are none of policy's business.
func (l *Ledger) Metadata() {
	l.NoMeaning("metadata", "metadata")
}

func (l *Ledger) discharge(path string, d Disposition, why string) {
	set := func(i int) {
		e := &l.entries[i]
		if e.Disposition == Left || d == Reported && e.Disposition != Reported {
			e.Disposition, e.Why = d, why
		}
	}
	start, ok := l.first[path]
	if !ok && path != "" { // the empty path is the whole object
		return
	}
	for i := start; i < len(l.entries) && source.Within(l.entries[i].Path, path); i++ {
		set(i)
	}
}

// index files the entry under its path and every ancestor of it.
func (l *Ledger) index(path string, i int) {
	for end := len(path); end > 0; {
		if _, seen := l.first[path[:end]]; seen {
			return
		}
		l.first[path[:end]] = i
		for end--; end > 0 && path[end] != '.' && path[end] != '['; end-- {
		}
	}
}

// Left lists the fields that nobody has said anything about.
func (l *Ledger) Left() []string {
	var out []string
	for _, e := range l.entries {
		if e.Disposition == Left {
			out = append(out, e.Path)
		}
	}
	return out
}

// Entries returns every line, in document order. The slice must not be changed.
func (l *Ledger) Entries() []Entry { return l.entries }
