package calico

import (
	"net/netip"
	"slices"
)

// IP protocol numbers.
const (
	protocolICMP    = 1
	protocolIPIP    = 4
	protocolTCP     = 6
	protocolUDP     = 17
	protocolICMPv6  = 58
	protocolSCTP    = 132
	protocolUDPLite = 136
)

// packet is the first packet of a connection.
type packet struct {
	source, destination netip.Addr
	protocol            uint8
	sourcePort, port    uint16
	icmpType, icmpCode  uint8
	// trace is nil unless somebody wants to know how the verdict comes about.
	trace *trace
}

func (p *packet) family() int {
	if p.source.Is4() {
		return 4
	}
	return 6
}

// hasPorts reports whether policy can match ports of the packet's protocol (numorstring.Protocol.SupportsPorts).
func (p *packet) hasPorts() bool {
	return slices.Contains([]uint8{protocolTCP, protocolUDP, protocolSCTP}, p.protocol)
}

// isICMP reports whether the packet is ICMP of its family.
func (p *packet) isICMP() bool {
	return p.protocol == protocolICMP && p.family() == 4 || p.protocol == protocolICMPv6 && p.family() == 6
}

// routerICMPv6 knows what a pod may always send to its own node as a router (felix/rules/static.go, ICMPv6Filter).
func (p *packet) routerICMPv6() bool {
	return p.family() == 6 && p.protocol == protocolICMPv6 && slices.Contains([]uint8{130, 131, 132, 133, 135, 136}, p.icmpType)
}
