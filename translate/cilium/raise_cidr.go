package cilium

import (
	"net/netip"

	"github.com/policyferry/policyferry/translate/cidr"
)

// maxPlanned bounds the sets for which the shortest form is looked for; longer ones are listed as they are.
const maxPlanned = 128

// cidrPeer writes outside addresses the way people do: a list of prefixes, or wide ones with exceptions where that
// is shorter.
func cidrPeer(s cidr.Set) peerElement {
	var rules []cidrRule
	simple := true
	for _, version := range []int{4, 6} {
		family := s.Family(version)
		if family.IsEmpty() {
			continue
		}
		for _, e := range plan(family, version) {
			rules = append(rules, e)
			simple = simple && len(e.Except) == 0
		}
	}
	if !simple {
		return peerElement{cidrSet: rules}
	}
	var out peerElement
	for _, e := range rules {
		out.cidr = append(out.cidr, e.CIDR)
	}
	return out
}

func plan(s cidr.Set, version int) []cidrRule {
	prefixes := s.Prefixes()
	if len(prefixes) == 1 || len(prefixes) > maxPlanned {
		return list(prefixes)
	}
	root := netip.PrefixFrom(netip.IPv4Unspecified(), 0)
	if version == 6 {
		root = netip.PrefixFrom(netip.IPv6Unspecified(), 0)
	}
	return planWithin(s, root)
}

func list(prefixes []netip.Prefix) []cidrRule {
	out := make([]cidrRule, len(prefixes))
	for i, p := range prefixes {
		out[i].CIDR = p.String()
	}
	return out
}

// planWithin writes the part of a set that lies in a prefix: as it is, as the prefix with exceptions, or as the plans
// of its halves, whichever has the fewest entries.
func planWithin(s cidr.Set, p netip.Prefix) []cidrRule {
	inside := s.Intersect(cidr.Of(p))
	if inside.IsEmpty() {
		return nil
	}
	prefixes := inside.Prefixes()
	if len(prefixes) == 1 {
		return list(prefixes)
	}
	low, high := halves(p)
	best := append(planWithin(inside, low), planWithin(inside, high)...)
	if missing := cidr.Of(p).Subtract(inside).Prefixes(); 1+len(missing) < entries(best) {
		whole := cidrRule{CIDR: p.String()}
		for _, m := range missing {
			whole.Except = append(whole.Except, m.String())
		}
		return []cidrRule{whole}
	}
	return best
}

func entries(list []cidrRule) int {
	n := 0
	for _, r := range list {
		n += 1 + len(r.Except)
	}
	return n
}

func halves(p netip.Prefix) (low, high netip.Prefix) {
	bytes := p.Addr().AsSlice()
	low = netip.PrefixFrom(p.Addr(), p.Bits()+1)
	bytes[p.Bits()/8] |= 0x80 >> (p.Bits() % 8)
	addr, _ := netip.AddrFromSlice(bytes)
	return low, netip.PrefixFrom(addr, p.Bits()+1)
}
