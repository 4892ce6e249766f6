package calico

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/projectcalico/calico/felix/proto"
)

// An ipSet holds the members that the calculation graph computed for a selector, a named port or a
// service. Calico's own app-policy/policystore/ipset.go overlooks members of /25 to /31.
type ipSet struct {
	addresses []netip.Addr                  // sorted
	prefixes  map[int]map[netip.Prefix]bool // by length; full-length members lie in addresses
	ports     map[addressPort]bool          // address and port sets only
}

type addressPort struct {
	addr     netip.Addr
	protocol uint8
	port     uint16
}

func newIPSet(update *proto.IPSetUpdate, o options) (*ipSet, error) {
	set := &ipSet{prefixes: map[int]map[netip.Prefix]bool{}, ports: map[addressPort]bool{}}
	for _, member := range update.Members {
		var err error
		if update.Type == proto.IPSetUpdate_IP_AND_PORT {
			err = set.addPort(member)
		} else {
			err = set.addNet(member, o)
		}
		if err != nil {
			return nil, fmt.Errorf("IP set %s: %w", update.Id, err)
		}
	}
	slices.SortFunc(set.addresses, netip.Addr.Compare)
	return set, nil
}

func (s *ipSet) addNet(member string, o options) error {
	if addr, err := netip.ParseAddr(member); err == nil {
		s.addresses = append(s.addresses, addr)
		return nil
	}
	prefix, err := netip.ParsePrefix(member)
	if err != nil {
		return err
	}
	if prefix.IsSingleIP() {
		s.addresses = append(s.addresses, prefix.Addr())
		return nil
	}
	length := prefix.Bits()
	if o.withoutLongPrefixes && length > 24 && prefix.Addr().Is4() {
		return nil
	}
	if s.prefixes[length] == nil {
		s.prefixes[length] = map[netip.Prefix]bool{}
	}
	s.prefixes[length][prefix.Masked()] = true
	return nil
}

// addPort reads "10.0.0.1,tcp:80".
func (s *ipSet) addPort(member string) error {
	host, service, _ := strings.Cut(member, ",")
	name, number, _ := strings.Cut(service, ":")
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return err
	}
	protocol, err := protocolNumber(name)
	if err != nil {
		return err
	}
	port, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return err
	}
	s.ports[addressPort{addr, protocol, uint16(port)}] = true
	return nil
}

// contains tells whether an address lies in the set.
func (s *ipSet) contains(addr netip.Addr) bool {
	if _, found := slices.BinarySearchFunc(s.addresses, addr, netip.Addr.Compare); found {
		return true
	}
	for length, nets := range s.prefixes {
		if prefix, err := addr.Prefix(length); err == nil && nets[prefix] {
			return true
		}
	}
	return false
}

func (s *ipSet) containsPort(addr netip.Addr, protocol uint8, port uint16) bool {
	return s.ports[addressPort{addr, protocol, port}]
}

func containedInAll(sets []*ipSet, addr netip.Addr) bool {
	for _, set := range sets {
		if !set.contains(addr) {
			return false
		}
	}
	return true
}

func containedInAny(sets []*ipSet, addr netip.Addr) bool {
	for _, set := range sets {
		if set.contains(addr) {
			return true
		}
	}
	return false
}

// A portRange is inclusive.
type portRange struct{ first, last uint16 }

func inRanges(ranges []portRange, port uint16) bool {
	for _, r := range ranges {
		if r.first <= port && port <= r.last {
			return true
		}
	}
	return false
}
