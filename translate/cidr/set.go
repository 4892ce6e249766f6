// Package cidr is the algebra of sets of IP addresses: union, intersection, difference and complement, exact for
// both families, with the smallest list of prefixes that says a set.
//
// Its one invariant: the spans of a Set are sorted, disjoint and never adjacent, so equal sets have equal spans.
package cidr

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Set is a set of IPv4 and IPv6 addresses. The zero value is the empty set. A Set never changes.
type Set struct {
	spans []span
}

// Of returns the set of all addresses in the prefixes. Host bits are masked off, and an IPv4-mapped IPv6 prefix means
// the IPv4 prefix. An invalid prefix is a mistake of the caller and panics.
func Of(prefixes ...netip.Prefix) Set {
	spans := make([]span, 0, len(prefixes))
	for _, p := range prefixes {
		spans = append(spans, spanOf(p))
	}
	return normal(spans)
}

// OfAddrs returns the set of exactly these addresses.
func OfAddrs(addrs ...netip.Addr) Set {
	spans := make([]span, 0, len(addrs))
	for _, a := range addrs {
		if !a.IsValid() {
			panic("cidr: the zero address is no address")
		}
		a = plain(a)
		spans = append(spans, span{a, a})
	}
	return normal(spans)
}

// Parse reads prefixes and single addresses.
func Parse(texts ...string) (Set, error) {
	prefixes := make([]netip.Prefix, 0, len(texts))
	for _, text := range texts {
		p, err := ParsePrefix(text)
		if err != nil {
			return Set{}, err
		}
		prefixes = append(prefixes, p)
	}
	return Of(prefixes...), nil
}

// ParsePrefix reads one prefix, or one address as the prefix that holds only it. Host bits are masked off.
func ParsePrefix(text string) (netip.Prefix, error) {
	if !strings.Contains(text, "/") {
		a, err := netip.ParseAddr(text)
		if err != nil || a.Zone() != "" {
			return netip.Prefix{}, fmt.Errorf("%q is neither an address nor a prefix", text)
		}
		a = plain(a)
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is not a prefix", text)
	}
	return plainPrefix(p), nil
}

// MustParse is Parse for texts that are known to be right.
func MustParse(texts ...string) Set {
	s, err := Parse(texts...)
	if err != nil {
		panic("cidr: " + err.Error())
	}
	return s
}

var (
	all4 = Of(netip.PrefixFrom(netip.IPv4Unspecified(), 0))
	all6 = Of(netip.PrefixFrom(netip.IPv6Unspecified(), 0))
	all  = all4.Union(all6)
)

// All4 returns the set of every IPv4 address.
func All4() Set { return all4 }

// All6 returns the set of every IPv6 address.
func All6() Set { return all6 }

// All returns the set of every address of both families.
func All() Set { return all }

// IsEmpty reports whether s holds no address.
func (s Set) IsEmpty() bool { return len(s.spans) == 0 }

// Equal reports whether s and t hold the same addresses.
func (s Set) Equal(t Set) bool { return slices.Equal(s.spans, t.spans) }

// ContainsAddr reports whether a is in s. An IPv4-mapped IPv6 address means the IPv4 address.
func (s Set) ContainsAddr(a netip.Addr) bool {
	if !a.IsValid() {
		return false
	}
	a = plain(a)
	i, found := slices.BinarySearchFunc(s.spans, a, func(r span, a netip.Addr) int { return r.lo.Compare(a) })
	return found || i > 0 && !s.spans[i-1].hi.Less(a)
}

// ContainsSet reports whether every address of t is in s.
func (s Set) ContainsSet(t Set) bool { return t.Subtract(s).IsEmpty() }

// Overlaps reports whether s and t have an address in common.
func (s Set) Overlaps(t Set) bool { return !s.Intersect(t).IsEmpty() }

// Family returns the addresses of s that have IP version 4 or 6.
func (s Set) Family(version int) Set {
	var spans []span
	for _, r := range s.spans {
		if r.lo.Is4() == (version == 4) {
			spans = append(spans, r)
		}
	}
	return Set{spans}
}

// First returns the lowest address of s, IPv4 before IPv6; ok is false for the empty set.
func (s Set) First() (a netip.Addr, ok bool) {
	if s.IsEmpty() {
		return netip.Addr{}, false
	}
	return s.spans[0].lo, true
}

// String lists the prefixes of s, separated by commas, or says none.
func (s Set) String() string {
	if s.IsEmpty() {
		return "none"
	}
	var texts []string
	for _, p := range s.Prefixes() {
		texts = append(texts, p.String())
	}
	return strings.Join(texts, ", ")
}
