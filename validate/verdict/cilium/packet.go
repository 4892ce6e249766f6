package cilium

import "github.com/policyferry/policyferry/validate/verdict"

// packet is the first packet of a connection as the datapath looks it up.
type packet struct {
	traffic traffic
	is4     bool
	// dropped says that connection tracking at a pod drops the protocol whatever the policy says; a host leaves such
	// protocols to its policy (bpf/lib/conntrack.h, bpf/lib/host_firewall.h).
	dropped bool
	// passes says that the datapath lets the packet pass whatever the policy says.
	passes bool
	// unknown says why policy is not what decides, or is empty.
	unknown string
	// datapath says that it is because the datapath handles the packet before policy, and how.
	datapath string
}

// packet works out what policies are asked about. Of protocols that connection tracking only lets pass, no ports are
// known.
func (j *judge) packet(from, to end, c verdict.Connection) *packet {
	p := &packet{traffic: traffic{protocol: c.Protocol}}
	var common bool
	if p.is4, common = family(from, to, c); !common {
		p.unknown = "the two ends have no address of one family"
		return p
	}
	if p.is4 && !j.world.ipv4 || !p.is4 && !j.world.ipv6 {
		p.unknown = "cilium does not run with this address family"
		return p
	}
	switch c.Protocol {
	case protocolTCP, protocolUDP:
		p.traffic.port = c.Port
	case protocolSCTP:
		if p.dropped = !j.settings.sctp && !j.settings.extendedProtocols; j.settings.sctp {
			p.traffic.port = c.Port
		}
	case protocolICMP, protocolICMPv6:
		p.traffic.port = uint16(c.ICMPType)
		p.passes = fragmentationNeeded(c.Protocol, c.ICMPType, c.ICMPCode)
		switch {
		case p.is4 != (c.Protocol == protocolICMP):
			p.unknown = "the icmp protocol is of the other address family"
		case !p.is4 && c.ICMPType >= 133 && c.ICMPType <= 137:
			p.unknown = "neighbour discovery is answered by the datapath"
			p.datapath = p.unknown
		}
	case 43, 44, 51, 59, 60:
		if p.dropped = !j.settings.extendedProtocols; !p.is4 {
			p.unknown = "the protocol is an IPv6 extension header"
			p.datapath = p.unknown
		}
	default:
		p.dropped = !j.settings.extendedProtocols
	}
	return p
}

// family chooses the family of a connection: the one asked for, the one of the ICMP protocol, or the one that both
// ends have, IPv4 first.
func family(from, to end, c verdict.Connection) (is4, common bool) {
	both := func(is4 bool) bool { return from.speaks(is4) && to.speaks(is4) }
	switch {
	case c.IPVersion == 4 || c.IPVersion == 0 && c.Protocol == protocolICMP:
		return true, both(true)
	case c.IPVersion == 6 || c.Protocol == protocolICMPv6:
		return false, both(false)
	case both(true):
		return true, true
	}
	return false, both(false)
}
