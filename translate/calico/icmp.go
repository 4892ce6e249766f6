package calico

import (
	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"

	"github.com/policyferry/policyferry/translate/traffic"
)

// icmpMessages is the messages that icmp or notICMP describe; false if the field says nothing.
func icmpMessages(f *apiv3.ICMPFields) (traffic.ICMP, bool) {
	switch {
	case f == nil || f.Type == nil:
		return traffic.ICMP{}, false
	case *f.Type < 0 || *f.Type > 255:
		return traffic.ICMP{}, true
	case f.Code == nil:
		return traffic.ICMPType(uint8(*f.Type)), true
	case *f.Code < 0 || *f.Code > 255:
		return traffic.ICMP{}, true
	}
	return traffic.ICMPTypeCode(uint8(*f.Type), uint8(*f.Code)), true
}

// icmpFamily is the IP version whose ICMP a protocol is, or 0.
func icmpFamily(proto uint8) int {
	switch proto {
	case traffic.ProtoICMP:
		return 4
	case traffic.ProtoICMPv6:
		return 6
	}
	return 0
}
