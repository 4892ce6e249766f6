package cilium

import (
	"github.com/cilium/cilium/pkg/policy/types"
	"github.com/cilium/cilium/pkg/u8proto"
)

// The reasons of answers that a verdict alone does not explain.
const (
	whyFinished      = "the pod has finished and has no address"
	whyItself        = "traffic to itself stays in its network namespace"
	whyFamily        = "the two ends have no address of one family"
	whyNoAddress     = "the node has no address"
	whyFamilyOff     = "cilium does not run with this address family"
	whyICMPFamily    = "the icmp protocol is of the other address family"
	whyExtension     = "the protocol is an IPv6 extension header"
	whyDiscovery     = "neighbour discovery is answered by the datapath"
	whyHostICMPv6    = "the host firewall decides icmpv6 other than echo without the policy"
	whySCTPOff       = "sctp is not enabled: the datapath drops it"
	whyProtocolOff   = "extended protocols are not enabled: the datapath drops this one"
	whyFragmentation = "the datapath always lets fragmentation needed pass"
	whyL7            = "l7"
	whyAuth          = "authentication required"
	whyFQDN          = "fqdn names not learned"
)

// flow is the first packet of a connection as the policy lookup sees it.
type flow struct {
	protocol u8proto.U8proto
	// port is the destination port, the ICMP type, or 0 for a protocol that conntrack does not parse.
	port uint16
	ipv6 bool
	// verdict and why are what the datapath of a pod does before it looks the policy up, if anything. A host
	// endpoint has the lookup decide all the same (bpf/lib/host_firewall.h).
	verdict Verdict
	why     string
	// hostWhy is why the verdict of a host endpoint is unknown, if it is.
	hostWhy string
	// always is set when the lookup itself lets the packet pass whatever the policy says.
	always bool
}

// newFlow works out what the datapath's lookup is asked (bpf/lib/conntrack.h, ct_extract_ports4 and 6;
// bpf/lib/policy.h, __policy_can_access).
func newFlow(c Connection, ipv6 bool, s Settings) flow {
	f := flow{protocol: u8proto.U8proto(c.Protocol), ipv6: ipv6}
	switch {
	case c.Protocol == protocolTCP, c.Protocol == protocolUDP, c.Protocol == protocolSCTP && s.SCTP:
		f.port = c.Port
	case c.Protocol == protocolSCTP && !s.ExtendedProtocols:
		f.verdict, f.why = Deny, whySCTPOff
	case (c.Protocol == protocolICMP || c.Protocol == protocolICMPv6) && ipv6 != (c.Protocol == protocolICMPv6):
		f.verdict, f.why = Unknown, whyICMPFamily
	case c.Protocol == protocolICMP:
		f.port = s.icmpPort(c)
		// ICMP_DEST_UNREACH with ICMP_FRAG_NEEDED, by allow-icmp-frag-needed.
		f.always = c.icmpType() == 3 && c.ICMPCode == 4 && s.fragmentationNeeded
	case c.Protocol == protocolICMPv6:
		f.port = s.icmpPort(c)
		switch c.icmpType() {
		case 128, 129:
		case 135, 136:
			// bpf/lib/icmp6.h, is_icmp6_ndp.
			f.verdict, f.why = Unknown, whyDiscovery
		default:
			// bpf/lib/icmp6.h, icmp6_host_handle.
			f.hostWhy = whyHostICMPv6
		}
	case ipv6 && isExtensionHeader(c.Protocol):
		f.verdict, f.why = Unknown, whyExtension
	case !s.ExtendedProtocols:
		f.verdict, f.why = Deny, whyProtocolOff
	}
	return f
}

// icmpPort is the type in the place of a port, where the datapath reads it.
func (s Settings) icmpPort(c Connection) uint16 {
	if !s.icmpRules {
		return 0
	}
	return uint16(c.icmpType())
}

// isExtensionHeader tells the numbers that the datapath steps over in IPv6 (bpf/lib/ipv6.h, ipv6_hdrlen).
func isExtensionHeader(p Protocol) bool {
	switch p {
	case 43, 44, 51, 59, 60:
		return true
	}
	return false
}

// key is the lookup key. The datapath looks up unmasked ports, also the port 0, which in a rule is a wildcard.
func (f flow) key(direction types.Key) types.Key {
	return direction.WithPortProtoPrefix(f.protocol, f.port, 16)
}
