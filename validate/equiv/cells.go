package equiv

import (
	"slices"

	"github.com/policyferry/policyferry/validate/verdict"
)

// IP protocol numbers.
const (
	icmp, tcp, udp, icmpv6, sctp = 1, 6, 17, 58, 132
)

// cell is traffic that neither side tells apart: of one protocol, or with protocol 0 of all that have no cell of
// their own.
type cell struct {
	protocol uint8
	// first are destination ports or ICMP types, second source ports or ICMP codes.
	first, second verdict.Interval
}

// protocolsOf are the protocols without ports that get cells of their own.
type traffic struct {
	others []uint8
	// rest stands for the protocols that nobody names.
	rest uint8
	// without are protocols that are not compared, since a dataplane drops them whatever the policies say.
	without map[uint8]bool
}

// newTraffic gathers the protocols that the sets name.
func newTraffic(named ...[]uint8) *traffic {
	t := &traffic{without: map[uint8]bool{}}
	for _, list := range named {
		for _, p := range list {
			switch p {
			case 0, icmp, tcp, udp, icmpv6, sctp:
			default:
				t.others = append(t.others, p)
			}
		}
	}
	slices.Sort(t.others)
	t.others = slices.Compact(t.others)
	for t.rest = 253; slices.Contains(t.others, t.rest); t.rest-- {
	}
	return t
}

// cells divides the traffic of a family at the cuts.
func (t *traffic) cells(c *verdict.Cuts, family int) []cell {
	var out []cell
	messages := uint8(icmp)
	if family == 6 {
		messages = icmpv6
	}
	for _, protocol := range []uint8{tcp, udp, sctp, messages} {
		if t.without[protocol] {
			continue
		}
		for _, first := range c.Intervals(protocol, false) {
			for _, second := range c.Intervals(protocol, true) {
				out = append(out, cell{protocol, first, second})
			}
		}
	}
	for _, protocol := range t.others {
		if !t.without[protocol] {
			out = append(out, cell{protocol: protocol})
		}
	}
	if !t.without[t.rest] {
		out = append(out, cell{})
	}
	return out
}

// witness fills in a packet of the cell. The second try is another one, if there is another.
func (t *traffic) witness(c cell, into verdict.Connection, second bool) verdict.Connection {
	into.Protocol = c.protocol
	first, other := c.first.Low, c.second.Low
	if second {
		first, other = c.first.High, c.second.High
	}
	switch c.protocol {
	case 0:
		into.Protocol = t.rest
	case icmp, icmpv6:
		into.ICMPType, into.ICMPCode = uint8(first), uint8(other)
	case tcp, udp, sctp:
		into.Port, into.SourcePort = first, other
		if c.second == (verdict.Interval{Low: 1, High: 65535}) {
			into.SourcePort = 40000
		}
	}
	return into
}

// size is the number of destination ports, ICMP messages or protocols in a cell. A part of the source ports counts
// as that part.
func (t *traffic) size(c cell) float64 {
	width := func(i verdict.Interval) float64 { return float64(i.High-i.Low) + 1 }
	switch c.protocol {
	case 0:
		return float64(256 - 5 - len(t.others))
	case icmp, icmpv6:
		return width(c.first) * width(c.second)
	case tcp, udp, sctp:
		return width(c.first) * width(c.second) / 65535
	}
	return 1
}

// meet is what two cells have in common.
func (c cell) meet(d cell) (cell, bool) {
	if c.protocol != d.protocol {
		return cell{}, false
	}
	out := cell{c.protocol, intersect(c.first, d.first), intersect(c.second, d.second)}
	return out, out.first.Low <= out.first.High && out.second.Low <= out.second.High
}

func intersect(a, b verdict.Interval) verdict.Interval {
	return verdict.Interval{Low: max(a.Low, b.Low), High: min(a.High, b.High)}
}
