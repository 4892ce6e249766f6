package cilium

import (
	"regexp"
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/traffic"
)

// fitHTTP decides whether Cilium can hold requests to the matches of a box: allow rules on TCP of pods, through the
// proxy (pkg/policy/api/rule_validation.go).
func (d *dialect) fitHTTP(f *fitted, class model.Class, dir model.Direction, action model.Action) {
	if len(f.lower.HTTP) == 0 {
		return
	}
	tcp := traffic.Protocol(traffic.ProtoTCP)
	if action == model.Allow && d.l7Proxy() && class == model.PodSubjects && tcp.Covers(f.lower.Traffic) {
		return
	}
	f.lower.Traffic = traffic.Set{}
	f.upper.HTTP = nil
	what := "Cilium matches HTTP requests only in allow rules on TCP"
	if !d.l7Proxy() {
		what = "Cilium matches HTTP requests only with its L7 proxy, which is off"
	}
	f.why = append(f.why, reason{code: diag.Layer7, what: what, hint: "match the port alone if that is enough"})
}

// raiseHTTP writes request matches. Envoy anchors both expressions over the whole value (pkg/policy/api/http.go), and
// the path that it sees still has its query.
func raiseHTTP(matches []model.HTTPMatch) *l7Rules {
	rules := &l7Rules{}
	for _, m := range matches {
		r := httpRule{Method: regexp.QuoteMeta(m.Method)}
		switch {
		case m.Path != "":
			r.Path = regexp.QuoteMeta(m.Path) + `([?#].*)?`
		case strings.HasSuffix(m.PathPrefix, "/"):
			r.Path = regexp.QuoteMeta(m.PathPrefix) + ".*"
		case m.PathPrefix != "":
			r.Path = regexp.QuoteMeta(m.PathPrefix) + `([/?#].*)?`
		}
		rules.HTTP = append(rules.HTTP, r)
	}
	return rules
}
