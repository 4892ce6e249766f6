package replay

import (
	"cmp"

	"github.com/policyferry/policyferry/validate/replay/flow"
	"github.com/policyferry/policyferry/validate/verdict"
)

// group is all that was seen between two places with the same traffic.
type group struct {
	from, to *place
	// own says that one end is the other's own node, self that a pod speaks with itself.
	own, self bool
	traffic
}

// seen is what was seen of a group.
type seen struct {
	// counts are connections, by the point where and the verdict with which they were seen.
	counts      [3][4]uint64
	first, last int64
	// witness is one of the connections: the first by name, whichever was seen first.
	witness [2]*placed
	// reason is why a connection was dropped otherwise than by policy, the first of several by name.
	reason   string
	untyped  bool
	standsIn uint64
}

// gathering gathers sights.
type gathering struct {
	groups map[group]*seen
	limit  int
	// recent and older hold the packets of connections that were counted. An address may have had another owner before,
	// so a packet is one of its group.
	recent, older map[packetOf]struct{}
	window        window
	records       [16]uint64
	corrupt       []Corrupt
	inputs        []string
	formats       map[string]Format
	lost          uint64
}

// packetOf is a packet between two places.
type packetOf struct {
	of     *seen
	packet uint64
}

// remembered is how many sights are remembered at least, so that what is seen twice is counted once.
const remembered = 1 << 20

func newGathering(limit int) *gathering {
	return &gathering{
		groups: map[group]*seen{}, limit: limit, recent: map[packetOf]struct{}{}, older: map[packetOf]struct{}{}, formats: map[string]Format{},
		window: window{nodes: map[string]bool{}},
	}
}

// take takes in a batch.
func (g *gathering) take(d *decoded) {
	if _, known := g.formats[d.input.name]; !known {
		g.formats[d.input.name] = d.input.format
		g.inputs = append(g.inputs, d.input.name)
	}
	for kind, n := range d.records {
		g.records[kind] += n
	}
	g.corrupt = append(g.corrupt, d.corrupt[:min(len(d.corrupt), samples-len(g.corrupt))]...)
	g.lost += d.lost
	for node := range d.observed {
		g.window.nodes[node] = true
	}
	for i := range d.sights {
		g.sight(&d.sights[i])
	}
}

// sight counts a connection once, however often it is seen at one point.
func (g *gathering) sight(s *sight) {
	g.window.add(s)
	key := group{from: s.from.place, to: s.to.place, traffic: s.traffic}
	key.own = s.from.node != "" && s.from.node == s.to.node && (s.from.end.Node != "" || s.to.end.Node != "")
	key.self = s.from.end != (verdict.Endpoint{}) && s.from.end == s.to.end
	of := g.groups[key]
	if of == nil {
		if len(g.groups) >= g.limit {
			g.records[flow.Connection]--
			g.records[flow.Excess]++
			return
		}
		of = &seen{first: s.first, last: s.last, witness: [2]*placed{s.from, s.to}}
		g.groups[key] = of
	}
	if s.first != 0 && (of.first == 0 || s.first < of.first) {
		of.first = s.first
	}
	of.last = max(of.last, s.last)
	of.untyped = of.untyped || s.untyped
	if s.verdict == flow.Dropped && (of.reason == "" || s.reason < of.reason) {
		of.reason = s.reason
	}
	if at := [2]*placed{s.from, s.to}; compareEnds(at, of.witness) < 0 {
		of.witness = at
	}
	n := s.count
	if n == 0 {
		if n = 1; g.again(packetOf{of, s.packet}) {
			return
		}
	}
	of.counts[s.point][s.verdict] += n
	if s.from.standsIn || s.to.standsIn {
		of.standsIn += n
	}
}

// again reports whether a packet of the connection was counted lately.
func (g *gathering) again(packet packetOf) bool {
	if _, known := g.recent[packet]; known {
		return true
	}
	_, known := g.older[packet]
	if len(g.recent) >= remembered {
		g.recent, g.older = g.older, g.recent
		clear(g.recent)
	}
	g.recent[packet] = struct{}{}
	return known
}

// total is how many connections of a group were let through, were let through by audit only, were denied by policy, and
// were dropped otherwise. Each end that reports tells of all of them, and the destination tells the end of it: what the
// source let through it may still have stopped. Policy stops all of a group or none; whatever else drops, drops some.
func (s *seen) total() (out [4]uint64) {
	at := &s.counts
	for _, v := range []flow.Verdict{flow.Denied, flow.Dropped} {
		out[v] = at[flow.Egress][v] + at[flow.Ingress][v] + at[flow.Anywhere][v]
	}
	// Of a connection that ended for another reason there may be more that did not.
	dropped := at[flow.Ingress][flow.Dropped]
	for _, v := range []flow.Verdict{flow.Forwarded, flow.Audited} {
		out[v] = max(at[flow.Ingress][v], at[flow.Anywhere][v])
		if at[flow.Ingress][flow.Denied] > 0 {
			continue
		}
		ended := min(at[flow.Egress][v], dropped)
		out[v], dropped = max(out[v], at[flow.Egress][v]-ended), dropped-ended
	}
	return out
}

// compareEnds orders pairs of ends.
func compareEnds(a, b [2]*placed) int {
	for i := range a {
		if a[i] == b[i] {
			continue
		}
		x, y := &a[i].end, &b[i].end
		if c := cmp.Or(cmp.Compare(x.Pod, y.Pod), cmp.Compare(x.Node, y.Node), x.Addr.Compare(y.Addr)); c != 0 {
			return c
		}
	}
	return 0
}
