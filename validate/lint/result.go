package lint

import (
	"cmp"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// result puts everything in order.
func (l *linter) result() *Result {
	r := &Result{Portability: l.scores}
	r.Findings, r.Suppressed = l.suppress(l.sorted())
	for i := range r.Findings {
		if doc := l.docAt(r.Findings[i].Pos); doc != nil && doc.Object == r.Findings[i].Object {
			r.Findings[i].Doc = doc
		}
	}
	l.propose(r.Findings)
	for _, s := range l.sets {
		r.Releases = append(r.Releases, s.release)
		r.Sets = append(r.Sets, PolicySet{s.release, s.docs})
	}
	for _, d := range l.docs {
		if isPolicy(d.Object) {
			r.Objects = append(r.Objects, Object{Doc: d, Object: d.Object, Pos: d.Pos, Rules: newPolicy(d, l.opt.DefaultNamespace).rules(), Leaves: l.leaves[d]})
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
	return withoutEchoes(attributed(out))
}

// attributed says each thing once, and of what only one of several CNIs makes of a standard policy, which it is.
func attributed(findings []Finding) []Finding {
	var out []Finding
	for i := 0; i < len(findings); {
		f, n, agreed := findings[i], 1, findings[i].by == ""
		for ; i+n < len(findings) && sameWords(f, findings[i+n]); n++ {
			agreed = agreed || findings[i+n].by != f.by
		}
		if !agreed && !strings.Contains(f.Message, compat.Newest(f.by).Name()) {
			f.Message = "under " + compat.Newest(f.by).Name() + ", " + f.Message
		}
		out = append(out, f)
		i += n
	}
	return out
}

func sameWords(a, b Finding) bool {
	return a.Pos == b.Pos && a.Code == b.Code && a.Path == b.Path && a.Message == b.Message
}

// causes are the codes that say why a rule or policy can never match, so that PF3014 need not say that it cannot.
var causes = map[*diag.Code]bool{diag.ServiceAddress: true, diag.FilteredLabel: true, diag.ServiceWithoutNamespace: true}

// withoutEchoes takes away what another finding about the same object says better: that a field can never match when
// something in it says why, that the CNI rejects what the API server refuses in the same place, and that fields are not
// known in a mapping that ought to be none.
func withoutEchoes(findings []Finding) []Finding {
	type place struct {
		file   string
		object diag.Object
	}
	caused, misshapen := map[place][]string{}, map[place][]string{}
	refused := map[diag.Position]bool{}
	for _, f := range findings {
		at := place{f.Pos.File, f.Object}
		switch {
		case causes[f.Code]:
			caused[at] = append(caused[at], f.Path)
		case f.Code == diag.UnknownField || f.Code == diag.WrongValue || f.Code == diag.EnterpriseOnly:
			refused[f.Pos] = true
			if strings.Contains(f.Message, "must be of type") {
				misshapen[at] = append(misshapen[at], f.Path)
			}
		}
	}
	return slices.DeleteFunc(findings, func(f Finding) bool {
		at := place{f.Pos.File, f.Object}
		switch f.Code {
		case diag.SelectsNothing:
			return slices.ContainsFunc(caused[at], func(path string) bool { return source.Within(path, f.Path) })
		case diag.NotEnforced:
			return refused[f.Pos]
		case diag.UnknownField:
			return slices.ContainsFunc(misshapen[at], func(path string) bool { return source.Within(f.Path, path) })
		}
		return false
	})
}
