package cidr

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
)

// world is a universe of 256 addresses, 10.0.0.0/24 or fd00::/120: small enough to try every member.
type world struct {
	base netip.Addr
}

var worlds = []world{{netip.MustParseAddr("10.0.0.0")}, {netip.MustParseAddr("fd00::")}}

func (w world) addr(i int) netip.Addr {
	bytes := w.base.AsSlice()
	bytes[len(bytes)-1] = byte(i)
	a, _ := netip.AddrFromSlice(bytes)
	return a
}

func (w world) whole() Set { return Of(netip.PrefixFrom(w.base, w.base.BitLen()-8)) }

// random returns a set and its members as a plain table.
func (w world) random(r *rand.Rand) (Set, [256]bool) {
	var prefixes []netip.Prefix
	var members [256]bool
	for range r.IntN(7) {
		bits := r.IntN(9)
		at := r.IntN(256)
		prefixes = append(prefixes, netip.PrefixFrom(w.addr(at), w.base.BitLen()-8+bits))
		size := 256 >> bits
		for i := at / size * size; i < at/size*size+size; i++ {
			members[i] = true
		}
	}
	return Of(prefixes...), members
}

// check compares a set with the table of its members, and its prefixes with the fewest that say it.
func (w world) check(t *testing.T, what string, s Set, want func(int) bool) {
	t.Helper()
	covered := 0
	for i := range 256 {
		if got := s.ContainsAddr(w.addr(i)); got != want(i) {
			t.Fatalf("%s: contains %v = %v, want %v (%v)", what, w.addr(i), got, want(i), s)
		}
		if want(i) {
			covered++
		}
	}
	total := 0
	for _, p := range s.Prefixes() {
		total += 1 << (p.Addr().BitLen() - p.Bits())
	}
	if total != covered {
		t.Fatalf("%s: prefixes %v hold %d addresses, want %d", what, s, total, covered)
	}
	if got, fewest := len(s.Prefixes()), fewestPrefixes(want, 0, 256); got != fewest {
		t.Fatalf("%s: %d prefixes %v, want %d", what, got, s, fewest)
	}
	if again := Of(s.Prefixes()...); !again.Equal(s) {
		t.Fatalf("%s: %v read back is %v", what, s, again)
	}
}

// fewestPrefixes counts the aligned blocks that are full while their parent is not: the unique minimal cover.
func fewestPrefixes(member func(int) bool, lo, hi int) int {
	full, empty := true, true
	for i := lo; i < hi; i++ {
		if member(i) {
			empty = false
		} else {
			full = false
		}
	}
	switch {
	case empty:
		return 0
	case full:
		return 1
	}
	mid := (lo + hi) / 2
	return fewestPrefixes(member, lo, mid) + fewestPrefixes(member, mid, hi)
}

func TestAlgebraAgainstTables(t *testing.T) {
	for _, w := range worlds {
		t.Run(w.base.String(), func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			for range 400 {
				a, as := w.random(r)
				b, bs := w.random(r)
				w.check(t, "of", a, func(i int) bool { return as[i] })
				w.check(t, "union", a.Union(b), func(i int) bool { return as[i] || bs[i] })
				w.check(t, "intersect", a.Intersect(b), func(i int) bool { return as[i] && bs[i] })
				w.check(t, "subtract", a.Subtract(b), func(i int) bool { return as[i] && !bs[i] })
				w.check(t, "complement", a.Complement().Intersect(w.whole()), func(i int) bool { return !as[i] })
				contains, overlaps := true, false
				for i := range 256 {
					contains = contains && (as[i] || !bs[i])
					overlaps = overlaps || as[i] && bs[i]
				}
				if a.ContainsSet(b) != contains || a.Overlaps(b) != overlaps || a.Equal(b) != (as == bs) {
					t.Fatalf("%v and %v: contains %v, overlaps %v, equal %v", a, b, a.ContainsSet(b), a.Overlaps(b), a.Equal(b))
				}
				if !a.Complement().Complement().Equal(a) {
					t.Fatalf("%v: complement twice is %v", a, a.Complement().Complement())
				}
			}
		})
	}
}

func TestComplementHoldsBothFamilies(t *testing.T) {
	for _, tt := range []struct {
		set  Set
		want string
	}{
		{Set{}, "0.0.0.0/0, ::/0"},
		{All(), "none"},
		{All4(), "::/0"},
		{All6(), "0.0.0.0/0"},
		{MustParse("128.0.0.0/1", "::/1"), "0.0.0.0/1, 8000::/1"},
		{MustParse("0.0.0.0"), "0.0.0.1/32, 0.0.0.2/31, 0.0.0.4/30, 0.0.0.8/29, 0.0.0.16/28, 0.0.0.32/27, 0.0.0.64/26, 0.0.0.128/25, " +
			"0.0.1.0/24, 0.0.2.0/23, 0.0.4.0/22, 0.0.8.0/21, 0.0.16.0/20, 0.0.32.0/19, 0.0.64.0/18, 0.0.128.0/17, " +
			"0.1.0.0/16, 0.2.0.0/15, 0.4.0.0/14, 0.8.0.0/13, 0.16.0.0/12, 0.32.0.0/11, 0.64.0.0/10, 0.128.0.0/9, " +
			"1.0.0.0/8, 2.0.0.0/7, 4.0.0.0/6, 8.0.0.0/5, 16.0.0.0/4, 32.0.0.0/3, 64.0.0.0/2, 128.0.0.0/1, ::/0"},
		{MustParse("128.0.0.0/1", "0.0.0.0/2", "::/0"), "64.0.0.0/2"},
	} {
		if got := tt.set.Complement().String(); got != tt.want {
			t.Errorf("complement of %v\ngot  %v\nwant %v", tt.set, got, tt.want)
		}
	}
}

func TestFamiliesNeverMerge(t *testing.T) {
	s := MustParse("255.255.255.255", "::")
	if got := s.String(); got != "255.255.255.255/32, ::/128" {
		t.Errorf("got %v", got)
	}
	if got := s.Family(4).String() + " and " + s.Family(6).String(); got != "255.255.255.255/32 and ::/128" {
		t.Errorf("families: got %v", got)
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"10.1.2.3/8":            "10.0.0.0/8",
		"10.1.2.3":              "10.1.2.3/32",
		"::ffff:10.1.2.3":       "10.1.2.3/32",
		"::ffff:10.0.0.0/104":   "10.0.0.0/8",
		"2001:db8::1":           "2001:db8::1/128",
		"2001:db8:0:0:1::/0":    "::/0",
		"10.0.0.0/9 and the 2.": "",
		"fe80::1%eth0":          "",
		"10.0.0.0/33":           "",
		"010.0.0.1":             "",
		"":                      "",
	} {
		s, err := Parse(text)
		if want == "" {
			if err == nil {
				t.Errorf("%q: got %v, want an error", text, s)
			}
			continue
		}
		if err != nil || s.String() != want {
			t.Errorf("%q: got %v, %v, want %v", text, s, err, want)
		}
	}
}

func TestFirstAndOfAddrs(t *testing.T) {
	if a, ok := (Set{}).First(); ok {
		t.Errorf("first of none is %v", a)
	}
	s := OfAddrs(netip.MustParseAddr("fd00::1"), netip.MustParseAddr("10.0.0.3"), netip.MustParseAddr("10.0.0.2"))
	if a, ok := s.First(); !ok || a != netip.MustParseAddr("10.0.0.2") {
		t.Errorf("first is %v, %v", a, ok)
	}
	if got := s.String(); got != "10.0.0.2/31, fd00::1/128" {
		t.Errorf("got %v", got)
	}
}

func TestInvalidPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"prefix": func() { Of(netip.Prefix{}) },
		"addr":   func() { OfAddrs(netip.Addr{}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

func TestSetsDoNotShareMemory(t *testing.T) {
	a := MustParse("10.0.0.0/25")
	before := slices.Clone(a.Prefixes())
	b := a.Union(MustParse("10.0.0.128/25"))
	_ = a.Union(MustParse("10.0.0.0/8"))
	if !slices.Equal(a.Prefixes(), before) || b.String() != "10.0.0.0/24" {
		t.Errorf("a is now %v, b %v", a, b)
	}
}

func ExampleSet_Subtract() {
	pods := MustParse("10.244.0.0/16")
	fmt.Println(MustParse("10.240.0.0/12").Subtract(pods))
	// Output: 10.240.0.0/14, 10.245.0.0/16, 10.246.0.0/15, 10.248.0.0/13
}
