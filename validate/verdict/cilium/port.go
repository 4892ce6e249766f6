package cilium

import (
	"regexp"
	"strconv"
	"strings"
)

// The IP protocols that policies can name.
const (
	protocolICMP   = 1
	protocolTCP    = 6
	protocolUDP    = 17
	protocolICMPv6 = 58
	protocolSCTP   = 132
)

// protocols are the numbers of the names that toPorts accepts (pkg/u8proto/u8proto.go).
var protocols = map[string]uint8{
	"TCP": protocolTCP, "UDP": protocolUDP, "SCTP": protocolSCTP,
	"VRRP": 112, "IGMP": 2, "GRE": 47, "IPIP": 4, "IPV6": 41, "ESP": 50, "AH": 51,
}

// portMatch is one way for traffic to match a rule.
type portMatch struct {
	// protocol is an IP protocol number, or 0 for every protocol; then there is no port either.
	protocol uint8
	// low and high are the destination ports, or the ICMP type. A low of 0 means all.
	low, high uint16
	// name is a port name, to be looked up in the pod that is connected to; end is the endPort beside it.
	name string
	end  uint16
	// layer7 is what a proxy asks of the connection; nil for nothing.
	layer7 *layer7
}

// everything is the match of a rule without toPorts and icmps.
var everything = []portMatch{{}}

// matches decides for a connection to a pod with the named ports given, where a named port reaches up to end.
func (m *portMatch) matches(t *traffic, named map[string]namedPort, end uint16) bool {
	if m.protocol == 0 {
		return true
	}
	if m.protocol != t.protocol {
		return false
	}
	low, high := m.low, m.high
	if m.name != "" {
		port, ok := named[m.name]
		if !ok || port.protocol != m.protocol {
			return false
		}
		low, high = port.port, max(port.port, end)
	}
	return low == 0 || low <= t.port && t.port <= high
}

// samePort reports whether two matches are for the same ports, as written.
func (m *portMatch) samePort(o *portMatch) bool {
	return m.protocol == o.protocol && m.low == o.low && m.high == o.high && m.name == o.name
}

// traffic is the part of a connection that ports are compared with.
type traffic struct {
	protocol uint8
	// port is the destination port, or the ICMP type.
	port uint16
}

// isServiceName follows RFC 6335: letters, digits and single inner dashes, a letter among them, at most 15
// (pkg/iana/svcname.go).
func isServiceName(text string) bool {
	return len(text) <= 15 && serviceName.MatchString(text)
}

var serviceName = regexp.MustCompile(`^([a-zA-Z0-9]-?)*[a-zA-Z](-?[a-zA-Z0-9])*$`)

// portProtocol is one entry of toPorts[].ports.
type portProtocol struct {
	Port     string `json:"port"`
	EndPort  int32  `json:"endPort"`
	Protocol string `json:"protocol"`
}

// compile spells an entry out by protocol: ANY stands for TCP, UDP and SCTP (pkg/policy/rule.go, mergeL4Filter).
func (p portProtocol) compile(named func(string) string) []portMatch {
	var m portMatch
	if isServiceName(p.Port) {
		m.name, m.end = named(p.Port), uint16(p.EndPort)
	} else {
		// An unreadable port counts as 0, which is every port (pkg/policy/l4.go, createL4Filter).
		low, _ := strconv.ParseUint(p.Port, 0, 16)
		m.low, m.high = uint16(low), max(uint16(low), uint16(p.EndPort))
	}
	switch protocol := strings.ToUpper(p.Protocol); protocol {
	case "", "ANY":
		out := []portMatch{m, m, m}
		out[0].protocol, out[1].protocol, out[2].protocol = protocolTCP, protocolUDP, protocolSCTP
		return out
	default:
		m.protocol = protocols[protocol]
		return []portMatch{m}
	}
}
