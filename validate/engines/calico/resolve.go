package calico

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// An end is one end of a connection before the address family is chosen.
type end struct {
	text      string
	place     place
	addresses []netip.Addr
}

// resolve finds the end that a connection names.
func (e *Engine) resolve(text string) (end, error) {
	if name, ok := strings.CutPrefix(text, "node:"); ok {
		n := e.nodes[name]
		if n == nil {
			return end{}, fmt.Errorf("node %q is not in the cluster", name)
		}
		return endOfNode(text, n), nil
	}
	if addr, err := netip.ParseAddr(text); err == nil {
		addr = addr.Unmap()
		return end{text: text, place: e.find(addr), addresses: []netip.Addr{addr}}, nil
	}
	if !strings.Contains(text, "/") {
		return end{}, fmt.Errorf("%q is neither NAMESPACE/POD, node:NAME nor an IP address", text)
	}
	p := e.pods[text]
	switch {
	case p == nil:
		return end{}, fmt.Errorf("pod %q is not in the cluster", text)
	case p.hostNetwork:
		return endOfNode(text, p.node), nil
	}
	return end{text: text, place: place{pod: p}, addresses: p.addresses}, nil
}

func endOfNode(text string, n *node) end {
	return end{text: text, place: place{node: n}, addresses: slices.Concat(n.addresses, n.otherAddresses)}
}

// choose picks the addresses of one family: the wanted one, else the one both ends have, IPv4 first;
// ICMP belongs to IPv4 and ICMPv6 to IPv6.
func choose(from, to end, wanted int, protocol uint8) (netip.Addr, netip.Addr, error) {
	families := []int{0, 1}
	switch {
	case wanted == 4:
		families = []int{0}
	case wanted == 6:
		families = []int{1}
	case wanted != 0:
		return netip.Addr{}, netip.Addr{}, fmt.Errorf("ipVersion %d is neither 4 nor 6", wanted)
	case protocol == protoICMPv6:
		families = []int{1, 0}
	}
	for _, family := range families {
		source, okSource := firstOf(from.addresses, family)
		destination, okDestination := firstOf(to.addresses, family)
		if okSource && okDestination {
			return source, destination, nil
		}
	}
	return netip.Addr{}, netip.Addr{}, nil
}

func firstOf(addresses []netip.Addr, family int) (netip.Addr, bool) {
	for _, addr := range addresses {
		if familyOf(addr) == family {
			return addr, true
		}
	}
	return netip.Addr{}, false
}

// packetOf reads what a connection says about its first packet.
func packetOf(c Connection) (packet, error) {
	protocol, err := protocolNumber(string(c.Protocol))
	if err != nil {
		return packet{}, err
	}
	p := packet{protocol: protocol, sourcePort: defaultSourcePort}
	if c.Port < 0 || c.Port > 65535 || c.SourcePort < 0 || c.SourcePort > 65535 {
		return p, fmt.Errorf("port %d or sourcePort %d is out of range", c.Port, c.SourcePort)
	}
	if hasPorts(protocol) && c.Port == 0 {
		return p, fmt.Errorf("protocol %s needs a port", c.Protocol)
	}
	p.destinationPort = uint16(c.Port)
	if c.SourcePort != 0 {
		p.sourcePort = uint16(c.SourcePort)
	}
	if hasICMP(protocol) {
		p.icmpType, err = icmpField("icmpType", c.ICMPType, echoRequest(protocol))
		if err != nil {
			return p, err
		}
		p.icmpCode, err = icmpField("icmpCode", c.ICMPCode, 0)
	}
	return p, err
}

const defaultSourcePort = 40000

// echoRequest is what a connection of ICMP is when it names no type.
func echoRequest(protocol uint8) uint8 {
	if protocol == protoICMP {
		return 8
	}
	return 128
}

func icmpField(name string, given *int, otherwise uint8) (uint8, error) {
	if given == nil {
		return otherwise, nil
	}
	if *given < 0 || *given > 255 {
		return 0, fmt.Errorf("%s %d is out of range", name, *given)
	}
	return uint8(*given), nil
}
