package calico

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// Connection is one question: the first packet of a connection, as docs/engine-protocol.md defines it.
type Connection struct {
	From       string   `json:"from"`
	To         string   `json:"to"`
	Protocol   Protocol `json:"protocol"`
	Port       int      `json:"port,omitempty"`
	SourcePort int      `json:"sourcePort,omitempty"`
	ICMPType   *int     `json:"icmpType,omitempty"`
	ICMPCode   *int     `json:"icmpCode,omitempty"`
	IPVersion  int      `json:"ipVersion,omitempty"`
}

// Protocol is an IP protocol by name or number; JSON may give the number with or without quotes.
type Protocol string

// UnmarshalJSON accepts "tcp", "6" and 6.
func (p *Protocol) UnmarshalJSON(data []byte) error {
	var name string
	if err := json.Unmarshal(data, &name); err == nil {
		*p = Protocol(name)
		return nil
	}
	var number int
	if err := json.Unmarshal(data, &number); err != nil {
		return fmt.Errorf("protocol %s is neither a name nor a number", data)
	}
	*p = Protocol(strconv.Itoa(number))
	return nil
}

// Decision is what one end of a connection does with it.
type Decision string

// The decisions of the contract.
const (
	Allow   Decision = "allow"
	Deny    Decision = "deny"
	Unknown Decision = "unknown" // the dataplane's answer is not computed by the code at hand
	None    Decision = "none"    // nothing is policed there
)

// Verdict answers one Connection.
type Verdict struct {
	Egress    Decision `json:"egress"`
	Ingress   Decision `json:"ingress"`
	EgressBy  []string `json:"egressBy"`
	IngressBy []string `json:"ingressBy"`
	Why       string   `json:"why"`
}
