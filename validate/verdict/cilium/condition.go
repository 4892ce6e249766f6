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

// condition is what the proxies that the level asks let pass. For HTTP and DNS it is a set of requests or names: the
// proxy for HTTP joins all rules that hold for a connection, that for DNS those of one port (see relieves). Whatever
// else proxies do is only told apart by how it is written, and so is what they make of rules of later levels.
func (l *level) condition(later []matched) *condition.Condition {
	first := l.proxied[0]
	plain := len(later) == 0 && !slices.ContainsFunc(l.proxied, func(m matched) bool {
		return m.layer7.parser != first.layer7.parser || !m.layer7.known
	})
	switch parser := first.layer7.parser; {
	case plain && parser == parserHTTP:
		var requests []condition.Request
		for _, m := range l.proxied {
			requests = append(requests, m.layer7.requests...)
		}
		return condition.Requests(requests)
	case plain && parser == parserDNS && l.onePort():
		var expressions, texts []string
		for _, m := range l.proxied {
			expressions, texts = append(expressions, m.layer7.names...), append(texts, m.layer7.nameTexts...)
		}
		return condition.Names(expressions, texts)
	}
	var texts, details []string
	for _, m := range l.proxied {
		texts = append(texts, m.layer7.text)
	}
	for _, m := range slices.Concat(l.plain, l.proxied, later) {
		details = append(details, m.String())
	}
	return condition.Other(texts, details)
}

// onePort reports whether all matches of the level are for the same ports.
func (l *level) onePort() bool {
	return !slices.ContainsFunc(slices.Concat(l.plain, l.proxied), func(m matched) bool {
		return !m.samePort(l.proxied[0].portMatch)
	})
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
