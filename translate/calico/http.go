package calico

import (
	"strings"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
)

// requests is the http match of the rule; nil if it has none, or if nothing enforces it. Felix ignores it
// (felix/rules/policy.go has no such match), only application-layer policy looks at it. Where it is not known
// whether that runs, the match is kept: what is then allowed is less.
func (l *ruleLowering) requests() []model.HTTPMatch {
	h := l.rule.HTTP
	if h == nil || len(h.Methods)+len(h.Paths) == 0 {
		return nil
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
		return nil
	case runs == nil:
		l.note(diag.Layer7, ".http", cluster.FactApplicationLayerPolicy.Hint(),
			"without application-layer policy Calico matches every request here, and the output matches only the ones described")
	}
	return l.httpMatches(h)
}

// httpMatches is every method with every path.
func (l *ruleLowering) httpMatches(h *apiv3.HTTPMatch) []model.HTTPMatch {
	methods := h.Methods
	if len(methods) == 0 {
		methods = []string{"*"}
	}
	var paths []model.HTTPMatch
	for _, p := range h.Paths {
		switch {
		case p.Exact != "":
			paths = append(paths, l.exact(p.Exact)...)
		case p.Prefix != "":
			paths = append(paths, l.prefixes(p.Prefix)...)
		}
	}
	if len(paths) == 0 {
		paths = []model.HTTPMatch{{}}
	}
	var out []model.HTTPMatch
	for _, m := range methods {
		for _, p := range paths {
			if m != "*" {
				p.Method = m
			}
			out = append(out, p)
		}
	}
	return out
}

// exact says a path. Where paths are normalised it is that with a slash at its end, too.
func (l *ruleLowering) exact(path string) []model.HTTPMatch {
	if path == "/" || !l.normalises(path) {
		return []model.HTTPMatch{{Path: path}}
	}
	path = strings.TrimSuffix(path, "/")
	return []model.HTTPMatch{{Path: path}, {Path: path + "/"}}
}

// prefixes says a path prefix. Where paths are normalised it ends at a segment, so that /api does not match /apix; before
// it was plain text (app-policy/checker/match.go).
func (l *ruleLowering) prefixes(prefix string) []model.HTTPMatch {
	if prefix == "/" || !l.normalises(prefix) {
		return []model.HTTPMatch{{PathPrefix: prefix}}
	}
	prefix = strings.TrimSuffix(prefix, "/")
	return []model.HTTPMatch{{Path: prefix}, {PathPrefix: prefix + "/"}}
}

// normalises reports whether the release compares a path in its normal form. One that is not in it, but for a slash at
// its end, stays as it is written: what stands for it in a request is normalised on both sides.
func (l *ruleLowering) normalises(path string) bool {
	return compat.NormalisesPaths(l.env.Source) && compat.NormalPath(path)
}
