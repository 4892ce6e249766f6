package traffic

import "math/bits"

// Bits is a set of numbers 0-255: IP protocols, ICMP types, ICMP codes.
type Bits [4]uint64

// AllBits holds all 256 numbers.
var AllBits = Bits{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}

// BitsOf holds the given numbers.
func BitsOf(numbers ...uint8) Bits {
	var b Bits
	for _, n := range numbers {
		b[n>>6] |= 1 << (n & 63)
	}
	return b
}

// Has reports whether the number is in the set.
func (b Bits) Has(n uint8) bool { return b[n>>6]&(1<<(n&63)) != 0 }

// Or is the union, And the intersection, Minus the difference, of two sets.
func (b Bits) Or(c Bits) Bits { return Bits{b[0] | c[0], b[1] | c[1], b[2] | c[2], b[3] | c[3]} }

// And is the intersection of two sets.
func (b Bits) And(c Bits) Bits { return Bits{b[0] & c[0], b[1] & c[1], b[2] & c[2], b[3] & c[3]} }

// Minus is the difference of two sets.
func (b Bits) Minus(c Bits) Bits {
	return Bits{b[0] &^ c[0], b[1] &^ c[1], b[2] &^ c[2], b[3] &^ c[3]}
}

// IsEmpty reports whether no number is in the set.
func (b Bits) IsEmpty() bool { return b == Bits{} }

// Numbers lists the set in order.
func (b Bits) Numbers() []uint8 {
	var out []uint8
	for w, word := range b {
		for word != 0 {
			out = append(out, uint8(w*64+bits.TrailingZeros64(word)))
			word &= word - 1
		}
	}
	return out
}
