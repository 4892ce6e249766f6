package calico

import (
	"net"

	"github.com/policyferry/policyferry/validate/schema/problem"
)

// netList is one of the lists of networks of a rule.
type netList struct {
	at      *problem.Path
	nets    []string
	negated bool
}

func (r *rule) netLists() []netList {
	source, destination := r.at.Field("source"), r.at.Field("destination")
	return []netList{
		{source.Field("nets"), r.Source.Nets, false},
		{source.Field("notNets"), r.Source.NotNets, true},
		{destination.Field("nets"), r.Destination.Nets, false},
		{destination.Field("notNets"), r.Destination.NotNets, true},
	}
}

// netLists are those of the entity alone.
func (e *entity) netLists() []netList {
	return []netList{{e.at.Field("nets"), e.Nets, false}, {e.at.Field("notNets"), e.NotNets, true}}
}

// family is 4 or 6. An IPv4 address in IPv6 clothes is IPv4 (libcalico-go/lib/net/ipnet.go).
func family(ip net.IP) int {
	if ip.To4() != nil {
		return 4
	}
	return 6
}

// nets: the networks of a rule are prefixes without bits beyond them. A bare address is none.
func nets(e *entity) {
	for _, list := range e.netLists() {
		for i, text := range list.nets {
			address, network, err := net.ParseCIDR(text)
			switch {
			case err != nil:
				e.Wrong(list.at.Item(i), "%q is not a CIDR", text)
			case address.String() != network.IP.String():
				e.Wrong(list.at.Item(i), "%s has bits beyond its prefix; write %s", text, network)
			}
		}
	}
}

// catchAllNet is refused since Calico 3.31.
func catchAllNet(e *entity) {
	if e.Release < 31 {
		return
	}
	for i, text := range e.NotNets {
		if text == "0.0.0.0/0" || isAllIPv6(text) {
			e.Wrong(e.at.Field("notNets").Item(i), "%s leaves nothing to match", text)
		}
	}
}

func isAllIPv6(text string) bool {
	_, network, err := net.ParseCIDR(text)
	if err != nil {
		return false
	}
	ones, bits := network.Mask.Size()
	return ones == 0 && bits == 128
}

// netsOfOneFamily: all networks of a rule are of one family, whichever lists they stand in.
func netsOfOneFamily(r *rule) {
	first := 0
	for _, list := range r.netLists() {
		for i, text := range list.nets {
			address, _, err := net.ParseCIDR(text)
			if err != nil {
				continue
			}
			if first == 0 {
				first = family(address)
			}
			if family(address) != first {
				r.Wrong(list.at.Item(i), "%s is IPv%d and stands in one rule with IPv%d", text, family(address), first)
				break
			}
		}
	}
}

func netsFitVersion(r *rule) {
	if r.IPVersion == nil {
		return
	}
	for _, list := range r.netLists() {
		for i, text := range list.nets {
			address, _, err := net.ParseCIDR(text)
			if err == nil && family(address) != *r.IPVersion {
				r.Wrong(list.at.Item(i), "%s in a rule with ipVersion %d", text, *r.IPVersion)
				break
			}
		}
	}
}
