package calico

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	felixconfig "github.com/projectcalico/calico/felix/config"
	"github.com/projectcalico/calico/felix/generictables"
	"github.com/projectcalico/calico/felix/ipsets"
	"github.com/projectcalico/calico/felix/proto"
	"github.com/projectcalico/calico/felix/rules"
	"github.com/projectcalico/calico/felix/types"
)

// TestAgainstRenderedChains holds the matcher and the walk over tiers to the iptables chains that Felix
// itself renders of the same computed rules, interpreted by iptables_test.go: on every scenario, and on
// random policy sets.
func TestAgainstRenderedChains(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, s := range scenarios(t) {
		if s.failure == "" {
			c := comparison{name: s.name}
			c.run(t, s.documents, random, 40)
			c.report(t)
		}
	}
	sets := 60
	if testing.Short() {
		sets = 10
	}
	judged, unknown := 0, 0
	for i := range sets {
		c := comparison{name: fmt.Sprintf("random set %d", i)}
		c.run(t, randomSet(t, random), random, 300)
		c.report(t)
		judged, unknown = judged+c.judged, unknown+c.unknown
	}
	t.Logf("random sets: %d judged, %d unknown", judged, unknown)
	if unknown*1000 > judged {
		t.Errorf("%d of %d are unknown: the comparison says little", unknown, judged)
	}
}

// TestComparisonHasTeeth breaks the matcher in turn: the comparison must notice.
func TestComparisonHasTeeth(t *testing.T) {
	for name, broken := range map[string]options{
		"ICMP": {withoutICMP: true}, "named ports": {withoutNamedPorts: true},
		"long prefixes": {withoutLongPrefixes: true}, "end of tier": {withoutEndOfTier: true},
		"pass": {withoutPass: true}, "profiles": {withoutProfiles: true},
		"directions": {withoutDirections: true}, "failsafes": {withoutFailsafes: true},
		"forward tiers": {withoutForwardTiers: true}, "families": {withoutVersionFilter: true},
		"block shadow": {withoutBlockShadow: true}, "staged": {withoutStagedExcluded: true},
	} {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(3, 4))
			c := comparison{options: broken}
			for _, s := range scenarios(t) {
				if s.failure == "" && len(c.differences) == 0 {
					c.run(t, s.documents, random, 300)
				}
			}
			for range 60 {
				if len(c.differences) > 0 {
					return
				}
				c.run(t, randomSet(t, random), random, 200)
			}
			t.Error("nothing noticed")
		})
	}
}

// A comparison counts what engine and rendered chains say about the same packets.
type comparison struct {
	name            string
	options         options
	judged, unknown int
	differences     []string
}

func (c *comparison) report(t *testing.T) {
	t.Helper()
	for i, difference := range c.differences {
		if i < 5 {
			t.Errorf("%s: %s", c.name, difference)
		}
	}
}

func (c *comparison) run(t *testing.T, documents []document, random *rand.Rand, packets int) {
	t.Helper()
	e, from := computeOnly(t, documents, c.options)
	if from == nil || e.global.dataplane == dataplaneEBPF {
		return
	}
	pool := newPacketPool(e, from)
	for family := range 2 {
		rendered := render(e, from, family)
		for range packets {
			p := pool.draw(random, family)
			for _, key := range slices.Sorted(maps.Keys(from.workloads)) {
				for _, d := range []direction{ingress, egress} {
					c.compare("pod "+key, e.walk(e.pods[key].chain, d, &p), rendered.workload(from.workloads[key], d, &p), d, &p)
				}
			}
			for _, name := range slices.Sorted(maps.Keys(e.nodes)) {
				for _, h := range e.nodes[name].endpoints {
					c.host(e, h, e.nodes[name], rendered, &p)
				}
			}
		}
	}
}

func (c *comparison) host(e *Engine, h *hostEndpoint, n *node, rendered *tables, p *packet) {
	name := "host endpoint " + h.name
	ours := e.walkWithFailsafe(h, ingress, n, p, e.failsafe(n.settings.failsafeInbound, p, p.source))
	c.compare(name, ours, rendered.host(rules.HostFromEndpointPfx, h, p), ingress, p)
	ours = e.walkWithFailsafe(h, egress, n, p, e.failsafe(n.settings.failsafeOutbound, p, p.destination))
	c.compare(name, ours, rendered.host(rules.HostToEndpointPfx, h, p), egress, p)
	prefixes := [2]string{ingress: rules.HostFromEndpointForwardPfx, egress: rules.HostToEndpointForwardPfx}
	for _, d := range []direction{ingress, egress} {
		theirs := rendered.host(prefixes[d], h, p)
		if theirs == None {
			theirs = Allow // forwarded traffic that no tier stops goes on
		}
		forwarded := e.forwarded(h, d, p)
		if forwarded.decision == None {
			forwarded.decision = Allow
		}
		c.compare(name+" forward", forwarded, theirs, d, p)
	}
}

// compare lets Unknown stand: it is what the matcher says where the rendering is known to differ.
func (c *comparison) compare(name string, ours outcome, theirs Decision, d direction, p *packet) {
	c.judged++
	switch {
	case ours.decision == Unknown:
		c.unknown++
	case ours.decision != theirs:
		c.differences = append(c.differences, fmt.Sprintf("%s %s: %s, the rendered chains %s: %+v", name, d, ours.decision, theirs, *p))
	}
}

// computeOnly gives the engine and the messages it was compiled of; nil when Felix crashes.
func computeOnly(t *testing.T, documents []document, o options) (*Engine, *computed) {
	t.Helper()
	e, err := build(slices.Clone(documents), o)
	if err != nil {
		t.Fatal(err)
	}
	if e.crashed != "" {
		return e, nil
	}
	inv, err := takeInventory(slices.Clone(documents), options{})
	if err != nil {
		t.Fatal(err)
	}
	all, err := inv.convert(options{})
	if err != nil {
		t.Fatal(err)
	}
	from, err := compute(asUpdates(all.sorted()), options{})
	if err != nil {
		t.Fatal(err)
	}
	return e, from
}

func rendererConfig(s settings) rules.Config {
	return rules.Config{
		IPSetConfigV4:         ipsets.NewIPVersionConfig(ipsets.IPFamilyV4, "cali", nil, nil),
		IPSetConfigV6:         ipsets.NewIPVersionConfig(ipsets.IPFamilyV6, "cali", nil, nil),
		WorkloadIfacePrefixes: []string{"cali"},
		MarkAccept:            0x10, MarkPass: 0x20, MarkScratch0: 0x40, MarkScratch1: 0x80,
		MarkDrop: 0x100, MarkEndpoint: 0xff000, MarkNonCaliEndpoint: 0x1000,
		VXLANPort:                      4789,
		AllowVXLANPacketsFromWorkloads: true, // judged apart from the chains
		AllowIPIPPacketsFromWorkloads:  true,
		FailsafeInboundHostPorts:       asProtoPorts(s.failsafeInbound),
		FailsafeOutboundHostPorts:      asProtoPorts(s.failsafeOutbound),
	}
}

func asProtoPorts(ports []failsafe) []felixconfig.ProtoPort {
	names := map[uint8]string{protoTCP: "tcp", protoUDP: "udp", protoSCTP: "sctp"}
	var list []felixconfig.ProtoPort
	for _, port := range ports {
		one := felixconfig.ProtoPort{Protocol: names[port.protocol], Port: port.port}
		if port.net.IsValid() {
			one.Net = port.net.String()
		}
		list = append(list, one)
	}
	return list
}

// render lets Felix render every chain of one family.
func render(e *Engine, from *computed, family int) *tables {
	x := newTables(rendererConfig(e.global), from, family)
	x.add(x.renderer.StaticFilterTableChains(x.version)...)
	for _, endpoint := range from.workloads {
		x.addWorkload(endpoint)
	}
	for name, endpoint := range from.hostEndpoints {
		x.add(x.renderer.HostEndpointToFilterChains(name, x.groups(endpoint.Tiers), x.groups(endpoint.ForwardTiers), nil, endpoint.ProfileIds)...)
	}
	return x
}

func newTables(config rules.Config, from *computed, family int) *tables {
	x := &tables{
		chains: map[string]*generictables.Chain{}, sets: map[string]*proto.IPSetUpdate{},
		renderer: rules.NewRenderer(config), version: 4, from: from,
	}
	names := config.IPSetConfigV4
	if family == 1 {
		x.version, names = 6, config.IPSetConfigV6
	}
	for id, set := range from.sets {
		x.sets[names.NameForMainIPSet(id)] = set
	}
	for name, profile := range from.profiles {
		in, out := x.renderer.ProfileToIptablesChains(&types.ProfileID{Name: name}, profile, x.version)
		x.add(in, out)
	}
	return x
}

func (x *tables) addWorkload(endpoint *proto.WorkloadEndpoint) {
	x.add(x.renderer.WorkloadEndpointToIptablesChains(endpoint.Name, nil, true, x.groups(endpoint.Tiers), endpoint.ProfileIds, nil)...)
}

// groups puts each tier's policies into one group a direction, and renders them.
func (x *tables) groups(tiers []*proto.TierInfo) []rules.TierPolicyGroups {
	var list []rules.TierPolicyGroups
	for _, t := range tiers {
		group := func(names []string, d rules.PolicyDirection) []*rules.PolicyGroup {
			if len(names) == 0 {
				return nil
			}
			for _, name := range names {
				x.add(x.renderer.PolicyToIptablesChains(&types.PolicyID{Tier: t.Name, Name: name}, x.from.policies[name], x.version)...)
			}
			g := &rules.PolicyGroup{Tier: t.Name, Direction: d, PolicyNames: names}
			x.add(x.renderer.PolicyGroupToIptablesChains(g)...)
			return []*rules.PolicyGroup{g}
		}
		list = append(list, rules.TierPolicyGroups{
			Name: t.Name, DefaultAction: t.DefaultAction,
			IngressPolicies: group(t.IngressPolicies, rules.PolicyDirectionInbound),
			EgressPolicies:  group(t.EgressPolicies, rules.PolicyDirectionOutbound),
		})
	}
	return list
}

func (x *tables) add(chains ...*generictables.Chain) {
	for _, chain := range chains {
		x.chains[chain.Name] = chain
	}
}

func (x *tables) workload(endpoint *proto.WorkloadEndpoint, d direction, p *packet) Decision {
	prefix := rules.WorkloadToEndpointPfx
	if d == egress {
		prefix = rules.WorkloadFromEndpointPfx
	}
	return x.judge(rules.EndpointChainName(prefix, endpoint.Name, maxChainName), p)
}

func (x *tables) host(prefix string, h *hostEndpoint, p *packet) Decision {
	return x.judge(rules.EndpointChainName(prefix, h.name, maxChainName), p)
}

// A packetPool draws packets whose addresses and ports are near those that the rules speak of.
type packetPool struct {
	addresses [2][]netip.Addr
	ports     []uint16
}

func newPacketPool(e *Engine, from *computed) *packetPool {
	pool := &packetPool{ports: []uint16{1, 2, 3, 15, 16, 22, 53, 80, 443, 4789, 5353, 5432, 8080, 9090, 9999}}
	add := func(addr netip.Addr) {
		pool.addresses[familyOf(addr)] = append(pool.addresses[familyOf(addr)], addr)
	}
	for _, text := range []string{"8.8.8.8", "203.0.113.1", "10.9.9.9", "2001:db8::1", "fd00::999"} {
		add(netip.MustParseAddr(text))
	}
	for addr := range e.addresses {
		add(addr)
	}
	for _, set := range from.sets {
		for _, member := range set.Members {
			if prefix, err := netip.ParsePrefix(member); err == nil {
				add(prefix.Addr())
				add(prefix.Addr().Prev())
			}
		}
	}
	for family := range pool.addresses {
		pool.addresses[family] = slices.DeleteFunc(pool.addresses[family], func(a netip.Addr) bool { return !a.IsValid() })
		slices.SortFunc(pool.addresses[family], netip.Addr.Compare)
	}
	return pool
}

func (pool *packetPool) draw(random *rand.Rand, family int) packet {
	protocols := []uint8{protoTCP, protoTCP, protoTCP, protoUDP, protoICMP, protoICMPv6, protoSCTP, protoUDPLite, 47}
	p := packet{
		source:      pool.addresses[family][random.IntN(len(pool.addresses[family]))],
		destination: pool.addresses[family][random.IntN(len(pool.addresses[family]))],
		protocol:    protocols[random.IntN(len(protocols))],
	}
	if hasPorts(p.protocol) {
		p.sourcePort = pool.ports[random.IntN(len(pool.ports))]
		p.destinationPort = pool.ports[random.IntN(len(pool.ports))]
	}
	if hasICMP(p.protocol) {
		p.icmpType, p.icmpCode = uint8(random.IntN(10)), uint8(random.IntN(3))
	}
	return p
}
