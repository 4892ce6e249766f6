package lint

import (
	"bytes"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/lint/edit"
)

// fixIgnoreUnused deletes the comment, with its line if there is nothing else on it.
var fixIgnoreUnused = fixer{diag.IgnoreUnused, func(l *linter, f Finding, _ field) *Fix {
	data := l.opt.Texts[f.Pos.File]
	from, err := edit.NewText(data).Offset(f.Pos.Line, f.Pos.Column)
	if err != nil || from >= len(data) || data[from] != '#' {
		return nil
	}
	to := len(data)
	if i := bytes.IndexByte(data[from:], '\n'); i >= 0 {
		to = from + i
	}
	end := to
	if to > from && data[to-1] == '\r' {
		to--
	}
	start := len(bytes.TrimRight(data[:from], " \t"))
	if start == 0 || data[start-1] == '\n' {
		to = min(end+1, len(data)) // the whole line
	}
	return &Fix{Title: "delete the comment", Changes: []edit.Change{{Kind: edit.Cut, Edit: edit.Edit{From: start, To: to}}}}
}}
