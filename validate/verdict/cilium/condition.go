package cilium

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/validate/verdict/condition"
)

// matched is a way in which a rule matches a connection.
type matched struct {
	*portMatch
	rule *rule
}

// ways are those in which a rule matches.
func ways(matches []*portMatch, r *rule) []matched {
	var out []matched
	for _, m := range matches {
		out = append(out, matched{m, r})
	}
	return out
}

// inside is what the proxies let pass that the first of the levels asks. For HTTP and DNS it is a set of requests or
// names; whatever else proxies do is only told apart by how it is written.
func inside(levels []*level) *condition.Condition {
	if list, known := requests(levels); known {
		return condition.Requests(list)
	}
	if expressions, texts, known := queries(levels); known {
		return condition.Names(expressions, texts)
	}
	var texts, details []string
	for _, m := range levels[0].proxied {
		texts = append(texts, m.layer7.text)
	}
	for _, l := range levels {
		for _, m := range slices.Concat(l.plain, l.proxied, l.refused) {
			details = append(details, m.String())
		}
	}
	return condition.Other(texts, details)
}

// requests are what the proxy for HTTP lets pass; false if another one is asked, or more than requests. It joins the
// rules of a level that hold for the connection. A request that they do not let pass is a matter for the level below,
// where a rule without requests is for every request (pkg/envoy/model.go, GetDirectionNetworkPolicy, and
// PortNetworkPolicyRules::forEachRule in cilium/network_policy.cc of cilium/proxy).
func requests(levels []*level) ([]condition.Request, bool) {
	var out []condition.Request
	for _, l := range levels {
		switch {
		case len(l.denies) > 0:
			return out, true
		case l.unknown != "" || slices.ContainsFunc(l.proxied, func(m matched) bool { return !m.layer7.known || m.layer7.parser != parserHTTP }):
			return nil, false
		case len(l.plain) > 0:
			return append(out, condition.Request{}), true
		}
		for _, m := range l.proxied {
			out = append(out, m.layer7.requests...)
		}
	}
	return out, true
}

// queries are the names that the proxy for DNS lets pass; false if that is not known. It has the rules of one tier for
// one port, as it is written (pkg/endpoint/bpf.go, addNewRedirects).
func queries(levels []*level) (expressions, texts []string, known bool) {
	first := levels[0]
	for _, m := range first.proxied {
		if m.layer7.parser != parserDNS || !m.layer7.known || !m.samePort(first.proxied[0].portMatch) {
			return nil, nil, false
		}
		expressions, texts = append(expressions, m.layer7.names...), append(texts, m.layer7.nameTexts...)
	}
	for _, l := range levels[1:] {
		if len(l.proxied) > 0 || l.tier == first.tier && len(l.plain)+len(l.refused) > 0 {
			return nil, nil, false
		}
	}
	return expressions, texts, true
}

// String is the same for ways to match between which no proxy can tell. Secrets and listeners are looked up in the
// namespace of the policy.
func (m matched) String() string {
	text := "without a proxy"
	if m.layer7 != nil {
		text = fmt.Sprintf("%s (namespace %q)", m.layer7.text, m.rule.doc.Object.Namespace)
	}
	var from []string
	for _, p := range m.rule.peers.list {
		from = append(from, p.String())
	}
	return fmt.Sprintf("tier %d, priority %v, action %d: %s on protocol %d, port %d-%d%s, peers %s",
		m.rule.tier, m.rule.priority, m.rule.action, text, m.protocol, m.low, m.high, m.name, strings.Join(from, " or "))
}

// httpRule is an element of rules.http.
type httpRule struct {
	Path          string   `json:"path,omitempty"`
	Method        string   `json:"method,omitempty"`
	Host          string   `json:"host,omitempty"`
	Headers       []string `json:"headers,omitempty"`
	HeaderMatches []struct {
		Name     string          `json:"name"`
		Value    string          `json:"value,omitempty"`
		Mismatch string          `json:"mismatch,omitempty"`
		Secret   json.RawMessage `json:"secret,omitempty"`
	} `json:"headerMatches,omitempty"`
}

// request is what the rule asks of requests; false if that depends on a secret or changes the request. A header is
// asked for by name, or with a value behind a blank (pkg/envoy/policy/envoy_l7_rules_translator.go, getHTTPRule).
// Envoy takes an empty value for any, which is left open here.
func (h *httpRule) request() (condition.Request, bool) {
	out := condition.Request{Method: h.Method, Host: h.Host, Path: h.Path}
	known := true
	for _, text := range h.Headers {
		name, value, valued := strings.Cut(text, " ")
		if valued {
			name = strings.TrimRight(name, ":")
			known = known && value != ""
		}
		out.Headers = append(out.Headers, condition.Header{Name: name, Value: value})
	}
	for _, m := range h.HeaderMatches {
		known = known && m.Mismatch == "" && !present(m.Secret)
		out.Headers = append(out.Headers, condition.Header{Name: m.Name, Value: m.Value})
	}
	return out, known
}

// dnsRule is an element of rules.dns.
type dnsRule struct {
	MatchName    string `json:"matchName,omitempty"`
	MatchPattern string `json:"matchPattern,omitempty"`
}

var stars = regexp.MustCompile(`\*+`)

// expression is that of the names that the rule admits (pkg/fqdn/matchpattern/matchpattern.go, ToAnchoredRegexp). Two
// stars in front stand for whole labels since 1.19.
func (d *dnsRule) expression(r release) string {
	const label = "[-a-z0-9_]"
	if d.MatchName != "" {
		return regexp.QuoteMeta(complete(d.MatchName))
	}
	pattern := complete(d.MatchPattern)
	labels := ""
	if rest := strings.TrimLeft(pattern, "*"); len(pattern)-len(rest) > 1 && strings.HasPrefix(rest, ".") && r.since(1, 19) {
		labels, pattern = "("+label+"+([.]"+label+"+)*)[.]", rest[1:]
	}
	return labels + stars.ReplaceAllString(strings.ReplaceAll(pattern, ".", "[.]"), label+"*")
}

// complete writes a name as the proxy compares it: in lower case, with the last dot.
func complete(name string) string {
	return strings.TrimSuffix(strings.ToLower(strings.TrimSpace(name)), ".") + "."
}
