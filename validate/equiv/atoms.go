package equiv

import (
	"math"
	"net/netip"
	"slices"

	"github.com/policyferry/policyferry/translate/cidr"
)

// addressSpace is divided at the bounds of ranges. No judge tells addresses of one atom apart, those aside that
// belong to a pod or a node.
type addressSpace struct {
	// starts are the first addresses of the atoms, ascending; IPv4 before IPv6.
	starts []netip.Addr
}

// divide cuts the address space at both ends of every range.
func divide(ranges []netip.Prefix) *addressSpace {
	s := &addressSpace{starts: []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()}}
	for _, p := range ranges {
		if !p.IsValid() {
			continue
		}
		for _, piece := range []cidr.Set{cidr.Of(p)} {
			first, _ := piece.First()
			s.starts = append(s.starts, first)
		}
		if next := lastOf(p).Next(); next.IsValid() {
			s.starts = append(s.starts, next)
		}
	}
	slices.SortFunc(s.starts, netip.Addr.Compare)
	s.starts = slices.Compact(s.starts)
	return s
}

func lastOf(p netip.Prefix) netip.Addr {
	p = p.Masked()
	bytes := p.Addr().AsSlice()
	for bit := p.Bits(); bit < len(bytes)*8; bit++ {
		bytes[bit/8] |= 0x80 >> (bit % 8)
	}
	a, _ := netip.AddrFromSlice(bytes)
	return a
}

// at is the number of the atom that holds an address.
func (s *addressSpace) at(a netip.Addr) int {
	i, found := slices.BinarySearchFunc(s.starts, a, netip.Addr.Compare)
	if found {
		return i
	}
	return i - 1
}

// last is the last address of an atom.
func (s *addressSpace) last(atom int) netip.Addr {
	if atom+1 < len(s.starts) && s.starts[atom+1].Is4() == s.starts[atom].Is4() {
		return s.starts[atom+1].Prev()
	}
	return lastOf(netip.PrefixFrom(s.starts[atom], 0))
}

// atom is a range of addresses outside the cluster.
type atom struct {
	witness netip.Addr
	size    float64
}

// outside are the atoms less the addresses that are in use or set aside for the cluster.
func (s *addressSpace) outside(inside cidr.Set, used map[netip.Addr]bool) []atom {
	var out []atom
	for i, first := range s.starts {
		last := s.last(i)
		whole := cidr.Of(between(first, last)...)
		free := whole.Subtract(inside)
		if free.IsEmpty() {
			continue
		}
		if witness, ok := unused(free, used); ok {
			out = append(out, atom{witness, count(free)})
		}
	}
	return out
}

// unused finds an address of a set that nobody uses.
func unused(free cidr.Set, used map[netip.Addr]bool) (netip.Addr, bool) {
	for _, p := range free.Prefixes() {
		for a := p.Addr(); p.Contains(a); a = a.Next() {
			if !used[a] {
				return a, true
			}
		}
	}
	return netip.Addr{}, false
}

// count is the number of addresses in a set.
func count(s cidr.Set) float64 {
	n := 0.0
	for _, p := range s.Prefixes() {
		n += math.Pow(2, float64(p.Addr().BitLen()-p.Bits()))
	}
	return n
}

// between covers a range of addresses with prefixes.
func between(first, last netip.Addr) []netip.Prefix {
	var out []netip.Prefix
	for a := first; a.IsValid() && !last.Less(a); {
		bits := a.BitLen()
		for bits > 0 {
			wider := netip.PrefixFrom(a, bits-1)
			if wider.Masked().Addr() != a || last.Less(lastOf(wider)) {
				break
			}
			bits--
		}
		p := netip.PrefixFrom(a, bits)
		out = append(out, p)
		a = lastOf(p).Next()
	}
	return out
}
