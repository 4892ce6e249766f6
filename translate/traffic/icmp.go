package traffic

// ICMP is a set of ICMP messages, type by type, each with its codes. The zero value is empty.
type ICMP struct {
	// types holds the codes of each type that has any.
	types map[uint8]Bits
}

// AllICMP is every type with every code.
func AllICMP() ICMP { return ICMP{}.complement() }

// ICMPType is one type with every code.
func ICMPType(t uint8) ICMP { return ICMP{map[uint8]Bits{t: AllBits}} }

// ICMPTypeCode is one type with one code.
func ICMPTypeCode(t, code uint8) ICMP { return ICMP{map[uint8]Bits{t: BitsOf(code)}} }

// Codes returns the codes of a type that are in the set.
func (s ICMP) Codes(t uint8) Bits { return s.types[t] }

// IsEmpty reports whether no message is in the set.
func (s ICMP) IsEmpty() bool { return len(s.types) == 0 }

// IsAll reports whether every message is in the set.
func (s ICMP) IsAll() bool { return s.complement().IsEmpty() }

// WholeTypes returns the types that are in the set with all their codes, and whether that is the whole set.
func (s ICMP) WholeTypes() ([]uint8, bool) {
	var whole Bits
	exact := true
	for t, codes := range s.types {
		if codes == AllBits {
			whole = whole.Or(BitsOf(t))
		} else {
			exact = false
		}
	}
	return whole.Numbers(), exact
}

// AnyTypes returns the types that are in the set with at least one code.
func (s ICMP) AnyTypes() []uint8 {
	var some Bits
	for t := range s.types {
		some = some.Or(BitsOf(t))
	}
	return some.Numbers()
}

func (s ICMP) combine(t ICMP, op func(a, b Bits) Bits) ICMP {
	out := map[uint8]Bits{}
	for n := range 256 {
		if c := op(s.types[uint8(n)], t.types[uint8(n)]); !c.IsEmpty() {
			out[uint8(n)] = c
		}
	}
	return ICMP{out}
}

func (s ICMP) complement() ICMP {
	return s.combine(ICMP{}, func(a, _ Bits) Bits { return AllBits.Minus(a) })
}

// Union, Intersect and Subtract are the set operations.
func (s ICMP) Union(t ICMP) ICMP { return s.combine(t, Bits.Or) }

// Intersect is the messages that are in both sets.
func (s ICMP) Intersect(t ICMP) ICMP { return s.combine(t, Bits.And) }

// Subtract is the messages of s that are not in t.
func (s ICMP) Subtract(t ICMP) ICMP { return s.combine(t, Bits.Minus) }

// Equal reports whether both hold the same messages.
func (s ICMP) Equal(t ICMP) bool {
	if len(s.types) != len(t.types) {
		return false
	}
	for n, c := range s.types {
		if t.types[n] != c {
			return false
		}
	}
	return true
}
