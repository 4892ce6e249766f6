package lint

import (
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/lint/edit"
)

// Fix is a change of the text that would do away with a finding.
type Fix struct {
	// Title says what is changed, such as: add policyTypes: [Ingress].
	Title string
	// Unsafe says why what is enforced may change. It is empty where the new text is to say the same as the old one, and
	// whoever applies it can have that proven.
	Unsafe string
	// Changes are what becomes of the object, Edits what becomes of its text.
	Changes []edit.Change
	Edits   []edit.Edit
	// Doc is the object; nil where the change is beside any object.
	Doc *source.Document
}

// fixer knows the way out of findings of one code. It returns nil where there is none that can be written down.
type fixer struct {
	code    *diag.Code
	propose func(l *linter, f Finding, at field) *Fix
}

// fixers are all of them.
var fixers = []*fixer{
	&fixMootRules, &fixUnreachable, &fixInertRules, &fixPolicyTypes, &fixRawTypes, &fixAnyProtocol, &fixEmptyRule,
	&fixOwnNamespace, &fixLegacyAPI, &fixIgnoreUnused, &fixFieldName, &fixKindName, &fixWrongValue,
	&fixServiceNamespace, &fixEmptySection, &fixEmptyForm, &fixDenyOnly, &fixNegation,
	&fixRepeated, &fixDeniedAnyway, &fixUDP,
}

// Fixable are the codes whose findings may have fixes, by number.
func Fixable() []*diag.Code {
	var out []*diag.Code
	for _, x := range fixers {
		out = append(out, x.code)
	}
	slices.SortFunc(out, func(a, b *diag.Code) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// propose gives the findings the fixes that there are for them, if the texts are given.
func (l *linter) propose(findings []Finding) {
	if l.opt.Texts == nil {
		return
	}
	texts := map[string]*edit.Text{}
	for i := range findings {
		f := &findings[i]
		text, known := l.opt.Texts[f.Pos.File]
		k := slices.IndexFunc(fixers, func(x *fixer) bool { return x.code == f.Code })
		if k < 0 || !known || f.Pos.Line == 0 {
			continue
		}
		at := field{}
		if f.Doc != nil {
			at = field{f.Doc, f.Doc.Node(f.Path), f.Path}
		}
		fix := fixers[k].propose(l, *f, at)
		if fix == nil {
			continue
		}
		fix.Doc = at.doc
		if texts[f.Pos.File] == nil {
			texts[f.Pos.File] = edit.NewText(text)
		}
		if fix.located(texts[f.Pos.File]) {
			f.Fix = fix
		}
	}
}

// located finds the bytes of the changes. Where the text does not let them be made there is no fix.
func (x *Fix) located(t *edit.Text) bool {
	for _, c := range x.Changes {
		e, err := t.Locate(x.Doc, c)
		if err != nil {
			return false
		}
		if e.Comments && x.Unsafe == "" && c.Kind != edit.Cut {
			x.Unsafe = "a comment goes with it"
		}
		x.Edits = append(x.Edits, e)
	}
	return len(x.Edits) > 0
}

// docAt is the document in whose text a position lies, or nil.
func (l *linter) docAt(at diag.Position) *source.Document {
	i, found := slices.BinarySearchFunc(l.docs, at, func(d *source.Document, at diag.Position) int {
		switch {
		case d.Pos.Before(at):
			return -1
		case at.Before(d.Pos):
			return 1
		}
		return 0
	})
	if !found {
		i--
	}
	if i < 0 || l.docs[i].Pos.File != at.File {
		return nil
	}
	return l.docs[i]
}

// remove takes the field or element away.
func remove(at field, title string) *Fix {
	if at.node == nil {
		return nil
	}
	return &Fix{Title: title, Changes: []edit.Change{{Kind: edit.Remove, Path: at.path}}}
}

// insert puts a field behind another one.
func insert(behind field, key, value string) *Fix {
	if behind.node == nil {
		return nil
	}
	return &Fix{Title: "add " + key + ": " + edit.Written(value),
		Changes: []edit.Change{{Kind: edit.Insert, Path: behind.path, Key: key, Value: value}}}
}

// replace gives a field another value.
func replace(at field, value string) *Fix {
	if at.node == nil {
		return nil
	}
	_, key := splitPath(at.path)
	title := "write " + edit.Written(value)
	if key != "" {
		title = "write " + key + ": " + edit.Written(value)
	}
	return &Fix{Title: title, Changes: []edit.Change{{Kind: edit.Replace, Path: at.path, Value: value}}}
}

// unsafe says why a fix may change what is enforced.
func (x *Fix) unsafe(why string) *Fix {
	if x != nil {
		x.Unsafe = why
	}
	return x
}

// notEnforced is why mending an object that nothing enforces changes what is enforced.
const notEnforced = "nothing enforces it as it is"

// parent is the value around a field.
func (f field) parent() field {
	for i := strings.LastIndexAny(f.path, ".["); i >= 0; i = strings.LastIndexAny(f.path[:i], ".[") {
		if n := f.doc.Node(f.path[:i]); n != nil {
			return field{f.doc, n, f.path[:i]}
		}
	}
	return root(f.doc)
}
