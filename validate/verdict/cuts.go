package verdict

import (
	"maps"
	"slices"
)

// Cuts are the places at which traffic changes its meaning: destination ports, or ICMP types, and source ports, or
// ICMP codes. The zero value cuts nothing.
type Cuts struct {
	starts map[dimension]map[uint16]bool
}

// dimension is one field of the packets of a protocol.
type dimension struct {
	protocol uint8
	second   bool // source port or ICMP code
}

// Port cuts the destination ports of a protocol, or its ICMP types, before low and behind high.
func (c *Cuts) Port(protocol uint8, low, high uint16) { c.cut(dimension{protocol, false}, low, high) }

// SourcePort cuts the source ports of a protocol, or its ICMP codes.
func (c *Cuts) SourcePort(protocol uint8, low, high uint16) {
	c.cut(dimension{protocol, true}, low, high)
}

func (c *Cuts) cut(d dimension, low, high uint16) {
	if c.starts == nil {
		c.starts = map[dimension]map[uint16]bool{}
	}
	if c.starts[d] == nil {
		c.starts[d] = map[uint16]bool{}
	}
	c.starts[d][low] = true
	if high < 65535 {
		c.starts[d][high+1] = true
	}
}

// Add joins other cuts.
func (c *Cuts) Add(other Cuts) {
	for d, starts := range other.starts {
		for s := range starts {
			c.cut(d, s, 65535)
		}
	}
}

// Interval is a closed interval of ports, ICMP types or ICMP codes.
type Interval struct{ Low, High uint16 }

// Intervals are the pieces into which the cuts divide destination ports (from 1), or ICMP types, or with second the
// source ports, or ICMP codes.
func (c *Cuts) Intervals(protocol uint8, second bool) []Interval {
	first, last := uint16(1), uint16(65535)
	if protocol == 1 || protocol == 58 {
		first, last = 0, 255
	}
	var out []Interval
	at := first
	for _, start := range slices.Sorted(maps.Keys(c.starts[dimension{protocol, second}])) {
		if start > at && start <= last {
			out = append(out, Interval{at, start - 1})
			at = start
		}
	}
	return append(out, Interval{at, last})
}
