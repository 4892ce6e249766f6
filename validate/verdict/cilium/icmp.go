package cilium

import "strconv"

// The names of ICMP types that icmps accepts (pkg/policy/api/icmp.go).
var (
	icmpTypes = map[string]uint16{
		"EchoReply": 0, "DestinationUnreachable": 3, "Redirect": 5, "Echo": 8, "EchoRequest": 8,
		"RouterAdvertisement": 9, "RouterSelection": 10, "TimeExceeded": 11, "ParameterProblem": 12,
		"Timestamp": 13, "TimestampReply": 14, "Photuris": 40, "ExtendedEchoRequest": 42, "ExtendedEchoReply": 43,
	}
	icmpv6Types = map[string]uint16{
		"DestinationUnreachable": 1, "PacketTooBig": 2, "TimeExceeded": 3, "ParameterProblem": 4,
		"EchoRequest": 128, "EchoReply": 129,
		"MulticastListenerQuery": 130, "MulticastListenerReport": 131, "MulticastListenerDone": 132,
		"RouterSolicitation": 133, "RouterAdvertisement": 134,
		"NeighborSolicitation": 135, "NeighborAdvertisement": 136, "RedirectMessage": 137, "RouterRenumbering": 138,
		"ICMPNodeInformationQuery": 139, "ICMPNodeInformationResponse": 140,
		"InverseNeighborDiscoverySolicitation": 141, "InverseNeighborDiscoveryAdvertisement": 142,
		"HomeAgentAddressDiscoveryRequest": 144, "HomeAgentAddressDiscoveryReply": 145,
		"MobilePrefixSolicitation": 146, "MobilePrefixAdvertisement": 147,
		"DuplicateAddressRequestCodeSuffix": 157, "DuplicateAddressConfirmationCodeSuffix": 158,
		"ExtendedEchoRequest": 160, "ExtendedEchoReply": 161,
	}
)

// compile puts the type into the port, as Cilium does. There 0 stands for all, so type 0 matches every type of its
// family (pkg/policy/types/types.go, WithPort; cilium/cilium#41304).
func (w icmpRule) compile() []portMatch {
	var out []portMatch
	for _, field := range w.Fields {
		m := portMatch{protocol: protocolICMP}
		names := icmpTypes
		if field.Family == "IPv6" {
			m.protocol, names = protocolICMPv6, icmpv6Types
		}
		text := field.Type.String()
		number, named := names[text]
		if !named {
			parsed, _ := strconv.ParseUint(text, 0, 16)
			number = uint16(parsed)
		}
		m.low, m.high = number, number
		out = append(out, m)
	}
	return out
}

// fragmentationNeeded reports whether a packet is the ICMP message that path MTU discovery needs. The datapath lets
// it pass whatever the policy says (bpf/lib/policy.h, allow_icmp_frag_needed, on by default).
func fragmentationNeeded(protocol, icmpType, icmpCode uint8) bool {
	return protocol == protocolICMP && icmpType == 3 && icmpCode == 4
}
