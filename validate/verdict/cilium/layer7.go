package cilium

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/validate/verdict/condition"
)

// layer7 is what a proxy asks of connections that a rule allows.
type layer7 struct {
	parser parser
	// open says that every request is allowed.
	open bool
	// sni says that serverNames are asked for, terminates that TLS is terminated.
	sni, terminates bool
	// contexts are the TLS contexts and the listener, as written.
	contexts string
	// requests, or names with how they are written, are what passes; known says that they are all that counts.
	requests         []condition.Request
	names, nameTexts []string
	known            bool
	// text is all that is asked, written in one way.
	text string
}

// parser is the proxy that a connection goes through (pkg/policy/l4.go, L7ParserType).
type parser string

const (
	parserHTTP     parser = "http"
	parserDNS      parser = "dns"
	parserTLS      parser = "tls"
	parserListener parser = "crd"
	// parserOther are the parsers that were removed in 1.20: Kafka and the generic l7 rules.
	parserOther parser = "kafka or l7"
)

// restricts reports whether the proxy may refuse a request.
func (l *layer7) restricts() bool { return l != nil && !l.open }

// opens reports whether the proxy allows every request where nothing is denied by default
// (pkg/policy/l4.go, ensureWildcard, since 1.18).
func (l *layer7) opens() bool {
	return (l.parser == parserHTTP || l.parser == parserDNS) && !l.sni && l.contexts == ""
}

// portRule is one element of toPorts.
type portRule struct {
	Ports          []portProtocol  `json:"ports"`
	TerminatingTLS json.RawMessage `json:"terminatingTLS"`
	OriginatingTLS json.RawMessage `json:"originatingTLS"`
	ServerNames    []string        `json:"serverNames"`
	Listener       json.RawMessage `json:"listener"`
	Rules          struct {
		HTTP  []httpRule        `json:"http"`
		DNS   []dnsRule         `json:"dns"`
		Kafka []json.RawMessage `json:"kafka"`
		L7    []json.RawMessage `json:"l7"`
	} `json:"rules"`
}

// everyName reports whether a pattern stands for every name. Before 1.19 only the bare star did, and others of nothing
// but stars stood for names of one label (pkg/fqdn/matchpattern/matchpattern.go, Sanitize).
func everyName(pattern string, r release) bool {
	if !r.since(1, 19) {
		return pattern == "*"
	}
	return onlyStars.MatchString(pattern)
}

var onlyStars = regexp.MustCompile(`^\*+\.?$`)

// layer7 is what the element asks for beside its ports; nil when nothing. Empty lists ask for nothing.
func (p *portRule) layer7(r release) *layer7 {
	l := &layer7{sni: len(p.ServerNames) > 0, terminates: present(p.TerminatingTLS)}
	l.contexts = string(p.TerminatingTLS) + string(p.OriginatingTLS) + string(p.Listener)
	l.known, l.text = !l.sni && l.contexts == "", p.text()
	switch {
	case present(p.Listener):
		l.parser = parserListener
	case !r.since(1, 20) && len(p.Rules.Kafka)+len(p.Rules.L7) > 0:
		l.parser = parserOther
	case len(p.Rules.DNS) > 0:
		l.parser = parserDNS
		for _, d := range p.Rules.DNS {
			l.open = l.open || everyName(d.MatchPattern, r)
			l.names, l.nameTexts = append(l.names, d.expression(r)), append(l.nameTexts, d.MatchName+d.MatchPattern)
		}
	case len(p.Rules.HTTP) > 0:
		l.parser = parserHTTP
		for _, h := range p.Rules.HTTP {
			l.open = l.open || h.Path == "" && h.Method == "" && h.Host == "" && len(h.Headers)+len(h.HeaderMatches) == 0
			request, known := h.request()
			l.requests, l.known = append(l.requests, request), l.known && known
		}
	case l.sni || l.terminates || present(p.OriginatingTLS):
		l.parser = parserTLS
	default:
		return nil
	}
	// A proxy that also looks at TLS may refuse the connection before it sees a request.
	l.open = l.open && !l.sni && l.contexts == ""
	return l
}

// text writes down what the element asks beside its ports. The order of lists says nothing.
func (p *portRule) text() string {
	var parts []string
	add := func(name string, value any) {
		if text, err := json.Marshal(value); err == nil && string(text) != "null" {
			parts = append(parts, name+" "+string(text))
		}
	}
	for _, h := range p.Rules.HTTP {
		add("http", h)
	}
	for _, d := range p.Rules.DNS {
		add("dns", d)
	}
	for _, raw := range slices.Concat(p.Rules.Kafka, p.Rules.L7) {
		add("l7", anyOf(raw))
	}
	for _, name := range p.ServerNames {
		add("server name", name)
	}
	add("terminating TLS", anyOf(p.TerminatingTLS))
	add("originating TLS", anyOf(p.OriginatingTLS))
	add("listener", anyOf(p.Listener))
	slices.Sort(parts)
	return strings.Join(slices.Compact(parts), ", ")
}

// anyOf reads a raw value, so that it is written again in one way.
func anyOf(raw json.RawMessage) any {
	var v any
	if len(raw) > 0 {
		_ = json.Unmarshal(raw, &v) // it was read before, as part of its document
	}
	return v
}

// present reports whether a field was written and not null.
func present(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }
