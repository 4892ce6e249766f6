package cidr

import (
	"net/netip"
	"slices"
)

// A span is the addresses from lo to hi, both included and of one family. netip orders all IPv4 addresses before all
// IPv6 ones, so one sorted list holds both families.
type span struct {
	lo, hi netip.Addr
}

func spanOf(p netip.Prefix) span {
	if !p.IsValid() {
		panic("cidr: the zero prefix is no prefix")
	}
	p = plainPrefix(p)
	return span{p.Addr(), last(p)}
}

// last returns the highest address of a masked prefix.
func last(p netip.Prefix) netip.Addr {
	bytes := p.Addr().AsSlice()
	for bit := p.Bits(); bit < len(bytes)*8; bit++ {
		bytes[bit/8] |= 0x80 >> (bit % 8)
	}
	a, _ := netip.AddrFromSlice(bytes)
	return a
}

// normal sorts and merges spans.
func normal(spans []span) Set {
	slices.SortFunc(spans, func(a, b span) int { return a.lo.Compare(b.lo) })
	var out []span
	for _, r := range spans {
		if n := len(out) - 1; n >= 0 && touches(out[n], r) {
			out[n].hi = later(out[n].hi, r.hi)
			continue
		}
		out = append(out, r)
	}
	return Set{out}
}

// touches reports whether b, which does not begin before a, overlaps a or begins right after it. Next of the last
// IPv4 address is invalid and equals no address, so the families never merge.
func touches(a, b span) bool {
	return !a.hi.Less(b.lo) || a.hi.Next() == b.lo
}

// plain removes what does not belong to an address in a packet: the zone and the IPv4-mapped form.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// plainPrefix masks a prefix and turns an IPv4-mapped one into IPv4.
func plainPrefix(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p.Masked()
}

// Prefixes returns the shortest list of prefixes that says exactly s, sorted, IPv4 first.
func (s Set) Prefixes() []netip.Prefix {
	var out []netip.Prefix
	for _, r := range s.spans {
		for lo := r.lo; ; {
			p := widest(lo, r.hi)
			out = append(out, p)
			if last(p) == r.hi {
				break
			}
			lo = last(p).Next()
		}
	}
	return out
}

// widest returns the widest prefix that begins at lo and does not reach beyond hi.
func widest(lo, hi netip.Addr) netip.Prefix {
	p := netip.PrefixFrom(lo, lo.BitLen())
	for p.Bits() > 0 {
		wider := netip.PrefixFrom(lo, p.Bits()-1)
		if wider.Masked() != wider || hi.Less(last(wider)) {
			break
		}
		p = wider
	}
	return p
}
