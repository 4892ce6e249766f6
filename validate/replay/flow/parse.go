package flow

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

var protocols = map[string]uint8{
	"icmp": 1, "icmpv4": 1, "igmp": 2, "ipip": 4, "tcp": 6, "udp": 17, "gre": 47, "esp": 50, "ah": 51, "icmp6": 58, "icmpv6": 58,
	"vrrp": 112, "sctp": 132, "udplite": 136,
}

// Protocol reads a protocol by its name or number.
func Protocol(text string) (uint8, error) {
	if n, known := protocols[strings.ToLower(text)]; known {
		return n, nil
	}
	n, err := strconv.ParseUint(text, 10, 8)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("%q is no IP protocol", text)
	}
	return uint8(n), nil
}

// Port reads the number of a port; 0 means that there is none.
func Port(n int64) (uint16, error) {
	if n < 0 || n > 65535 {
		return 0, fmt.Errorf("%d is no port", n)
	}
	return uint16(n), nil
}

// Addr reads an address. An empty text is none.
func Addr(text string) (netip.Addr, error) {
	if text == "" {
		return netip.Addr{}, nil
	}
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, fmt.Errorf("%q is no address", text)
	}
	return a.Unmap(), nil
}

// HasPorts reports whether connections of a protocol have ports.
func HasPorts(protocol uint8) bool {
	return protocol == 6 || protocol == 17 || protocol == 132 || protocol == 136
}

// Answer reports whether an ICMP message answers another packet, or is about one, so that connection tracking lets it
// through and no policy judges it.
func Answer(protocol, kind uint8) bool {
	switch protocol {
	case 1: // echo reply, unreachable, redirect, time exceeded, parameter problem, timestamp and mask replies
		return kind == 0 || kind == 3 || kind == 5 || kind == 11 || kind == 12 || kind == 14 || kind == 18
	case 58: // the errors, echo reply
		return kind < 128 || kind == 129
	}
	return false
}
