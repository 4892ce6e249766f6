package traffic

import (
	"fmt"
	"slices"
	"strings"
)

// Range is a range of ports, both ends included.
type Range struct{ First, Last uint16 }

// String returns 80 or 80-90.
func (r Range) String() string {
	if r.First == r.Last {
		return fmt.Sprint(r.First)
	}
	return fmt.Sprintf("%d-%d", r.First, r.Last)
}

// Ports is a set of ports 1-65535. The zero value is empty. Ports are immutable.
type Ports struct{ ranges []Range }

// AllPorts is every port from 1 to 65535.
func AllPorts() Ports { return Ports{[]Range{{1, 65535}}} }

// PortsOf is the union of the ranges. Port 0 is no port and is left out; an inverted range is empty.
func PortsOf(ranges ...Range) Ports {
	in := make([]Range, 0, len(ranges))
	for _, r := range ranges {
		r.First = max(r.First, 1)
		if r.First <= r.Last {
			in = append(in, r)
		}
	}
	slices.SortFunc(in, func(a, b Range) int { return int(a.First) - int(b.First) })
	var out []Range
	for _, r := range in {
		if n := len(out); n > 0 && int(r.First) <= int(out[n-1].Last)+1 {
			out[n-1].Last = max(out[n-1].Last, r.Last)
			continue
		}
		out = append(out, r)
	}
	return Ports{out}
}

// Ranges returns the set as ordered, disjoint ranges. The slice must not be changed.
func (p Ports) Ranges() []Range { return p.ranges }

// IsEmpty and IsAll report whether no port and every port is in the set.
func (p Ports) IsEmpty() bool { return len(p.ranges) == 0 }

// IsAll reports whether every port is in the set.
func (p Ports) IsAll() bool { return len(p.ranges) == 1 && p.ranges[0] == Range{1, 65535} }

// Has reports whether the port is in the set.
func (p Ports) Has(port uint16) bool {
	return slices.ContainsFunc(p.ranges, func(r Range) bool { return r.First <= port && port <= r.Last })
}

// Union is the ports that are in either set.
func (p Ports) Union(q Ports) Ports { return PortsOf(append(slices.Clone(p.ranges), q.ranges...)...) }

// Intersect is the ports that are in both sets.
func (p Ports) Intersect(q Ports) Ports {
	var out []Range
	for _, a := range p.ranges {
		for _, b := range q.ranges {
			if lo, hi := max(a.First, b.First), min(a.Last, b.Last); lo <= hi {
				out = append(out, Range{lo, hi})
			}
		}
	}
	return PortsOf(out...)
}

// Complement is the ports that are not in the set.
func (p Ports) Complement() Ports {
	var out []Range
	next := 1
	for _, r := range p.ranges {
		if int(r.First) > next {
			out = append(out, Range{uint16(next), r.First - 1})
		}
		next = int(r.Last) + 1
	}
	if next <= 65535 {
		out = append(out, Range{uint16(next), 65535})
	}
	return Ports{out}
}

// Subtract is the ports of p that are not in q.
func (p Ports) Subtract(q Ports) Ports { return p.Intersect(q.Complement()) }

// Equal reports whether both hold the same ports.
func (p Ports) Equal(q Ports) bool { return slices.Equal(p.ranges, q.ranges) }

// String lists the ranges.
func (p Ports) String() string {
	parts := make([]string, len(p.ranges))
	for i, r := range p.ranges {
		parts[i] = r.String()
	}
	return strings.Join(parts, ",")
}
