package cilium

import (
	"encoding/json"
	"regexp"
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
		HTTP []struct {
			Path          string            `json:"path"`
			Method        string            `json:"method"`
			Host          string            `json:"host"`
			Headers       []string          `json:"headers"`
			HeaderMatches []json.RawMessage `json:"headerMatches"`
		} `json:"http"`
		DNS []struct {
			MatchPattern string `json:"matchPattern"`
		} `json:"dns"`
		Kafka []json.RawMessage `json:"kafka"`
		L7    []json.RawMessage `json:"l7"`
	} `json:"rules"`
}

// everyName matches the patterns that stand for every name (pkg/fqdn/matchpattern/matchpattern.go).
var everyName = regexp.MustCompile(`^\*+\.?$`)

// layer7 is what the element asks for beside its ports; nil when nothing. Empty lists ask for nothing.
func (p *portRule) layer7(r release) *layer7 {
	l := &layer7{sni: len(p.ServerNames) > 0, terminates: present(p.TerminatingTLS)}
	l.contexts = string(p.TerminatingTLS) + string(p.OriginatingTLS) + string(p.Listener)
	switch {
	case present(p.Listener):
		l.parser = parserListener
	case !r.since(1, 20) && len(p.Rules.Kafka)+len(p.Rules.L7) > 0:
		l.parser = parserOther
	case len(p.Rules.DNS) > 0:
		l.parser = parserDNS
		for _, d := range p.Rules.DNS {
			l.open = l.open || everyName.MatchString(d.MatchPattern)
		}
	case len(p.Rules.HTTP) > 0:
		l.parser = parserHTTP
		for _, h := range p.Rules.HTTP {
			l.open = l.open || h.Path == "" && h.Method == "" && h.Host == "" && len(h.Headers)+len(h.HeaderMatches) == 0
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

// present reports whether a field was written and not null.
func present(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }
