package report

import (
	"github.com/policyferry/policyferry/validate/lint"
	"github.com/policyferry/policyferry/validate/lint/edit"
)

// region is a part of a file, from one character up to before another.
type region struct {
	Line, Column, EndLine, EndColumn int
	Text                             string
}

// regions are the edits of a fix as parts of the file's text.
func regions(text *edit.Text, fix *lint.Fix) []region {
	var out []region
	for _, e := range fix.Edits {
		r := region{Text: e.Text}
		r.Line, r.Column = text.Place(e.From)
		r.EndLine, r.EndColumn = text.Place(e.To)
		out = append(out, r)
	}
	return out
}

// indexed are the texts of the files by name, for regions; each is indexed once.
type indexed struct {
	data  map[string][]byte
	texts map[string]*edit.Text
}

func (run *Run) indexed() *indexed { return &indexed{run.Texts, map[string]*edit.Text{}} }

func (x *indexed) regions(f lint.Finding) []region {
	if x.texts[f.Pos.File] == nil {
		x.texts[f.Pos.File] = edit.NewText(x.data[f.Pos.File])
	}
	return regions(x.texts[f.Pos.File], f.Fix)
}

// fixLine is a fix in one line.
func fixLine(fix *lint.Fix) string {
	if fix.Unsafe != "" {
		return fix.Title + " (--fix-unsafe: " + fix.Unsafe + ")"
	}
	return fix.Title + " (--fix)"
}
