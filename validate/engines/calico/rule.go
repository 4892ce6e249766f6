package calico

import "net/netip"

// An action is what a rule does with a packet that it matches.
type action uint8

const (
	actionAllow action = iota
	actionDeny
	actionPass
	actionLog
)

// A rule is one computed rule for one address family, ready to be matched. Every field that is set must
// hold; lists are alternatives.
type rule struct {
	action      action
	protocol    uint8 // 0: any
	notProtocol uint8 // 0: none
	source      side
	destination side
	icmp        icmpMatch
	notICMP     icmpMatch
	http        bool
	unsure      string // when it matches, the dataplane's answer is unknown for this reason
}

// A side is what a rule says about one end of the connection.
type side struct {
	nets          []netip.Prefix
	notNets       []netip.Prefix
	sets          []*ipSet // the address lies in all of them
	notSets       []*ipSet
	ports         []portRange
	namedPorts    []*ipSet // alternatives to ports
	notPorts      []portRange
	notNamedPorts []*ipSet
	services      []*ipSet // address and port lie in all of them
}

// icmpMatch compares the type and perhaps the code of an ICMP or ICMPv6 packet.
type icmpMatch struct {
	set, withCode bool
	typ, code     uint8
}

func (m icmpMatch) holds(p *packet) bool {
	return hasICMP(p.protocol) && m.typ == p.icmpType && (!m.withCode || m.code == p.icmpCode)
}

// matches tells whether the rule matches the packet (felix/rules/policy.go, CalculateRuleMatch and the
// match blocks before it).
func (r *rule) matches(p *packet) bool {
	if r.protocol != 0 && r.protocol != p.protocol {
		return false
	}
	if r.notProtocol != 0 && r.notProtocol == p.protocol {
		return false
	}
	if r.icmp.set && !r.icmp.holds(p) || r.notICMP.set && r.notICMP.holds(p) {
		return false
	}
	return r.destination.matches(p.destination, p.protocol, p.destinationPort) &&
		r.source.matches(p.source, p.protocol, p.sourcePort)
}

func (s *side) matches(addr netip.Addr, protocol uint8, port uint16) bool {
	return s.matchesPort(addr, protocol, port) && s.matchesAddress(addr)
}

func (s *side) matchesPort(addr netip.Addr, protocol uint8, port uint16) bool {
	if len(s.ports) > 0 || len(s.namedPorts) > 0 {
		numeric := hasPorts(protocol) && inRanges(s.ports, port)
		if !numeric && !portInAny(s.namedPorts, addr, protocol, port) {
			return false
		}
	}
	if len(s.notPorts) > 0 && hasPorts(protocol) && inRanges(s.notPorts, port) {
		return false
	}
	if portInAny(s.notNamedPorts, addr, protocol, port) {
		return false
	}
	for _, service := range s.services {
		if !service.containsPort(addr, protocol, port) {
			return false
		}
	}
	return true
}

func (s *side) matchesAddress(addr netip.Addr) bool {
	if len(s.nets) > 0 && !inNets(s.nets, addr) {
		return false
	}
	return !inNets(s.notNets, addr) && containedInAll(s.sets, addr) && !containedInAny(s.notSets, addr)
}

func inNets(nets []netip.Prefix, addr netip.Addr) bool {
	for _, net := range nets {
		if net.Contains(addr) {
			return true
		}
	}
	return false
}

func portInAny(sets []*ipSet, addr netip.Addr, protocol uint8, port uint16) bool {
	for _, set := range sets {
		if set.containsPort(addr, protocol, port) {
			return true
		}
	}
	return false
}
