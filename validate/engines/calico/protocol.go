package calico

import (
	"fmt"
	"strconv"
	"strings"
)

// IP protocol numbers that policy or Felix's static chains speak of.
const (
	protoICMP    = 1
	protoIPIP    = 4
	protoTCP     = 6
	protoUDP     = 17
	protoICMPv6  = 58
	protoSCTP    = 132
	protoUDPLite = 136
)

var protocolNumbers = map[string]uint8{
	"icmp": protoICMP, "tcp": protoTCP, "udp": protoUDP,
	"icmpv6": protoICMPv6, "sctp": protoSCTP, "udplite": protoUDPLite,
}

// protocolNumber reads a protocol name of the Calico API in any case, or a number.
func protocolNumber(name string) (uint8, error) {
	if number, ok := protocolNumbers[strings.ToLower(name)]; ok {
		return number, nil
	}
	number, err := strconv.ParseUint(name, 10, 8)
	if err != nil {
		return 0, fmt.Errorf("protocol %q is neither tcp, udp, sctp, icmp, icmpv6, udplite nor a number from 1 to 255", name)
	}
	if number == 0 {
		return 0, fmt.Errorf("protocol 0 is not a transport protocol")
	}
	return uint8(number), nil
}

// hasPorts says whether packets of the protocol carry ports.
func hasPorts(protocol uint8) bool {
	switch protocol {
	case protoTCP, protoUDP, protoSCTP, protoUDPLite:
		return true
	}
	return false
}

// hasICMP says whether packets of the protocol carry an ICMP type.
func hasICMP(protocol uint8) bool {
	return protocol == protoICMP || protocol == protoICMPv6
}
