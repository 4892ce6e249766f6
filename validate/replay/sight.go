package replay

import (
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/policyferry/policyferry/validate/replay/flow"
)

// sight is one sight of a connection, with its ends placed.
type sight struct {
	from, to *placed
	traffic
	verdict     flow.Verdict
	point       flow.Point
	untyped     bool
	reason      string
	first, last int64
	// count is the number of connections; where it is 0, packet is the same for sights of one connection.
	count  uint64
	packet uint64
}

// traffic is what flows between two ends.
type traffic struct {
	protocol uint8
	// family is 4 or 6, or 0 where no address tells.
	family uint8
	port   uint16
	// source stands for the source ports that no policy tells apart; 0 where all are the same.
	source uint16
	// kind and code are of ICMP.
	kind, code uint8
}

// assumedPort is the source port of a connection whose own does not matter, or is not told.
const assumedPort = 40000

// sourcePort is the port that stands for a source port.
func (p *placer) sourcePort(protocol uint8, port uint16) uint16 {
	pieces := p.sources[protocol]
	if len(pieces) < 2 || port == 0 {
		return 0
	}
	for _, i := range pieces {
		if i.Low <= port && port <= i.High {
			if i.Low <= assumedPort && assumedPort <= i.High {
				return 0
			}
			return i.Low
		}
	}
	return 0
}

// sight places the ends of a flow.
func (w *worker) sight(f *flow.Flow) sight {
	s := sight{
		from: w.place(&f.From, f.Node), to: w.place(&f.To, f.Node), verdict: f.Verdict, point: f.Point, untyped: f.Untyped,
		reason: w.interned(f.Reason), count: f.Count,
		traffic: traffic{
			protocol: f.Protocol, port: f.Port,
			source: w.placer.sourcePort(f.Protocol, f.SourcePort),
			kind:   f.ICMPType, code: f.ICMPCode, family: family(f),
		},
	}
	if f.Untyped { // whoever sends a message without being asked most often sends an echo request
		s.kind = 8
		if f.Protocol == 58 {
			s.kind = 128
		}
	}
	if known(f.First) && known(f.Last) {
		s.first, s.last = f.First.UnixNano(), f.Last.UnixNano()
	}
	if s.count == 0 {
		s.packet = w.packet(f)
	}
	return s
}

// known reports whether a time can be one at which something was seen. Nanoseconds do not reach beyond 2262.
func known(t time.Time) bool { return t.Year() > 1970 && t.Year() < 2262 }

func family(f *flow.Flow) uint8 {
	for _, a := range []netip.Addr{f.From.Addr, f.To.Addr} {
		if a.IsValid() {
			return map[bool]uint8{true: 4, false: 6}[a.Is4()]
		}
	}
	switch f.Protocol {
	case 1:
		return 4
	case 58:
		return 6
	}
	return 0
}

// place finds an end, and remembers it.
func (w *worker) place(e *flow.End, node string) *placed {
	if e.Role == flow.Pod && e.Name != "" {
		if known := w.placer.byName[e.Namespace][e.Name]; known != nil {
			return known
		}
	}
	w.key = w.key[:0]
	w.key = append(w.key, byte(e.Role))
	texts := []string{e.Namespace, e.Name, e.Prefix, e.Workload, e.Account}
	switch e.Role {
	case flow.Host:
		texts = []string{node}
	case flow.Pod, flow.Set, flow.Remote:
	default:
		texts = append([]string{e.Name}, e.Names...)
	}
	for _, text := range texts {
		w.key = append(append(w.key, text...), 0)
	}
	if e.Role == flow.Pod {
		for _, label := range e.Labels {
			w.key = append(append(w.key, label...), 0)
		}
	} else if e.Addr.IsValid() {
		w.key = append(w.key, e.Addr.AsSlice()...)
	}
	if known := w.cache[string(w.key)]; known != nil {
		return known
	}
	if len(w.cache) == cacheSize {
		clear(w.cache)
	}
	found := w.placer.find(e, node)
	w.cache[string(w.key)] = found
	return found
}

// cacheSize is how many ends a worker remembers. There may be any number of addresses outside.
const cacheSize = 1 << 15

// interned keeps one copy of each reason; there are a few dozen.
func (w *worker) interned(text string) string {
	if known, ok := w.reasons[text]; ok || len(w.reasons) > 1000 {
		return known
	}
	w.reasons[text] = text
	return text
}

// packet is a hash of what tells connections apart, and of who has seen it (FNV-1a).
func (w *worker) packet(f *flow.Flow) uint64 {
	b := w.key[:0]
	b = append(b, f.From.Addr.AsSlice()...)
	b = append(b, f.To.Addr.AsSlice()...)
	b = binary.BigEndian.AppendUint16(b, f.Port)
	b = binary.BigEndian.AppendUint16(b, f.SourcePort)
	point := f.Point
	if f.Verdict == flow.Denied || f.Verdict == flow.Dropped {
		point = flow.Anywhere // a connection ends once, and not every record of it tells where
	}
	b = append(b, f.Protocol, f.ICMPType, f.ICMPCode, byte(point), byte(f.Verdict))
	if !f.From.Addr.IsValid() || !f.To.Addr.IsValid() {
		b = append(append(append(append(b, f.From.Namespace...), f.From.Name...), f.To.Namespace...), f.To.Name...)
	}
	w.key = b
	hash := uint64(14695981039346656037)
	for _, c := range b {
		hash = (hash ^ uint64(c)) * 1099511628211
	}
	return hash
}
