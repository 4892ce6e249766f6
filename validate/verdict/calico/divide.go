package calico

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"sync"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/validate/verdict"
)

// divider tells peers apart by what rules ask of the address at the other end. It is safe for concurrent use.
type divider struct {
	*judge
	peers []verdict.Peer
	// order are the peers by address.
	order []int32
	// splits by *entity, *ports or map of targets; what is nil divides nothing. perNode is the split by node.
	splits  sync.Map
	perNode *verdict.Split
}

// Divide implements verdict.Partitioner.
func (j *judge) Divide(peers []verdict.Peer) verdict.Divider {
	d := &divider{judge: j, peers: peers}
	for i := range peers {
		d.order = append(d.order, int32(i))
	}
	slices.SortStableFunc(d.order, func(a, b int32) int { return peers[a].Addr.Compare(peers[b].Addr) })
	nodes := map[string][]int32{}
	for i, p := range peers {
		if pod := j.world.pods[p.Endpoint.Pod]; pod != nil && len(j.world.hosts[pod.node]) > 0 {
			nodes[pod.node] = append(nodes[pod.node], int32(i))
		}
	}
	d.perNode = groups(nodes)
	return d
}

// Governs implements verdict.Divider.
func (d *divider) Governs(end verdict.Peer, entering bool) verdict.Governing {
	g := &governing{divider: d, entering: entering}
	g.out.Cuts.Port(protocolUDP, d.vxlanPort(), d.vxlanPort())
	node := end.Endpoint.Node
	if pod := d.world.pods[end.Endpoint.Pod]; pod != nil {
		at := egress
		if entering {
			at = ingress
		}
		g.endpoint(pod, at)
		node = pod.node
	}
	if hosts := d.world.hosts[node]; len(hosts) > 0 {
		for _, h := range hosts {
			g.endpoint(h, ingress)
			g.endpoint(h, egress)
		}
		g.failsafes()
		g.out.Splits = append(g.out.Splits, d.perNode)
	}
	return g.out
}

func (d *divider) vxlanPort() uint16 {
	return uint16(cmp.Or(int(d.world.facts.Calico.VXLANPort), 4789))
}

// governing gathers what matters at one end.
type governing struct {
	*divider
	entering bool
	out      verdict.Governing
}

func (g *governing) endpoint(ep *endpoint, at direction) {
	for _, policies := range g.appliedTo(ep) {
		for _, p := range policies {
			if !p.governs[at] {
				continue
			}
			for i := range p.rules[at] {
				r := &p.rules[at][i]
				g.rule(r)
				if r.shadow != nil {
					g.rule(r.shadow)
				}
			}
		}
	}
}

// rule adds what one rule tells apart.
func (g *governing) rule(r *rule) {
	peer := &r.destination
	if g.entering {
		peer = &r.source
	}
	g.add(peer, func() *verdict.Split { return g.byAddress(peer) })
	for _, list := range []*ports{peer.ports, peer.notPorts} {
		if list != nil {
			for _, t := range list.named {
				g.add(t, func() *verdict.Split { return g.byTarget(t) })
			}
		}
	}
	if peer.targets != nil {
		g.add(peer.targets, func() *verdict.Split { return g.byTarget(peer.targets) })
	}
	g.cut(r)
}

// add appends a split that is computed once for all ends.
func (g *governing) add(key any, compute func() *verdict.Split) {
	known, ok := g.splits.Load(key)
	if !ok {
		known, _ = g.splits.LoadOrStore(key, compute())
	}
	if s := known.(*verdict.Split); s != nil {
		g.out.Splits = append(g.out.Splits, s)
	}
}

// byAddress divides the peers into those that an entity admits and others.
func (d *divider) byAddress(e *entity) *verdict.Split {
	var among []netip.Prefix
	admitted := true
	switch {
	case e.selected != nil:
		among = e.selected.Prefixes()
	case len(e.nets) > 0:
		among = e.nets
	default: // those that it does not admit are fewer
		admitted = false
		among = slices.Clone(e.notNets)
		if e.excluded != nil {
			among = append(among, e.excluded.Prefixes()...)
		}
	}
	var group []int32
	if e.selected == nil && len(among) > 1 {
		among = cidr.Of(among...).Prefixes() // ranges may overlap, addresses that are selected do not
	}
	for _, prefix := range among {
		for _, i := range d.within(prefix) {
			if e.admits(d.peers[i].Addr) == admitted {
				group = append(group, i)
			}
		}
	}
	if len(group) == 0 {
		return nil
	}
	slices.Sort(group)
	return &verdict.Split{Groups: [][]int32{group}}
}

// within are the peers in a range, by binary search.
func (d *divider) within(prefix netip.Prefix) []int32 {
	from, _ := slices.BinarySearchFunc(d.order, prefix.Addr(), func(i int32, a netip.Addr) int { return d.peers[i].Addr.Compare(a) })
	to := from
	for to < len(d.order) && prefix.Contains(d.peers[d.order[to]].Addr) {
		to++
	}
	return d.order[from:to]
}

// byTarget divides the peers by the ports that they have among targets.
func (d *divider) byTarget(of *targets) *verdict.Split {
	ports := map[netip.Addr][]string{}
	for t := range of.has {
		ports[t.address] = append(ports[t.address], fmt.Sprintf("%03d/%05d", t.protocol, t.port))
	}
	alike := map[string][]int32{}
	for i, p := range d.peers {
		if list := ports[p.Addr]; len(list) > 0 {
			slices.Sort(list)
			alike[fmt.Sprint(list)] = append(alike[fmt.Sprint(list)], int32(i))
		}
	}
	return groups(alike)
}

// groups makes a split; nil if nobody is in a group.
func groups(by map[string][]int32) *verdict.Split {
	if len(by) == 0 {
		return nil
	}
	s := &verdict.Split{}
	for _, group := range by {
		s.Groups = append(s.Groups, group)
	}
	slices.SortFunc(s.Groups, func(a, b []int32) int { return cmp.Compare(a[0], b[0]) })
	return s
}
