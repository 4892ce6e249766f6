package cilium

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/cilium/cilium/pkg/u8proto"
)

// Connection is a question: may the first packet of this connection leave its source and enter its
// destination?
type Connection struct {
	From       string   `json:"from"`
	To         string   `json:"to"`
	Protocol   Protocol `json:"protocol"`
	Port       uint16   `json:"port"`
	SourcePort uint16   `json:"sourcePort"`
	ICMPType   *uint8   `json:"icmpType"`
	ICMPCode   uint8    `json:"icmpCode"`
	IPVersion  int      `json:"ipVersion"`
}

// Protocol is an IP protocol number, written as a name or as a number.
type Protocol uint8

// The protocols that connections name, and UDP-Lite, which Cilium knows only by number.
const (
	protocolICMP    = Protocol(u8proto.ICMP)
	protocolTCP     = Protocol(u8proto.TCP)
	protocolUDP     = Protocol(u8proto.UDP)
	protocolICMPv6  = Protocol(u8proto.ICMPv6)
	protocolSCTP    = Protocol(u8proto.SCTP)
	protocolUDPLite = Protocol(136)
)

var protocolNames = map[string]Protocol{
	"icmp": protocolICMP, "tcp": protocolTCP, "udp": protocolUDP,
	"icmpv6": protocolICMPv6, "sctp": protocolSCTP, "udplite": protocolUDPLite,
}

// UnmarshalJSON reads a name, a number, or a number in quotes.
func (p *Protocol) UnmarshalJSON(text []byte) error {
	var name string
	if json.Unmarshal(text, &name) != nil {
		name = string(text)
	}
	if number, found := protocolNames[name]; found {
		*p = number
		return nil
	}
	number, err := strconv.ParseUint(name, 10, 8)
	if err != nil || number == 0 {
		return fmt.Errorf("protocol %q is none of tcp, udp, sctp, icmp, icmpv6, udplite, 1 to 255", name)
	}
	*p = Protocol(number)
	return nil
}

// icmpType is the type of the first packet; a connection that names none is an echo request.
func (c Connection) icmpType() uint8 {
	if c.ICMPType != nil {
		return *c.ICMPType
	}
	if c.Protocol == protocolICMPv6 {
		return 128
	}
	return 8
}

// Verdict is the answer for one end of a connection.
type Verdict string

// The verdicts of the contract in docs/engine-protocol.md.
const (
	Allow   Verdict = "allow"
	Deny    Verdict = "deny"
	Unknown Verdict = "unknown"
	None    Verdict = "none"
)

// Answer says what happens to a connection at both ends, which policies decided, and why when the verdict
// alone does not say it.
type Answer struct {
	Egress    Verdict  `json:"egress"`
	Ingress   Verdict  `json:"ingress"`
	EgressBy  []string `json:"egressBy"`
	IngressBy []string `json:"ingressBy"`
	Why       string   `json:"why"`
	// EgressInside and IngressInside are the rules on requests and names, as JSON, where a proxy decides by them.
	EgressInside  []string `json:"egressInside,omitempty"`
	IngressInside []string `json:"ingressInside,omitempty"`
}
