package snapshot

import (
	"crypto/hmac"
	"crypto/sha256"
	"net/netip"
	"strings"
)

// special are the ranges that keep their meaning: whoever reads an anonymised snapshot must tell a private address from a
// public one, and no address may become one of these that was none. Addresses are renamed inside of them.
var special = prefixes("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3",
	"::/16", "fc00::/7", "fe80::/10", "ff00::/8")

func prefixes(texts ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, t := range texts {
		out = append(out, netip.MustParsePrefix(t))
	}
	return out
}

// unchanged are ranges in which every address stays what it is.
var unchanged = prefixes("0.0.0.0/32", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::/16", "fe80::/10", "ff00::/8")

// address renames an address so that two addresses share exactly as many leading bits as before (as Crypto-PAn does): what
// lay in a range lies in the renamed range, and nothing else does.
func (a *anonymiser) address(addr netip.Addr) netip.Addr {
	if addr.Is4In6() {
		return netip.AddrFrom16(a.address(addr.Unmap()).As16())
	}
	for _, p := range unchanged {
		if p.Contains(addr) {
			return addr
		}
	}
	bytes := addr.WithZone("").AsSlice()
	out := make([]byte, len(bytes))
	for bit := range len(bytes) * 8 {
		mask := byte(1) << (7 - bit%8)
		out[bit/8] |= bytes[bit/8] & mask
		if a.flips(bytes, bit) {
			out[bit/8] ^= mask
		}
	}
	renamed, _ := netip.AddrFromSlice(out)
	return renamed
}

// flips decides about one bit by the bits before it. On the way to a special range nothing is flipped.
func (a *anonymiser) flips(bytes []byte, bit int) bool {
	before := make([]byte, len(bytes))
	copy(before, bytes[:bit/8])
	if bit%8 > 0 {
		before[bit/8] = bytes[bit/8] &^ (0xff >> (bit % 8))
	}
	head, _ := netip.AddrFromSlice(before)
	for _, p := range special {
		if head.BitLen() == p.Addr().BitLen() && bit < p.Bits() && netip.PrefixFrom(head, bit).Contains(p.Addr()) {
			return false
		}
	}
	mac := hmac.New(sha256.New, a.salt)
	mac.Write([]byte{byte(len(bytes)), byte(bit)})
	mac.Write(before)
	return mac.Sum(nil)[0]&1 == 1
}

// addresses renames a text that is an address, a range, or an address with a port; false for any other.
func (a *anonymiser) addresses(text string) (string, bool) {
	if addr, err := netip.ParseAddr(text); err == nil {
		return a.cached(text, func() string { return a.address(addr).String() }), true
	}
	if p, err := netip.ParsePrefix(text); err == nil {
		return a.cached(text, func() string { return a.prefix(p).String() }), true
	}
	if ap, err := netip.ParseAddrPort(text); err == nil {
		return netip.AddrPortFrom(a.address(ap.Addr()), ap.Port()).String(), true
	}
	return "", false
}

// prefix renames a range. One with bits behind its length, which Calico refuses, keeps some.
func (a *anonymiser) prefix(p netip.Prefix) netip.Prefix {
	renamed := netip.PrefixFrom(a.address(p.Addr()), p.Bits())
	masked := renamed.Masked()
	if p == p.Masked() {
		return masked
	}
	if renamed == masked {
		return netip.PrefixFrom(renamed.Addr().Next(), p.Bits())
	}
	return renamed
}

// listed renames the addresses of a list as annotations and settings have it; false if anything else is among them.
func (a *anonymiser) listed(text string) (string, bool) {
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
	for i, w := range words {
		renamed, ok := a.addresses(w)
		if !ok {
			return "", false
		}
		words[i] = renamed
	}
	return strings.Join(words, ","), len(words) > 0
}
