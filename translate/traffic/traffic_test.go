package traffic

import (
	"math/rand/v2"
	"testing"
)

type packet struct {
	proto uint8
	port  uint16
}

func packets() []packet {
	out := []packet{{47, 0}, {50, 0}, {0, 0}, {255, 0}}
	for _, proto := range withPorts {
		for _, port := range []uint16{1, 53, 79, 80, 81, 90, 443, 8080, 65535} {
			out = append(out, packet{proto, port})
		}
	}
	for _, proto := range []uint8{ProtoICMP, ProtoICMPv6} {
		for _, m := range []uint16{0, 1, 3 << 8, 3<<8 | 4, 8 << 8, 8<<8 | 255, 128 << 8, 255 << 8} {
			out = append(out, packet{proto, m})
		}
	}
	return out
}

func random(r *rand.Rand) Set {
	s := Set{}
	for range 1 + r.IntN(4) {
		switch r.IntN(6) {
		case 0:
			s = s.Union(Protocol(withPorts[r.IntN(4)]))
		case 1:
			bounds := []uint16{0, 1, 53, 80, 81, 443, 65535}
			s = s.Union(PortsOfProtocol(withPorts[r.IntN(4)], PortsOf(Range{bounds[r.IntN(7)], bounds[r.IntN(7)]})))
		case 2:
			s = s.Union(ICMPMessages(4+2*r.IntN(2), ICMPType(uint8([]int{0, 3, 8, 128, 255}[r.IntN(5)]))))
		case 3:
			s = s.Union(ICMPMessages(4+2*r.IntN(2), ICMPTypeCode(3, 4)))
		case 4:
			s = s.Union(Protocol(47))
		case 5:
			s = All().Subtract(s)
		}
	}
	return s
}

func TestAlgebraAgainstBruteForce(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		a, b := random(r), random(r)
		union, inter, diff := a.Union(b), a.Intersect(b), a.Subtract(b)
		for _, p := range packets() {
			x, y := a.Has(p.proto, p.port), b.Has(p.proto, p.port)
			if union.Has(p.proto, p.port) != (x || y) {
				t.Fatalf("(%s) or (%s) on %v: %s", a, b, p, union)
			}
			if inter.Has(p.proto, p.port) != (x && y) {
				t.Fatalf("(%s) and (%s) on %v: %s", a, b, p, inter)
			}
			if diff.Has(p.proto, p.port) != (x && !y) {
				t.Fatalf("(%s) minus (%s) on %v: %s", a, b, p, diff)
			}
		}
		if !a.Subtract(b).Union(a.Intersect(b)).Equal(a) {
			t.Fatalf("(%s) minus and with (%s) do not add up", a, b)
		}
		if a.Overlaps(b) == inter.IsEmpty() || a.Covers(b) != b.Subtract(a).IsEmpty() {
			t.Fatalf("(%s) and (%s): overlaps and covers contradict the sets", a, b)
		}
	}
}

func TestPortZeroIsNoPort(t *testing.T) {
	if !PortsOf(Range{0, 65535}).IsAll() || !PortsOf(Range{0, 0}).IsEmpty() || !PortsOf(Range{90, 70}).IsEmpty() {
		t.Error("port 0 or an inverted range is taken for a port")
	}
	if !PortsOfProtocol(ProtoTCP, AllPorts()).Equal(Protocol(ProtoTCP)) {
		t.Error("all ports of TCP are not TCP")
	}
}
