package schema

import (
	"github.com/policyferry/policyferry/translate"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// Enforced says why a release would not enforce a source document as it stands. It serves translate.Options.Enforced.
// Fields that the release ignores while it enforces the rest are not among the reasons: lowering reads them as the
// release does. A Profile has no definition: Calico's API server makes it up from a namespace or service account.
func Enforced(doc *source.Document, release compat.Release, facts *cluster.Facts) []translate.Problem {
	if doc.Object.APIVersion == "projectcalico.org/v3" && doc.Object.Kind == "Profile" {
		return nil
	}
	text, err := doc.JSON()
	if err != nil {
		return []translate.Problem{{Message: err.Error(), Code: diag.WrongValue}}
	}
	var out []translate.Problem
	for _, p := range ValidateJSON(text, Target{Release: release, Cilium: facts.Cilium}) {
		if p.Cause != PartIgnored {
			out = append(out, translate.Problem{Path: p.Path, Message: p.Message, Code: codeOf(p), Hint: p.Hint})
		}
	}
	return out
}

// Accepts says why a release would not accept and enforce all of an object of the output, given as JSON. It serves
// translate.Options.Accepts.
func Accepts(object []byte, release compat.Release, facts *cluster.Facts) []translate.Problem {
	var out []translate.Problem
	for _, p := range ValidateJSON(object, Target{Release: release, Cilium: facts.Cilium}) {
		out = append(out, translate.Problem{Path: p.Path, Message: p.Message, Code: codeOf(p), Hint: p.Hint})
	}
	return out
}

func codeOf(p Problem) *diag.Code {
	switch p.Cause {
	case UnknownField:
		return diag.UnknownField
	case WrongValue:
		return diag.WrongValue
	}
	return diag.NotEnforced
}
