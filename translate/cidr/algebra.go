package cidr

import (
	"net/netip"
	"slices"
)

// Union returns the addresses that are in s or in t.
func (s Set) Union(t Set) Set {
	return normal(slices.Concat(s.spans, t.spans))
}

// Intersect returns the addresses that are in both s and t.
func (s Set) Intersect(t Set) Set {
	var out []span
	for i, j := 0, 0; i < len(s.spans) && j < len(t.spans); {
		a, b := s.spans[i], t.spans[j]
		lo, hi := later(a.lo, b.lo), earlier(a.hi, b.hi)
		if !hi.Less(lo) {
			out = append(out, span{lo, hi})
		}
		if a.hi.Less(b.hi) {
			i++
		} else {
			j++
		}
	}
	return Set{out}
}

// Subtract returns the addresses of s that are not in t.
func (s Set) Subtract(t Set) Set { return s.Intersect(t.Complement()) }

// Complement returns every address, of both families, that is not in s. To stay within one family, write
// All4().Subtract(s).
func (s Set) Complement() Set {
	return Set{append(gaps(s.Family(4).spans, all4.spans[0]), gaps(s.Family(6).spans, all6.spans[0])...)}
}

// gaps returns what the sorted spans leave of the whole.
func gaps(spans []span, whole span) []span {
	var out []span
	next := whole.lo
	for _, r := range spans {
		if next.Less(r.lo) {
			out = append(out, span{next, r.lo.Prev()})
		}
		if r.hi == whole.hi {
			return out
		}
		next = r.hi.Next()
	}
	return append(out, span{next, whole.hi})
}

func later(a, b netip.Addr) netip.Addr {
	if a.Less(b) {
		return b
	}
	return a
}

func earlier(a, b netip.Addr) netip.Addr {
	if b.Less(a) {
		return b
	}
	return a
}
