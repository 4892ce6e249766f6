package calico

import (
	"maps"
	"net/netip"
	"slices"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/validate/verdict"
)

// JudgeEnd implements verdict.Partitioner.
func (j *judge) JudgeEnd(c verdict.Connection, ingress bool) (verdict.End, error) {
	from, to, p, err := j.packet(c)
	if err != nil {
		return verdict.End{}, err
	}
	if why := j.unanswerable(from, to, p); why != "" {
		return verdict.End{Action: verdict.Unknown, Why: why}, nil
	}
	o := outcome{}
	if ingress {
		o = j.enter(from, to, p)
	} else {
		o = j.leave(from, to, p)
	}
	return verdict.End{Action: o.action, By: o.by, Why: o.why, When: o.when}, nil
}

// Ranges implements verdict.Partitioner.
func (j *judge) Ranges() []netip.Prefix {
	seen := map[netip.Prefix]bool{}
	add := func(list ...netip.Prefix) {
		for _, p := range list {
			seen[p] = true
		}
	}
	for r := range j.everyRule() {
		add(r.source.nets...)
		add(r.source.notNets...)
		add(r.destination.nets...)
		add(r.destination.notNets...)
	}
	for _, s := range j.sets {
		add(s.nets.Prefixes()...)
	}
	addrs := slices.Clone(j.serviceAddrs)
	for _, hosts := range j.world.hosts {
		for _, h := range hosts {
			addrs = append(addrs, h.host.ExpectedIPs...)
		}
	}
	for _, a := range addrs {
		add(netip.PrefixFrom(a, a.BitLen()))
	}
	for _, f := range j.failsafes() {
		if f.Net.IsValid() {
			add(f.Net)
		}
	}
	return slices.Collect(maps.Keys(seen))
}

// everyRule goes through the rules of all policies.
func (j *judge) everyRule() func(yield func(*rule) bool) {
	return func(yield func(*rule) bool) {
		for _, t := range j.tiers {
			for _, p := range t.policies {
				for d := range p.rules {
					for i := range p.rules[d] {
						if !yield(&p.rules[d][i]) {
							return
						}
					}
				}
			}
		}
	}
}

// Protocols implements verdict.Partitioner.
func (j *judge) Protocols() []uint8 {
	seen := map[uint8]bool{protocolIPIP: true}
	for r := range j.everyRule() {
		for _, p := range []*uint8{r.protocol, r.notProtocol} {
			if p != nil {
				seen[*p] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// NodeKey implements verdict.Partitioner: host endpoints make a node unlike others.
func (j *judge) NodeKey(node string, _ func(string) bool) string {
	if j.Polices(node) {
		return node
	}
	return ""
}

// Polices implements verdict.Partitioner.
func (j *judge) Polices(node string) bool { return len(j.world.hosts[node]) > 0 }

// Beside implements verdict.Partitioner: tunnel packets of pods, and what routers say in IPv6.
func (j *judge) Beside(c verdict.Connection) string {
	from, to, p, err := j.packet(c)
	if err != nil || from.pod == nil || from.pod == to.pod || !p.source.IsValid() {
		return ""
	}
	if to.node != "" && to.node == from.pod.node && p.routerICMPv6() {
		return "Calico lets pods send ICMPv6 for routers to their node"
	}
	if j.tunnelFromPod(p).action == "" {
		return ""
	}
	return "Calico drops VXLAN and IP-in-IP packets of pods"
}

// failsafes are the failsafe ports of hosts in both directions.
func (j *judge) failsafes() []cluster.Failsafe {
	var out []cluster.Failsafe
	if len(j.world.hosts) == 0 {
		return nil
	}
	c := &j.world.facts.Calico
	for _, list := range [][]string{c.FailsafeInbound, c.FailsafeOutbound, defaultFailsafeInbound, defaultFailsafeOutbound} {
		for _, text := range list {
			if f, err := cluster.ParseFailsafe(text); err == nil {
				out = append(out, f)
			}
		}
	}
	return out
}
