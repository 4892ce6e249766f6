package calico

import (
	"slices"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
)

// requests is the http match of the rule; none if it has none, or if nothing enforces it. Felix ignores it
// (felix/rules/policy.go has no such match), only application-layer policy looks at it. Where it is not known
// whether that runs, the match is kept: what is then allowed is less. False if no request matches.
func (l *ruleLowering) requests() ([]model.HTTPMatch, bool) {
	h := l.rule.HTTP
	if h == nil || len(h.Methods)+len(h.Paths) == 0 {
		return nil, true
	}
	runs := l.space.facts.Calico.ApplicationLayerPolicy
	if runs != nil {
		l.env.Relied.On(cluster.FactApplicationLayerPolicy)
	}
	switch {
	case runs != nil && !*runs:
		f := diag.Layer7.At(l.policy.doc.Position(l.path+".http"), l.object, l.path+".http",
			"nothing enforces the http match, so Calico matches every request, and so does the output").
			WithHint("state calico.applicationLayerPolicy: true to carry the match")
		f.Override = diag.Exact
		l.env.Findings.Add(f)
		return nil, true
	case runs == nil:
		l.note(diag.Layer7, ".http", cluster.FactApplicationLayerPolicy.Hint(),
			"without application-layer policy Calico matches every request here, and the output matches only the ones described")
	}
	return l.httpMatches(h)
}

// httpMatches is every method with every path; false if none of the paths can be one of a request.
func (l *ruleLowering) httpMatches(h *apiv3.HTTPMatch) ([]model.HTTPMatch, bool) {
	methods := h.Methods
	if len(methods) == 0 {
		methods = []string{"*"}
	}
	paths := []model.HTTPMatch{{}}
	if len(h.Paths) > 0 {
		paths = l.httpPaths(h.Paths)
	}
	var out []model.HTTPMatch
	for _, m := range methods {
		for _, p := range paths {
			if m != "*" {
				p.Method = m
			}
			if !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out, len(out) > 0
}
