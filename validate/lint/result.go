package lint

import (
	"cmp"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
)

// result puts everything in order.
func (l *linter) result() *Result {
	r := &Result{Findings: l.sorted(), Portability: l.scores}
	for _, s := range l.sets {
		r.Releases = append(r.Releases, s.release)
	}
	for _, d := range l.docs {
		if isPolicy(d.Object) {
			r.Objects = append(r.Objects, Object{Object: d.Object, Pos: d.Pos, Rules: newPolicy(d, l.opt.DefaultNamespace).rules(), Leaves: l.leaves[d]})
		}
	}
	return r
}

// sorted orders the findings by place and says each thing once: a standard policy may have been judged in two sets,
// and reading a set may say in general what a rule says in particular.
func (l *linter) sorted() []Finding {
	out := slices.Clone(l.found)
	slices.SortStableFunc(out, func(a, b Finding) int {
		switch {
		case a.Pos.Before(b.Pos):
			return -1
		case b.Pos.Before(a.Pos):
			return 1
		}
		return cmp.Or(strings.Compare(a.Code.ID, b.Code.ID), strings.Compare(a.Path, b.Path), strings.Compare(a.Message, b.Message),
			strings.Compare(a.Object.String(), b.Object.String()), strings.Compare(string(a.Topic), string(b.Topic)))
	})
	out = slices.CompactFunc(out, func(a, b Finding) bool {
		return a.Pos == b.Pos && a.Code == b.Code && a.Path == b.Path && a.Message == b.Message
	})
	return withoutEchoes(out)
}

// echoes are the codes that say in general what another code says in particular about the same field.
var echoes = map[*diag.Code][]*diag.Code{
	diag.SelectsNothing:  {diag.ServiceAddress, diag.FilteredLabel},
	diag.NotEnforced:     {diag.UnknownField, diag.WrongValue, diag.EnterpriseOnly},
	diag.DuplicateObject: {diag.DuplicateObject},
}

// withoutEchoes takes away what another finding at the same place says better.
func withoutEchoes(findings []Finding) []Finding {
	type place struct {
		code *diag.Code
		pos  diag.Position
	}
	at := map[place]bool{}
	for _, f := range findings {
		at[place{f.Code, f.Pos}] = true
	}
	told := map[place]bool{}
	return slices.DeleteFunc(findings, func(f Finding) bool {
		for _, better := range echoes[f.Code] {
			if better != f.Code && at[place{better, f.Pos}] || better == f.Code && told[place{f.Code, f.Pos}] {
				return true
			}
		}
		told[place{f.Code, f.Pos}] = true
		return false
	})
}
