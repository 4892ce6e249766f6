package calico

import (
	"regexp"
	"strings"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"

	"github.com/policyferry/policyferry/validate/verdict"
	"github.com/policyferry/policyferry/validate/verdict/condition"
)

// requests is what an http match fits: every method with every path, and whatever it does not list. False for paths that
// only a raw object can have, and for those that stand for requests with escapes.
func (c *compiler) requests(h *apiv3.HTTPMatch) ([]condition.Request, bool) {
	methods := []string{""}
	if len(h.Methods) > 0 {
		methods = nil
	}
	for _, m := range h.Methods {
		if m == "*" {
			m = ""
		}
		methods = append(methods, regexp.QuoteMeta(m))
	}
	paths := []string{""}
	if len(h.Paths) > 0 {
		paths = nil
	}
	for _, p := range h.Paths {
		if (p.Exact == "") == (p.Prefix == "") || strings.ContainsAny(p.Exact+p.Prefix, "?#") {
			return nil, false
		}
		text, known := c.path(p.Exact, p.Prefix)
		if !known {
			return nil, false
		}
		paths = append(paths, text)
	}
	normal := c.version.normalisesPaths() && len(h.Paths) > 0
	var out []condition.Request
	for _, method := range methods {
		for _, path := range paths {
			out = append(out, condition.Request{Method: method, Path: path, Normal: normal})
		}
	}
	return out, true
}

// path is the expression of an exact path or a prefix, which are compared without query and fragment. A prefix was plain
// text until paths were normalised; since then it ends at a segment, and a slash at the end of a path says nothing
// (app-policy/checker/match.go, matchHTTPMethods and matchHTTPPaths). False for a path whose normal form needs escapes.
func (c *compiler) path(exact, prefix string) (string, bool) {
	written := exact + prefix
	normal := c.version.normalisesPaths()
	if normal {
		var ok bool
		if written, ok = normalForm(written); !ok {
			return noPath, true
		}
	}
	switch {
	case normal && !condition.NormalPath(written):
		return "", false
	case normal && written != "/":
		text := regexp.QuoteMeta(written)
		if exact != "" {
			return text + `/?([?#].*)?`, true
		}
		return text + `([/?#].*)?`, true
	case exact != "":
		return regexp.QuoteMeta(written) + `([?#].*)?`, true
	}
	return regexp.QuoteMeta(written) + ".*", true
}

// passedOver are the rules with an http match that fit a packet otherwise, on a walk on which no request fits them.
type passedOver struct {
	requests []condition.Request
	// unsure says that they are not all that counts.
	unsure bool
	// others says that one of the rules does something else than allow, as only a raw object can have it.
	others bool
}

// add remembers a rule.
func (o *passedOver) add(r *rule, p *packet) {
	switch {
	case r.matches(p):
		o.requests = append(o.requests, r.requests...)
		o.unsure = o.unsure || !r.requestsKnown
		o.others = o.others || r.action != actionAllow
	case r.shadow != nil && r.shadow.matches(p):
		o.unsure = true
	}
}

// condition is what passes where without the requests nothing does. Only the proxies of pods look at requests, and
// only at those that come in over TCP.
func (o *passedOver) condition(ep *endpoint, d direction, p *packet, without outcome) *condition.Condition {
	if o.unsure || o.others || without.action != verdict.Deny || ep.host != nil || d != ingress || p.protocol != protocolTCP {
		return nil
	}
	return condition.Requests(o.requests)
}
