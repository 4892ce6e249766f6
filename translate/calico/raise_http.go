package calico

import (
	"slices"

	"github.com/policyferry/policyferry/translate/model"
)

// httpRules writes requests, methods with the same paths together: Calico matches every method of a rule with every
// path of it. Without requests there is one rule without a match.
func httpRules(requests []model.HTTPMatch) []*httpMatch {
	if len(requests) == 0 {
		return []*httpMatch{nil}
	}
	type byMethod struct {
		method   string
		paths    []httpPath
		anywhere bool
	}
	var methods []*byMethod
	for _, r := range requests {
		i := slices.IndexFunc(methods, func(m *byMethod) bool { return m.method == r.Method })
		if i < 0 {
			methods = append(methods, &byMethod{method: r.Method})
			i = len(methods) - 1
		}
		if p := (httpPath{Exact: r.Path, Prefix: r.PathPrefix}); p == (httpPath{}) {
			methods[i].anywhere = true
		} else {
			methods[i].paths = append(methods[i].paths, p)
		}
	}
	var out []*httpMatch
	for _, m := range methods {
		h := &httpMatch{}
		if m.method != "" {
			h.Methods = []string{m.method}
		}
		if !m.anywhere {
			h.Paths = m.paths
		}
		if len(h.Methods)+len(h.Paths) == 0 {
			return []*httpMatch{nil} // every request
		}
		i := slices.IndexFunc(out, func(o *httpMatch) bool {
			return len(o.Methods) > 0 && len(h.Methods) > 0 && slices.Equal(o.Paths, h.Paths)
		})
		if i < 0 {
			out = append(out, h)
			continue
		}
		out[i].Methods = append(out[i].Methods, m.method)
	}
	return out
}
