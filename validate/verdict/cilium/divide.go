package cilium

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/policyferry/policyferry/validate/verdict"
)

// divider tells peers apart by what rules ask of their identities. It is safe for concurrent use.
type divider struct {
	*judge
	identities []*identity
	// everyone are all peers, addressed those that a CIDR can match, byLabel those that have a label.
	everyone, addressed []int32
	// outside are those outside the cluster, by address.
	outside []int32
	byLabel map[label][]int32
	// numbers are those that a port name has at any peer.
	numbers map[string]map[uint16]bool
	// members by the text of a peer in a rule, splits by rule.
	members, splits sync.Map
}

// Governs implements verdict.Divider.
func (d *divider) Governs(at verdict.Peer, ingress bool) verdict.Governing {
	var g verdict.Governing
	who, err := d.world.find(at.Endpoint)
	s := who.subject()
	if err != nil || s == nil {
		return g
	}
	d.compute(s, who.pod == nil)
	rules := s.egress.rules
	if ingress {
		rules = s.ingress.rules
	}
	for _, r := range rules {
		if split := d.split(r, s); split != nil {
			g.Splits = append(g.Splits, split)
		}
		d.cut(&g.Cuts, r, s)
	}
	return g
}

// split is what a rule tells apart, computed once for all ends.
func (d *divider) split(r *rule, s *subject) *verdict.Split {
	known, ok := d.splits.Load(r)
	if !ok {
		known, _ = d.splits.LoadOrStore(r, d.divide(r, s.shared == nil))
	}
	return known.(*verdict.Split)
}

func (d *divider) divide(r *rule, ownNames bool) *verdict.Split {
	names := r.egressNames()
	if r.peers.nobody || len(r.peers.list) == 0 && len(names) == 0 {
		return nil
	}
	covered, selected := map[int32]bool{}, map[int32]bool{}
	for _, p := range r.peers.list {
		for _, i := range d.match(p) {
			covered[i] = covered[i] || p.covers(d.identities[i])
			selected[i] = selected[i] || p.selects(d.identities[i])
		}
	}
	alike := map[string][]int32{}
	among := slices.Sorted(maps.Keys(covered))
	if len(r.peers.list) == 0 {
		among = d.everyone
	}
	for _, i := range among {
		key := "covered"
		if len(names) > 0 && ownNames {
			key = fmt.Sprint(covered[i], selected[i], d.identities[i].numbers(names))
		}
		alike[key] = append(alike[key], i)
	}
	out := &verdict.Split{}
	for _, key := range slices.Sorted(maps.Keys(alike)) {
		out.Groups = append(out.Groups, alike[key])
	}
	return out
}

// egressNames are the port names that an egress rule looks up at its peers.
func (r *rule) egressNames() []string {
	var out []string
	for i := range r.ports {
		if name := r.ports[i].name; name != "" && !r.ingress {
			out = append(out, name)
		}
	}
	return out
}

// numbers are what names mean at an identity.
func (id *identity) numbers(names []string) string {
	var b strings.Builder
	for _, name := range names {
		fmt.Fprint(&b, id.ports[name], " ")
	}
	return b.String()
}

// match are the peers that a peer of a rule covers or selects.
func (d *divider) match(p peer) []int32 {
	key := p.String()
	if known, ok := d.members.Load(key); ok {
		return known.([]int32)
	}
	var out []int32
	for _, i := range d.candidates(p) {
		if id := d.identities[i]; p.covers(id) || p.selects(id) {
			out = append(out, i)
		}
	}
	known, _ := d.members.LoadOrStore(key, out)
	return known.([]int32)
}

// candidates are peers among which all that the peer of a rule can match are found.
func (d *divider) candidates(p peer) []int32 {
	switch p := p.(type) {
	case *labelPeer:
		if slices.Contains(slices.Collect(maps.Values(p.aggregates)), true) {
			return d.everyone
		}
		return d.withLabels(p.selector)
	case *cidrPeer:
		switch {
		case p.placeholders:
		case p.group == nil && p.prefix.Bits() > 0 && !d.settings.cidrPods:
			return d.within(p.prefix)
		default:
			return d.addressed
		}
	case namePeer:
		return nil
	}
	return d.everyone
}

// within are the addresses outside the cluster that lie in a prefix. Every prefix of a rule is known, so whoever has
// its label has an address in it, and the other way round.
func (d *divider) within(prefix netip.Prefix) []int32 {
	from, _ := slices.BinarySearchFunc(d.outside, prefix.Addr(), func(i int32, a netip.Addr) int {
		return d.identities[i].address.Compare(a)
	})
	to := from
	for to < len(d.outside) && prefix.Contains(d.identities[d.outside[to]].address) {
		to++
	}
	return d.outside[from:to]
}

// withLabels are the peers that meet the requirement which the fewest meet.
func (d *divider) withLabels(s selector) []int32 {
	best := d.everyone
	for i := range s {
		r := &s[i]
		if r.operator != opIn || r.source == sourceCIDR {
			continue
		}
		var have []int32
		for _, value := range r.values {
			have = append(have, d.byLabel[label{r.source, r.key, value}]...)
		}
		if len(have) < len(best) {
			best = have
		}
	}
	return best
}

// cut adds the places at which a rule divides traffic.
func (d *divider) cut(c *verdict.Cuts, r *rule, s *subject) {
	for i := range r.ports {
		m := &r.ports[i]
		switch {
		case m.protocol == 0:
		case m.name == "" && m.low > 0:
			c.Port(m.protocol, m.low, max(m.low, m.high))
		case m.name == "":
		case r.ingress:
			if port, ok := s.identity.ports[m.name]; ok {
				c.Port(m.protocol, port.port, max(port.port, s.ends[portName{r.tier, m.protocol, m.name}]))
			}
		case s.shared != nil:
			if port, ok := s.shared[m.protocol][m.name]; ok {
				c.Port(m.protocol, port.port, max(port.port, m.end))
			}
		default:
			for _, number := range slices.Sorted(maps.Keys(d.numbers[m.name])) {
				c.Port(m.protocol, number, number)
			}
		}
	}
	// ICMP messages that pass whatever the policy says, and those that it is not asked about.
	c.Port(protocolICMP, 3, 3)
	c.SourcePort(protocolICMP, 4, 4)
	c.Port(protocolICMPv6, 133, 137)
}
