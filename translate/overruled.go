package translate

import (
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/source"
)

// overruled says of findings that tell what an allow leaves out that the user had it taken in: their effect is then not
// that the output is narrower, but that it may be wider. A doubt that has no finding in its own object, because the
// finding is about the set, makes every such finding say so.
func (t *translation) overruled(set *model.Set) {
	if len(t.env.Accepted) == 0 {
		return
	}
	for _, tier := range set.Tiers {
		for _, p := range tier.Policies {
			for _, s := range p.Sections {
				if s == nil {
					continue
				}
				for _, r := range s.Rules {
					t.overruledIn(r)
				}
			}
		}
	}
}

func (t *translation) overruledIn(r *model.Rule) {
	if r.Action != model.Allow {
		return // denies and passes take doubts in whatever is accepted
	}
	for _, d := range r.Doubts {
		if d.Code == nil || !t.env.Accepted[d.Code.ID] {
			continue
		}
		here := func(f *diag.Finding) bool {
			return f.Code == d.Code && f.Object == r.Object && (source.Within(f.Path, r.Path) || source.Within(r.Path, f.Path))
		}
		if t.findings.Update(here, overrule) == 0 {
			t.findings.Update(func(f *diag.Finding) bool { return f.Code == d.Code }, overrule)
		}
	}
}

// overrule makes a finding that narrows one that opens.
func overrule(f *diag.Finding) {
	if f.Effect() != diag.Narrows {
		return
	}
	f.Override = diag.Opens
	f.Message += "; this code is accepted, so the output allows that part all the same, and with it perhaps what the source denies"
}
