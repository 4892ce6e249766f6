package cilium

import (
	"regexp"
	"strings"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/source"
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
		case m.PathPrefix != "":
			r.Path = regexp.QuoteMeta(m.PathPrefix) + ".*"
		}
		rules.HTTP = append(rules.HTTP, r)
	}
	return rules
}

// layer7 lowers what an element of toPorts asks beyond ports.
func (r *ruleReader) layer7(p portRule, path string, flows []flow) []flow {
	for _, field := range []struct {
		name  string
		given bool
	}{{"terminatingTLS", p.TerminatingTLS != nil}, {"originatingTLS", p.OriginatingTLS != nil},
		{"serverNames", len(p.ServerNames) > 0}, {"listener", p.Listener != nil}} {
		if field.given {
			r.report(diag.TLS, source.Field(path, field.name), "open the port alone if that is enough",
				"%s holds traffic to more than its port, which the target cannot", field.name)
			flows = doubtful(flows, diag.TLS)
		}
	}
	if p.Rules == nil {
		return flows
	}
	at := source.Field(path, "rules")
	switch {
	case len(p.Rules.Kafka) > 0 || p.Rules.L7Proto != "":
		r.report(diag.Layer7, at, "open the port alone if that is enough", "rules for %s have no counterpart", orKafka(p.Rules.L7Proto))
		return doubtful(flows, diag.Layer7)
	case len(p.Rules.DNS) > 0:
		return r.dns(p.Rules.DNS, source.Field(at, "dns"), flows)
	case len(p.Rules.HTTP) > 0:
		return r.http(p.Rules.HTTP, source.Field(at, "http"), flows)
	}
	return flows
}

func orKafka(proto string) string {
	if proto == "" {
		return "kafka"
	}
	return proto
}

// proxyDrops is what the proxy takes away where nothing is denied by default: before 1.18 it drops every request that
// the rules do not admit, although the port would be open without them; since, it lets them pass
// (pkg/policy/l4.go, ensureWildcard). Nil if it drops nothing.
func (r *ruleReader) proxyDrops(e *readElement, rule *model.Rule) *model.Rule {
	if e.action != model.Allow || r.v.AtLeast(1, 18) {
		return nil
	}
	out := &model.Rule{Origin: rule.Origin, Action: model.Deny}
	add := func(b model.Box) {
		b.HTTP = nil
		out.Doubts = append(out.Doubts, model.Doubt{Box: b, Code: diag.Layer7})
	}
	for _, b := range rule.Matches {
		if len(b.HTTP) > 0 {
			add(b)
		}
	}
	for _, d := range rule.Doubts {
		if d.Code == diag.Layer7 {
			add(d.Box)
		}
	}
	if len(out.Doubts) == 0 {
		return nil
	}
	return out
}

// doubtful copies flows with a doubt.
func doubtful(flows []flow, code *diag.Code) []flow {
	out := make([]flow, len(flows))
	for i, f := range flows {
		if f.doubt == nil {
			f.doubt = code
		}
		out[i] = f
	}
	return out
}

// dns lowers rules on DNS queries. A pattern that admits every name leaves a rule on ports
// (pkg/fqdn/matchpattern/matchpattern.go); such rules are written so that toFQDNs learns addresses.
func (r *ruleReader) dns(names []fqdn, path string, flows []flow) []flow {
	for _, n := range names {
		if r.everyName(n.MatchPattern) {
			r.remark(diag.Layer7, diag.Exact, path, "", "DNS rules that admit every name are carried as the port alone")
			return flows
		}
	}
	r.report(diag.Layer7, path, "admit every name with matchPattern \"*\" if that is enough", "rules on DNS names have no counterpart")
	return doubtful(flows, diag.Layer7)
}

// everyName reports whether a pattern admits every name. Since 1.19 one of nothing but stars does, with a final dot or
// without; before, only the bare star did, and the others stood for names of one label (Sanitize and ToAnchoredRegexp in
// pkg/fqdn/matchpattern/matchpattern.go).
func (r *ruleReader) everyName(pattern string) bool {
	if !r.v.AtLeast(1, 19) {
		return pattern == "*"
	}
	stars := strings.TrimSuffix(pattern, ".")
	return stars != "" && strings.Trim(stars, "*") == ""
}

// http lowers rules on requests: those that only name a method and a plain path have a counterpart.
func (r *ruleReader) http(rules []httpRule, path string, flows []flow) []flow {
	var plain []model.HTTPMatch
	exact := true
	for i, h := range rules {
		m, ok := plainHTTP(h)
		switch {
		case ok && m == (model.HTTPMatch{}):
			r.remark(diag.Layer7, diag.Exact, source.Item(path, i), "",
				"the rule admits every HTTP request, so it is carried as the port alone; that the traffic must be HTTP is not")
			return flows
		case ok:
			plain = append(plain, m)
		default:
			exact = false
			r.report(diag.Layer7, source.Item(path, i), "use a method, and a path such as /api/.* or /status([?#].*)?",
				"the rule matches requests by more than a method and a plain path")
		}
	}
	var out []flow
	for _, f := range flows {
		if len(plain) > 0 && f.doubt == nil {
			sure := f
			sure.http = plain
			out = append(out, sure)
		}
	}
	if !exact {
		out = append(out, doubtful(flows, diag.Layer7)...)
	}
	return out
}

// plainHTTP is a request match without regular expressions; false if the rule is more than that. The expression for a
// path is held against the path with its query, so that a bare literal does not match what the target would.
func plainHTTP(h httpRule) (model.HTTPMatch, bool) {
	var m model.HTTPMatch
	if h.Host != "" || len(h.Headers)+len(h.HeaderMatches) > 0 || !literal(h.Method) {
		return m, false
	}
	m.Method = h.Method
	switch path := h.Path; {
	case path == "" || path == ".*" || path == "/.*":
	case strings.HasSuffix(path, `(\?.*)?`):
		m.Path = unquoted(strings.TrimSuffix(path, `(\?.*)?`))
	case strings.HasSuffix(path, `([?#].*)?`):
		m.Path = unquoted(strings.TrimSuffix(path, `([?#].*)?`))
	case strings.HasSuffix(path, ".*"):
		m.PathPrefix = unquoted(strings.TrimSuffix(path, ".*"))
	default:
		return m, false
	}
	if m.Path == "" && m.PathPrefix == "" && h.Path != "" && h.Path != ".*" && h.Path != "/.*" {
		return m, false
	}
	return m, true
}

func literal(expr string) bool { return regexp.QuoteMeta(expr) == expr }

// unquoted is the text that an expression without operators stands for; empty if it has some.
func unquoted(expr string) string {
	var b strings.Builder
	for i := 0; i < len(expr); i++ {
		if expr[i] == '\\' && i+1 < len(expr) {
			i++
		}
		b.WriteByte(expr[i])
	}
	if regexp.QuoteMeta(b.String()) != expr {
		return ""
	}
	return b.String()
}
