package cilium

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/policyferry/policyferry/translate/traffic"
)

// icmpType is the type of an ICMP message, written as a number or as a name.
type icmpType struct {
	Name   string
	Number int
}

// UnmarshalJSON reads a number or a string.
func (t *icmpType) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		if err := json.Unmarshal(text, &t.Name); err != nil {
			return err
		}
		if n, err := strconv.Atoi(t.Name); err == nil {
			t.Name, t.Number = "", n
		}
		return nil
	}
	n, err := strconv.Atoi(string(text))
	if err != nil {
		return fmt.Errorf("%s is neither a number nor a name of an ICMP type", text)
	}
	t.Number = n
	return nil
}

// MarshalJSON writes the number, which every release reads; names came with 1.16.
func (t icmpType) MarshalJSON() ([]byte, error) {
	if t.Name != "" {
		return json.Marshal(t.Name)
	}
	return []byte(strconv.Itoa(t.Number)), nil
}

// messagesOf lowers one field of icmps. Type 0 stands for every type of the family (pkg/policy/l4.go).
func messagesOf(f icmpField) traffic.Set {
	version, proto := 4, traffic.ProtoICMP
	if f.Family == "IPv6" {
		version, proto = 6, traffic.ProtoICMPv6
	}
	n, ok := f.number()
	switch {
	case !ok:
		return traffic.Set{}
	case n == 0:
		return traffic.Protocol(proto)
	}
	return traffic.ICMPMessages(version, traffic.ICMPType(n))
}

// number is the type of a field; false for one that Cilium rejects.
func (f icmpField) number() (uint8, bool) {
	switch {
	case f.Type == nil:
		return 0, false
	case f.Type.Name != "":
		names := icmpNames4
		if f.Family == "IPv6" {
			names = icmpNames6
		}
		n, ok := names[f.Type.Name]
		return n, ok
	}
	return uint8(f.Type.Number), f.Type.Number >= 0 && f.Type.Number <= 255
}

// The names that Cilium knows for types (pkg/policy/api/icmp.go).
var (
	icmpNames4 = map[string]uint8{
		"EchoReply": 0, "DestinationUnreachable": 3, "Redirect": 5, "Echo": 8, "EchoRequest": 8, "RouterAdvertisement": 9,
		"RouterSelection": 10, "TimeExceeded": 11, "ParameterProblem": 12, "Timestamp": 13, "TimestampReply": 14,
		"Photuris": 40, "ExtendedEchoRequest": 42, "ExtendedEchoReply": 43,
	}
	icmpNames6 = map[string]uint8{
		"DestinationUnreachable": 1, "PacketTooBig": 2, "TimeExceeded": 3, "ParameterProblem": 4, "EchoRequest": 128,
		"EchoReply": 129, "MulticastListenerQuery": 130, "MulticastListenerReport": 131, "MulticastListenerDone": 132,
		"RouterSolicitation": 133, "RouterAdvertisement": 134, "NeighborSolicitation": 135, "NeighborAdvertisement": 136,
		"RedirectMessage": 137, "RouterRenumbering": 138, "ICMPNodeInformationQuery": 139,
		"ICMPNodeInformationResponse": 140, "InverseNeighborDiscoverySolicitation": 141,
		"InverseNeighborDiscoveryAdvertisement": 142, "HomeAgentAddressDiscoveryRequest": 144,
		"HomeAgentAddressDiscoveryReply": 145, "MobilePrefixSolicitation": 146, "MobilePrefixAdvertisement": 147,
		"DuplicateAddressRequestCodeSuffix": 157, "DuplicateAddressConfirmationCodeSuffix": 158,
		"ExtendedEchoRequest": 160, "ExtendedEchoReply": 161,
	}
)
