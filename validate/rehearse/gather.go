package rehearse

import (
	"cmp"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/lint"
)

// gather puts the findings of all steps in order, and says which of them block and which are accepted.
func (e *estate) gather() {
	slices.SortStableFunc(e.findings, func(a, b found) int {
		switch {
		case a.Pos.Before(b.Pos):
			return -1
		case b.Pos.Before(a.Pos):
			return 1
		}
		return cmp.Or(strings.Compare(a.Code.ID, b.Code.ID), strings.Compare(a.Path, b.Path), strings.Compare(a.Message, b.Message))
	})
	e.findings = slices.CompactFunc(e.findings, func(a, b found) bool {
		return a.Pos == b.Pos && a.Code == b.Code && a.Path == b.Path && a.Message == b.Message && a.Object == b.Object
	})
	for _, f := range e.findings {
		e.Findings = append(e.Findings, newFinding(f))
	}
	fingerprint(e.Findings)
	e.accept()
}

func newFinding(f found) Finding {
	return Finding{
		Code: f.Code.ID, Name: f.Code.Name, Severity: f.Code.Severity.String(), Effect: string(f.Effect()), Step: f.step,
		Position: f.Pos, Object: f.Object, Path: f.Path, Message: f.Message, Hint: f.Hint, Related: f.Related, Blocks: blocks(f.Finding),
	}
}

// fingerprint names findings as lint does, so that they are known again when lines have moved.
func fingerprint(findings []Finding) {
	list := make([]lint.Finding, len(findings))
	for i, f := range findings {
		code, _ := diag.Lookup(f.Code)
		list[i] = lint.Finding{Finding: diag.Finding{Code: code, Pos: f.Position, Object: f.Object, Path: f.Path}}
	}
	for i, name := range lint.Fingerprints(list) {
		findings[i].Fingerprint = name
	}
}

// blockers gathers what blocks and is not accepted, by code: what opens first, then by number.
func (e *Estate) blockers() {
	byCode := map[string]*Blocker{}
	var order []string
	for _, f := range e.Findings {
		if !f.Blocks || f.Acceptance > 0 {
			continue
		}
		b := byCode[f.Code]
		if b == nil {
			code, _ := diag.Lookup(f.Code)
			b = &Blocker{Code: f.Code, Name: f.Name, Title: code.Title, Effect: f.Effect, Objects: []string{}, Ways: []string{}}
			byCode[f.Code] = b
			order = append(order, f.Code)
		}
		b.take(f)
	}
	e.Blockers = []Blocker{}
	for _, code := range order {
		e.Blockers = append(e.Blockers, *byCode[code])
	}
	slices.SortStableFunc(e.Blockers, func(a, b Blocker) int {
		return cmp.Or(weight(a.Effect)-weight(b.Effect), b.Count-a.Count, strings.Compare(a.Code, b.Code))
	})
}

func (b *Blocker) take(f Finding) {
	b.Count++
	if f.New {
		b.New++
	}
	if weight(f.Effect) < weight(b.Effect) {
		b.Effect = f.Effect
	}
	if name := f.Object.String(); f.Object != (diag.Object{}) && !slices.Contains(b.Objects, name) {
		b.Objects = append(b.Objects, name)
	}
	if f.Hint != "" && !slices.Contains(b.Ways, f.Hint) {
		b.Ways = append(b.Ways, f.Hint)
	}
}

// weight orders effects by how much they matter.
func weight(effect string) int {
	return slices.Index([]string{string(diag.Opens), string(diag.Refused), string(diag.Narrows), string(diag.Inert), string(diag.Exact)}, effect)
}

// compareWith marks the blockers that an earlier run does not have.
func (e *Estate) compareWith(baseline *Result) {
	known := map[string]bool{}
	if baseline != nil {
		for _, other := range baseline.Estates {
			if other.Name != e.Name {
				continue
			}
			for _, f := range other.Findings {
				known[f.Fingerprint] = known[f.Fingerprint] || f.Blocks && f.Acceptance == 0
			}
		}
	}
	for i := range e.Findings {
		f := &e.Findings[i]
		f.New = baseline != nil && f.Blocks && f.Acceptance == 0 && !known[f.Fingerprint]
	}
	e.blockers()
}

func newBlockers(e *Estate) int {
	n := 0
	for _, b := range e.Blockers {
		n += b.New
	}
	return n
}
