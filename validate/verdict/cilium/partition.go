package cilium

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"github.com/policyferry/policyferry/validate/verdict"
)

// JudgeEnd implements verdict.Partitioner.
func (j *judge) JudgeEnd(c verdict.Connection, ingress bool) (verdict.End, error) {
	from, to, err := j.ends(c)
	if err != nil {
		return verdict.End{}, err
	}
	if from.same(to) {
		return verdict.End{Action: verdict.None}, nil
	}
	p := j.packet(from, to, c)
	self, other := from, to
	if ingress {
		self, other = to, from
	}
	d := j.judge(self, other, ingress, p)
	return verdict.End{Action: d.action, By: d.by, Why: d.why, When: d.when}, nil
}

// ends resolves both ends of a connection.
func (j *judge) ends(c verdict.Connection) (from, to end, err error) {
	if from, err = j.world.find(c.From); err != nil {
		return from, to, err
	}
	to, err = j.world.find(c.To)
	return from, to, err
}

// Ranges implements verdict.Partitioner.
func (j *judge) Ranges() []netip.Prefix {
	out := slices.Clone(j.world.prefixes)
	for _, g := range j.world.groups {
		out = append(out, g.prefixes...)
	}
	for addr := range j.world.apiServers {
		out = append(out, netip.PrefixFrom(addr, addr.BitLen()))
	}
	return out
}

// Protocols implements verdict.Partitioner.
func (j *judge) Protocols() []uint8 {
	seen := map[uint8]bool{}
	for _, r := range j.rules {
		for i := range r.ports {
			if p := r.ports[i].protocol; p != 0 {
				seen[p] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// NodeKey implements verdict.Partitioner: the labels of a node, where policies can see them.
func (j *judge) NodeKey(name string, inPlay func(string) bool) string {
	n := j.world.nodes[name]
	if n == nil || !j.settings.nodeSelectorLabels && !j.settings.hostFirewall {
		return ""
	}
	seen := map[string]string{}
	for key, value := range n.Labels {
		if inPlay(key) {
			seen[key] = value
		}
	}
	return fmt.Sprint(seen)
}

// Polices implements verdict.Partitioner.
func (j *judge) Polices(node string) bool {
	return j.settings.hostFirewall && j.world.nodes[node] != nil
}

// Beside implements verdict.Partitioner.
func (j *judge) Beside(c verdict.Connection) string {
	from, to, err := j.ends(c)
	if err != nil || from.same(to) {
		return ""
	}
	p := j.packet(from, to, c)
	switch {
	case p.dropped && (from.pod != nil || to.pod != nil):
		return "Cilium's connection tracking drops the protocol at pods"
	case p.passes && (from.subject() != nil || to.subject() != nil):
		return "Cilium lets the ICMP message pass that path MTU discovery needs"
	}
	return p.datapath
}

// Divide implements verdict.Partitioner.
func (j *judge) Divide(peers []verdict.Peer) verdict.Divider {
	d := &divider{judge: j, byLabel: map[label][]int32{}, numbers: map[string]map[uint16]bool{}}
	for i, p := range peers {
		who, err := j.world.find(p.Endpoint)
		id := &identity{}
		if err == nil {
			id = j.identity(end{}, who, p.Addr.Is4())
		}
		d.identities = append(d.identities, id)
		d.index(int32(i), id, who.pod != nil)
		if id.address.IsValid() {
			d.outside = append(d.outside, int32(i))
		}
	}
	slices.SortFunc(d.outside, func(a, b int32) int { return d.identities[a].address.Compare(d.identities[b].address) })
	return d
}

// index remembers how a peer can be found by its labels.
func (d *divider) index(i int32, id *identity, pod bool) {
	d.everyone = append(d.everyone, i)
	for key, l := range id.labels {
		for _, at := range []label{{l.source, key, l.value}, {sourceAny, key, l.value}} {
			d.byLabel[at] = append(d.byLabel[at], i)
		}
	}
	if !pod || d.settings.cidrPods || id.hasKey("world", "world-ipv4", "world-ipv6", "host", "remote-node") {
		d.addressed = append(d.addressed, i)
	}
	for name, p := range id.ports {
		if d.numbers[name] == nil {
			d.numbers[name] = map[uint16]bool{}
		}
		d.numbers[name][p.port] = true
	}
}
