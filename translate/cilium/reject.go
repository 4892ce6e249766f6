package cilium

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/source"
)

// rejected says why the agent, or before it the API server, would not take a Rule, and at which field; empty if they
// take it. It follows Sanitize (pkg/policy/api/rule_validation.go). What depends on a setting that is not known counts
// as taken.
func (l *lowerer) rejected(in *rule, path, kind string) (at, why string) {
	switch {
	case in.EndpointSelector == nil && in.NodeSelector == nil:
		return path, "it has neither endpointSelector nor nodeSelector"
	case in.EndpointSelector != nil && in.NodeSelector != nil:
		return path, "it has both endpointSelector and nodeSelector"
	case in.NodeSelector != nil && kind == "CiliumNetworkPolicy":
		return source.Field(path, "nodeSelector"), "only a CiliumClusterwideNetworkPolicy can have a nodeSelector"
	case l.v.AtLeast(1, 17) && len(in.Ingress)+len(in.IngressDeny)+len(in.Egress)+len(in.EgressDeny) == 0:
		return path, "it has no rule in any of ingress, ingressDeny, egress and egressDeny"
	}
	for _, s := range []struct {
		name string
		sel  *labelSelector
	}{{"endpointSelector", in.EndpointSelector}, {"nodeSelector", in.NodeSelector}} {
		if why := badSelector(s.sel); why != "" {
			return source.Field(path, s.name), why
		}
	}
	for _, d := range []model.Direction{model.Ingress, model.Egress} {
		allows, denies := in.elements(d, path)
		for _, e := range append(allows, denies...) {
			if at, why := l.rejectedElement(e); why != "" {
				return at, why
			}
		}
	}
	return "", ""
}

func (l *lowerer) rejectedElement(e *readElement) (at, why string) {
	if at, why := e.tooManyPeers(); why != "" {
		return at, why
	}
	if on := l.facts.Cilium.NodeSelectorLabels; len(e.nodes) > 0 && (!l.v.AtLeast(1, 16) || on != nil && !*on) {
		return e.field("Nodes"), "it selects nodes, and nodeSelectorLabels is off"
	}
	if l.v.AtLeast(1, 19) && len(e.requires) > 0 {
		return e.field("Requires"), "fromRequires and toRequires are gone since Cilium 1.19"
	}
	for i := range e.endpoints {
		if why := badSelector(&e.endpoints[i]); why != "" {
			return source.Item(e.field("Endpoints"), i), why
		}
	}
	for i := range e.nodes {
		if why := badSelector(&e.nodes[i]); why != "" {
			return source.Item(e.field("Nodes"), i), why
		}
	}
	for i, name := range e.entities {
		if !slices.Contains(knownEntities, name) {
			return source.Item(e.field("Entities"), i), fmt.Sprintf("there is no entity %q", name)
		}
	}
	if at, why := e.badCIDR(); why != "" {
		return at, why
	}
	for i, f := range e.fqdns {
		if why := badName(f); why != "" {
			return source.Item(e.field("FQDNs"), i), why
		}
	}
	return l.rejectedPorts(e)
}

// badName checks a DNS name or pattern (pkg/policy/api/fqdn.go, pkg/fqdn/matchpattern/matchpattern.go).
func badName(f fqdn) string {
	text, allowed := f.MatchName, dnsLetters
	if f.MatchPattern != "" {
		text, allowed = f.MatchPattern, dnsLetters+"*"
	}
	switch {
	case (f.MatchName == "") == (f.MatchPattern == ""):
		return "exactly one of matchName and matchPattern is wanted"
	case strings.Trim(text, allowed) != "":
		return fmt.Sprintf("%q is no DNS name", text)
	}
	return ""
}

const dnsLetters = "-_.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// tooManyPeers enforces that an element has one L3 field.
func (e *readElement) tooManyPeers() (at, why string) {
	var given []string
	for _, f := range []struct {
		name string
		n    int
	}{{"Endpoints", len(e.endpoints)}, {"Entities", len(e.entities)}, {"Nodes", len(e.nodes)}, {"CIDR", len(e.cidr)},
		{"CIDRSet", len(e.cidrSet)}, {"Groups", len(e.groups)}, {"Services", len(e.services)}, {"FQDNs", len(e.fqdns)}} {
		if f.n > 0 {
			given = append(given, f.name)
		}
	}
	switch {
	case len(given) > 1:
		return e.field(given[1]), fmt.Sprintf("%s and %s stand in one element", e.field(given[0]), e.field(given[1]))
	case len(e.icmps) > 0 && len(e.toPorts) > 0:
		return e.at("icmps"), "icmps and toPorts stand in one element"
	}
	return "", ""
}

func (e *readElement) badCIDR() (at, why string) {
	for i, text := range e.cidr {
		if _, err := netip.ParsePrefix(text); err != nil {
			if _, err := netip.ParseAddr(text); err != nil {
				return source.Item(e.field("CIDR"), i), fmt.Sprintf("%q is no CIDR", text)
			}
		}
	}
	for i, c := range e.cidrSet {
		at := source.Item(e.field("CIDRSet"), i)
		given := 0
		for _, is := range []bool{c.CIDR != "", c.CIDRGroupRef != "", c.CIDRGroupSelector != nil} {
			if is {
				given++
			}
		}
		if given != 1 {
			return at, "exactly one of cidr, cidrGroupRef and cidrGroupSelector is wanted"
		}
		if c.CIDR == "" {
			continue
		}
		whole, err := netip.ParsePrefix(c.CIDR)
		if err != nil {
			return source.Field(at, "cidr"), fmt.Sprintf("%q is no prefix", c.CIDR)
		}
		for j, text := range c.Except {
			hole, err := netip.ParsePrefix(text)
			if err != nil || !whole.Contains(hole.Addr()) || hole.Bits() < whole.Bits() {
				return source.Item(source.Field(at, "except"), j), fmt.Sprintf("%q is no prefix within %s", text, whole)
			}
		}
	}
	return "", ""
}

func (l *lowerer) rejectedPorts(e *readElement) (at, why string) {
	for i, p := range e.toPorts {
		path := source.Item(e.at("toPorts"), i)
		if len(p.Ports) > maxPorts {
			return path, fmt.Sprintf("it has more than %d ports", maxPorts)
		}
		for j, pp := range p.Ports {
			if why := l.badPort(pp); why != "" {
				return source.Item(source.Field(path, "ports"), j), why
			}
		}
		if why := badRules(e, p); why != "" {
			return path, why
		}
	}
	for i, icmp := range e.icmps {
		path := source.Item(e.at("icmps"), i)
		if len(icmp.Fields) > maxICMPFields {
			return path, fmt.Sprintf("it has more than %d fields", maxICMPFields)
		}
		for j, f := range icmp.Fields {
			_, ok := f.number()
			if !ok || f.Family != "" && f.Family != "IPv4" && f.Family != "IPv6" {
				return source.Item(source.Field(path, "fields"), j), "it is no ICMP type of its family"
			}
		}
	}
	return "", ""
}

func (l *lowerer) badPort(pp portProtocol) string {
	word := strings.ToUpper(pp.Protocol)
	known := word == "" || word == "ANY"
	for _, w := range protocolWords {
		known = known || w == word
	}
	on := l.facts.Cilium.ExtendedProtocols
	switch {
	case !known:
		return fmt.Sprintf("there is no protocol %q", pp.Protocol)
	case pp.Port == "" && (!l.v.AtLeast(1, 19) || on != nil && !*on):
		return "it has no port"
	case pp.Port == "" || isServiceName(pp.Port):
		return ""
	}
	if _, err := strconv.ParseUint(pp.Port, 0, 16); err != nil {
		return fmt.Sprintf("%q is no port", pp.Port)
	}
	return ""
}

// badRules checks application-layer rules: HTTP on TCP only, DNS on egress only, neither on port 0.
func badRules(e *readElement, p portRule) string {
	if p.Rules == nil || len(p.Rules.HTTP)+len(p.Rules.DNS) == 0 {
		return ""
	}
	if len(p.Rules.HTTP) > 0 && len(p.Rules.DNS) > 0 {
		return "http and dns rules stand in one element"
	}
	if len(p.Rules.DNS) > 0 && e.direction == model.Ingress {
		return "DNS rules are for egress only"
	}
	for _, pp := range p.Ports {
		if len(p.Rules.HTTP) > 0 && strings.ToUpper(pp.Protocol) != "TCP" {
			return "http rules are for TCP only"
		}
		if n, err := strconv.ParseUint(pp.Port, 0, 16); err == nil && n == 0 {
			return "rules cannot stand on port 0"
		}
	}
	for _, f := range p.Rules.DNS {
		if why := badName(f); why != "" {
			return why
		}
	}
	for _, h := range p.Rules.HTTP {
		for _, expr := range []string{h.Path, h.Method} {
			if _, err := regexp.Compile(expr); err != nil {
				return fmt.Sprintf("%q is no regular expression", expr)
			}
		}
	}
	return ""
}

func badSelector(s *labelSelector) string {
	if s == nil {
		return ""
	}
	for _, key := range sortedKeys(s.MatchLabels) {
		if why := badLabel(key, []string{s.MatchLabels[key]}); why != "" {
			return why
		}
	}
	for _, e := range s.MatchExpressions {
		if why := badLabel(e.Key, e.Values); why != "" {
			return why
		}
		listed := e.Operator == "In" || e.Operator == "NotIn"
		if !listed && e.Operator != "Exists" && e.Operator != "DoesNotExist" {
			return fmt.Sprintf("there is no operator %q", e.Operator)
		}
		if listed != (len(e.Values) > 0) {
			return fmt.Sprintf("operator %s with %d values", e.Operator, len(e.Values))
		}
	}
	return ""
}

func badLabel(key string, values []string) string {
	if _, rest, found := strings.Cut(key, ":"); found {
		key = rest
	}
	if len(validation.IsQualifiedName(strings.TrimPrefix(key, "$"))) > 0 {
		return fmt.Sprintf("%q is no label key", key)
	}
	for _, v := range values {
		if len(validation.IsValidLabelValue(v)) > 0 {
			return fmt.Sprintf("%q is no label value", v)
		}
	}
	return ""
}
