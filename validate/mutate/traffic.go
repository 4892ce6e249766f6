package mutate

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// portOffByOne moves a port, or an end of a range, by one.
func portOffByOne(s site) (out []any) {
	if !slices.Contains([]string{"port", "endPort", "start", "end", "number", "ports[]", "notPorts[]", "destinationPort"}, s.key()) {
		return nil
	}
	switch v := s.value.(type) {
	case float64:
		return []any{v - 1, v + 1}
	case string:
		low, high, ranged := strings.Cut(v, ":")
		for _, by := range []int{-1, 1} {
			a, err := strconv.Atoi(low)
			if err != nil {
				return nil // a name
			}
			if !ranged {
				out = append(out, fmt.Sprint(a+by))
				continue
			}
			b, err := strconv.Atoi(high)
			if err != nil {
				return nil
			}
			out = append(out, fmt.Sprintf("%d:%d", a+by, b), fmt.Sprintf("%d:%d", a, b+by))
		}
	}
	return out
}

// prefixOffByOne makes a network twice as large, or leaves one half of it.
func prefixOffByOne(s site) (out []any) {
	text, _ := s.value.(string)
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return nil
	}
	if p.Bits() > 0 {
		out = append(out, netip.PrefixFrom(p.Addr(), p.Bits()-1).Masked().String())
	}
	if p.Bits() < p.Addr().BitLen() {
		out = append(out, netip.PrefixFrom(p.Addr(), p.Bits()+1).Masked().String())
	}
	return out
}

// icmpOffByOne changes a type or code of ICMP.
func icmpOffByOne(s site) []any {
	number, ok := s.value.(float64)
	if !ok || !s.within("icmp", "notICMP", "icmps") || !slices.Contains([]string{"type", "code"}, s.key()) {
		return nil
	}
	if number == 0 {
		return []any{1.0}
	}
	return []any{number - 1, number + 1}
}

// anotherProtocol puts a neighbour in a protocol's place, or the other family's ICMP.
func anotherProtocol(s site) []any {
	next := map[any][]any{
		"TCP": {"UDP", "SCTP"}, "UDP": {"TCP"}, "SCTP": {"TCP"}, "ANY": {"TCP", "UDP"}, "UDPLite": {"UDP"},
		"ICMP": {"ICMPv6", "TCP"}, "ICMPv6": {"ICMP"}, "IPv4": {"IPv6"}, "IPv6": {"IPv4"},
	}
	if _, number := s.value.(float64); number && (s.key() == "protocol" || s.key() == "notProtocol") {
		return []any{"TCP"}
	}
	if text, ok := s.value.(string); ok && slices.Contains([]string{"protocol", "notProtocol", "family", "type"}, s.key()) {
		return next[text]
	}
	return nil
}

// anotherEntity puts an entity in another's place.
func anotherEntity(s site) []any {
	if s.key() != "fromEntities[]" && s.key() != "toEntities[]" {
		return nil
	}
	next := map[any][]any{
		"all": {"world", "cluster"}, "world": {"all", "cluster"}, "cluster": {"all", "world"}, "host": {"remote-node", "world"},
		"remote-node": {"host"}, "kube-apiserver": {"host"}, "world-ipv4": {"world", "world-ipv6"}, "world-ipv6": {"world-ipv4"},
	}
	return next[s.value]
}
