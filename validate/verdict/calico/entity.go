package calico

import (
	"net/netip"
	"slices"
	"strings"
	"sync"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	"github.com/projectcalico/api/pkg/lib/numorstring"
	"github.com/projectcalico/calico/libcalico-go/lib/selector"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/cluster"
)

// entity is the source or the destination of a rule. Everything that is given must match.
type entity struct {
	nets, notNets []netip.Prefix
	// selected are the addresses of the members that the selectors choose, excluded those that they rule out;
	// nil means that nothing was asked.
	selected, excluded *cidr.Set
	ports, notPorts    *ports
	// targets are the backends of a Service, with their ports; nil means that none was asked for.
	targets *targets
}

// target is an address with a port.
type target struct {
	address  netip.Addr
	protocol uint8
	port     uint16
}

// targets is a set of targets. Rules that name the same port of the same endpoints share one.
type targets struct {
	has map[target]bool
	// distinct are the targets without their addresses, found when somebody asks.
	once     sync.Once
	distinct []target
}

// ports is a list of numbers and ranges, or names that were resolved to targets.
type ports struct {
	ranges []numorstring.Port
	named  []*targets
}

// compiler turns rules of Calico's API into rules that can be compared with packets.
type compiler struct {
	world     *world
	dataplane string
	version   version
	sets      map[string]*cidr.Set // by selector
	names     map[portName]*targets
	// serviceAddrs are the addresses behind the Services that rules name.
	serviceAddrs []netip.Addr
}

func (c *compiler) entity(e *apiv3.EntityRule, protocol *numorstring.Protocol, namespace string) (out entity, err error) {
	out.nets, out.notNets = parseNets(e.Nets), parseNets(e.NotNets)
	positive, negative, err := c.selectors(e, namespace)
	if err != nil {
		return out, err
	}
	if positive != nil {
		out.selected = c.addresses(positive)
	}
	if negative != nil {
		out.excluded = c.addresses(negative)
	}
	out.ports = c.ports(e.Ports, protocol, positive)
	out.notPorts = c.ports(e.NotPorts, protocol, positive)
	return out, nil
}

// selectors reads the selectors of an entity. One that says who matches takes in the one that says who does not:
// what is left is a condition on single members (felix/calc/rule_scanner.go, combineMatchesIfPossible).
func (c *compiler) selectors(e *apiv3.EntityRule, namespace string) (positive, negative *selector.Selector, err error) {
	who, whoNot := peerSelector(e, namespace), e.NotSelector
	if who != "" && whoNot != "" {
		who, whoNot = "("+who+") && (!("+whoNot+"))", ""
	}
	if who != "" {
		if positive, err = selector.Parse(who); err != nil {
			return nil, nil, err
		}
	}
	if whoNot != "" {
		if negative, err = selector.Parse(whoNot); err != nil {
			return nil, nil, err
		}
	}
	return positive, negative, nil
}

// addresses is the IP set of a selector: the addresses of every pod, host endpoint and network set that it matches
// (felix/labelindex/named_port_index.go). Addresses that belong to nobody are never in it.
func (c *compiler) addresses(s *selector.Selector) *cidr.Set {
	key := s.String()
	if known, ok := c.sets[key]; ok {
		return known
	}
	var prefixes []netip.Prefix
	for _, m := range c.world.matched(s) {
		prefixes = append(prefixes, m.addresses.Prefixes()...)
	}
	set := cidr.Of(prefixes...)
	c.sets[key] = &set
	return &set
}

// ports resolves a list of ports. A name means the ports of that name and of the rule's protocol, of all members
// that the rule's positive selector matches: also in notPorts (felix/calc/rule_scanner.go, namedPortsToIPSets).
func (c *compiler) ports(list []numorstring.Port, protocol *numorstring.Protocol, positive *selector.Selector) *ports {
	if len(list) == 0 {
		return nil
	}
	out := &ports{}
	for _, p := range list {
		if p.PortName == "" {
			out.ranges = append(out.ranges, p)
			continue
		}
		out.named = append(out.named, c.named(p.PortName, protocol, positive))
	}
	return out
}

// portName is what a name in a list of ports depends on.
type portName struct{ name, protocol, selector string }

func (c *compiler) named(name string, protocol *numorstring.Protocol, positive *selector.Selector) *targets {
	key := portName{name: name}
	if protocol != nil {
		key.protocol = protocol.String()
	}
	if positive != nil {
		key.selector = positive.String()
	}
	known := c.names[key]
	if known == nil {
		known = &targets{has: map[target]bool{}}
		for _, m := range c.world.matched(positive) {
			c.namedPorts(known.has, m, name, protocol)
		}
		c.names[key] = known
	}
	return known
}

func (c *compiler) namedPorts(into map[target]bool, m member, name string, protocol *numorstring.Protocol) {
	for _, port := range m.ports {
		number := protocolNumbers[strings.ToLower(port.Protocol)]
		if port.Name != name || !c.namedProtocol(protocol, number) {
			continue
		}
		for _, prefix := range m.addresses.Prefixes() {
			for a := prefix.Addr(); prefix.Contains(a); a = a.Next() {
				into[target{a, number, port.Port}] = true
			}
		}
	}
}

// namedProtocol says whether a named port of a protocol counts for a rule. A rule without protocol means TCP, and any
// protocol from 3.32 on (felix/calc/rule_scanner.go, ruleToParsedRule).
func (c *compiler) namedProtocol(protocol *numorstring.Protocol, number uint8) bool {
	if protocol == nil {
		return c.version.atLeast(3, 32) || number == protocolTCP
	}
	return *c.protocol(protocol) == number
}

// backends resolves a Service. Nothing fills in a namespace that is missing, so such a match finds no Service
// (felix/calc/rule_scanner.go, ruleToParsedRule).
func (c *compiler) backends(m *apiv3.ServiceMatch) []cluster.Backend {
	if m.Namespace == "" {
		return nil
	}
	if svc := c.world.facts.Service(m.Namespace, m.Name); svc != nil {
		for _, b := range svc.Backends {
			c.serviceAddrs = append(c.serviceAddrs, b.Addr)
		}
		return svc.Backends
	}
	return nil
}

// sourceService limits a source to the addresses of a Service.
func (c *compiler) sourceService(e *entity, m *apiv3.ServiceMatch) {
	var addresses []netip.Addr
	for _, b := range c.backends(m) {
		addresses = append(addresses, b.Addr)
	}
	set := cidr.OfAddrs(addresses...)
	if e.selected != nil {
		set = set.Intersect(*e.selected)
	}
	e.selected = &set
}

// destinationService limits a destination to the addresses and ports of a Service.
func (c *compiler) destinationService(e *entity, m *apiv3.ServiceMatch) {
	e.targets = &targets{has: map[target]bool{}}
	for _, b := range c.backends(m) {
		e.targets.has[target{b.Addr, protocolNumbers[strings.ToLower(b.Protocol)], b.Port}] = true
	}
}

// parseNets reads ranges; what is none is passed over, as Felix does with raw objects (updateprocessors/rules.go,
// ConvertStringsToNets).
func parseNets(texts []string) []netip.Prefix {
	var out []netip.Prefix
	for _, text := range texts {
		if p, err := cidr.ParsePrefix(text); err == nil {
			out = append(out, p)
		}
	}
	return out
}

// speaksOf reports whether the rule exists for a family: a list of ranges that has none of the family takes the whole
// rule away, and so does a negated range that covers the family (felix/rules/policy.go, FilterRuleToIPVersion).
func (e *entity) speaksOf(family int) bool {
	for _, list := range [][]netip.Prefix{e.nets, e.notNets} {
		if len(list) > 0 && !slices.ContainsFunc(list, func(p netip.Prefix) bool { return ofFamily(p, family) }) {
			return false
		}
	}
	return !slices.ContainsFunc(e.notNets, func(p netip.Prefix) bool { return ofFamily(p, family) && p.Bits() == 0 })
}

func ofFamily(p netip.Prefix, family int) bool { return p.Addr().Is4() == (family == 4) }

// admits reports whether the entity matches an address, its ports aside.
func (e *entity) admits(a netip.Addr) bool {
	in := func(n netip.Prefix) bool { return n.Contains(a) }
	switch {
	case len(e.nets) > 0 && !slices.ContainsFunc(e.nets, in):
		return false
	case slices.ContainsFunc(e.notNets, in):
		return false
	case e.selected != nil && !e.selected.ContainsAddr(a):
		return false
	}
	return e.excluded == nil || !e.excluded.ContainsAddr(a)
}

func (e *entity) matches(p *packet, a netip.Addr, port uint16) bool {
	switch {
	case !e.admits(a):
		return false
	case e.ports != nil && !e.ports.match(p, a, port):
		return false
	case e.notPorts != nil && e.notPorts.match(p, a, port):
		return false
	case e.targets != nil && !e.targets.has[target{a, p.protocol, port}]:
		return false
	}
	return true
}

func (s *ports) match(p *packet, a netip.Addr, port uint16) bool {
	if !p.hasPorts() {
		return false
	}
	at := target{a, p.protocol, port}
	return slices.ContainsFunc(s.named, func(t *targets) bool { return t.has[at] }) ||
		slices.ContainsFunc(s.ranges, func(r numorstring.Port) bool { return r.MinPort <= port && port <= r.MaxPort })
}
