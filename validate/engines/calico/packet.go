package calico

import "net/netip"

// A packet is the first packet of a connection, as Felix's rules see it: after destination NAT, before
// source NAT.
type packet struct {
	source, destination         netip.Addr
	sourcePort, destinationPort uint16
	protocol                    uint8
	icmpType, icmpCode          uint8
}

// family is 0 for IPv4 and 1 for IPv6, an index.
func (p *packet) family() int {
	return familyOf(p.source)
}

func familyOf(addr netip.Addr) int {
	if addr.Is4() {
		return 0
	}
	return 1
}
