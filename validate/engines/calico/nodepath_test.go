package calico

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/projectcalico/calico/felix/generictables"
	"github.com/projectcalico/calico/felix/proto"
	"github.com/projectcalico/calico/felix/rules"
	"github.com/projectcalico/calico/felix/types"
)

// TestAgainstNode holds what is restated of the node around the pods (leave and enter) to all the chains
// that Felix renders on a node: raw, mangle and filter, with its static and dispatch chains. The node has
// one interface, eth0, with all its addresses, beside those of its pods.
func TestAgainstNode(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	sets := 40
	if testing.Short() {
		sets = 8
	}
	total := comparison{}
	for _, s := range scenarios(t) {
		if s.failure == "" {
			c := comparison{name: s.name}
			c.runNodes(t, s.documents, random, 300)
			c.report(t)
			total.judged, total.unknown = total.judged+c.judged, total.unknown+c.unknown
		}
	}
	for i := range sets {
		c := comparison{name: fmt.Sprintf("random set %d", i)}
		c.runNodes(t, randomSet(t, random), random, 1000)
		c.report(t)
		total.judged, total.unknown = total.judged+c.judged, total.unknown+c.unknown
	}
	t.Logf("%d judged, %d unknown", total.judged, total.unknown)
	if total.unknown*2 > total.judged {
		t.Errorf("%d of %d are unknown: the comparison says little", total.unknown, total.judged)
	}
}

// TestNodeComparisonHasTeeth breaks the steps around the pods in turn.
func TestNodeComparisonHasTeeth(t *testing.T) {
	for name, broken := range map[string]options{
		"local host": {withoutLocalHostRule: true}, "endpoint to host": {withoutEndpointToHost: true},
		"failsafes": {withoutFailsafes: true}, "forward tiers": {withoutForwardTiers: true},
		"pre-DNAT": {withoutPreDNAT: true}, "encapsulation": {withoutEncapsulationDrop: true},
	} {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(9, 10))
			c := comparison{options: broken}
			for _, s := range scenarios(t) {
				if s.failure == "" && len(c.differences) == 0 {
					c.runNodes(t, s.documents, random, 2000)
				}
			}
			if len(c.differences) == 0 {
				t.Error("nothing noticed")
			}
		})
	}
}

func (c *comparison) runNodes(t *testing.T, documents []document, random *rand.Rand, packets int) {
	t.Helper()
	e, from := computeOnly(t, documents, c.options)
	if from == nil || e.global.dataplane != dataplaneIptables {
		return
	}
	pool := newPacketPool(e, from)
	for _, name := range slices.Sorted(maps.Keys(e.nodes)) {
		for family := range 2 {
			path := newNodePath(e, from, e.nodes[name], family)
			for range packets {
				p := pool.draw(random, family)
				c.node(e, path, &p)
			}
		}
	}
}

// node compares one packet's whole way through a node with what the ends on that node say.
func (c *comparison) node(e *Engine, path *nodePath, p *packet) {
	n, from, to := path.node, e.find(p.source), e.find(p.destination)
	fromHere, toHere := onNode(from, n), onNode(to, n)
	silent := from.pod != nil && from.pod.chain == nil || to.pod != nil && to.pod.chain == nil
	if !fromHere && !toHere || silent || from.pod != nil && from.pod == to.pod || from.node == n && to.node == n {
		return
	}
	ours := outcome{decision: Allow}
	if fromHere {
		ours = stricter(ours, e.leave(from, to, p))
	}
	if toHere {
		ours = stricter(ours, e.enter(from, to, p))
	}
	name := fmt.Sprintf("node %s from %v to %v", n.name, where(from), where(to))
	c.compare(name, ours, path.judge(from, to, p), egress, p)
}

func onNode(at place, n *node) bool {
	return at.node == n || at.pod != nil && at.pod.node == n
}

func where(at place) string {
	switch {
	case at.pod != nil:
		return podKey(at.pod.name)
	case at.node != nil:
		return at.node.name
	}
	return "outside"
}

// stricter joins the outcomes of two ends on one node: a denial decides, then what is unknown.
func stricter(a, b outcome) outcome {
	for _, decision := range []Decision{Deny, Unknown} {
		for _, o := range []outcome{a, b} {
			if o.decision == decision {
				return o
			}
		}
	}
	return outcome{decision: Allow}
}

// A nodePath is the three tables of one node.
type nodePath struct {
	node                *node
	raw, mangle, filter *tables
	interfaces          map[*pod]string
}

const everyInterface = "any-interface-at-all" // endpoint_mgr.go

func newNodePath(e *Engine, from *computed, n *node, family int) *nodePath {
	config := rendererConfig(n.settings)
	config.AllowVXLANPacketsFromWorkloads = n.settings.allowVXLANFromPod
	config.AllowIPIPPacketsFromWorkloads = n.settings.allowIPIPFromPod
	config.EndpointToHostAction = strings.ToUpper(n.settings.endpointToHost)
	path := &nodePath{
		node: n, raw: newTables(config, from, family), mangle: newTables(config, from, family),
		filter: newTables(config, from, family), interfaces: map[*pod]string{},
	}
	path.addWorkloads(e, from)
	path.addHostEndpoints(from)
	path.raw.add(path.raw.renderer.StaticRawTableChains(path.raw.version)...)
	path.raw.add(&generictables.Chain{Name: rules.ChainRpfSkip})
	path.mangle.add(path.mangle.renderer.StaticMangleTableChains(path.mangle.version)...)
	path.filter.add(path.filter.renderer.StaticFilterTableChains(path.filter.version)...)
	path.filter.add(path.filter.renderer.BlockedCIDRsToIptablesChains(nil, path.filter.version)...)
	return path
}

func (path *nodePath) addWorkloads(e *Engine, from *computed) {
	local := map[types.WorkloadEndpointID]*proto.WorkloadEndpoint{}
	for key, endpoint := range from.workloads {
		if p := e.pods[key]; p.node == path.node {
			path.interfaces[p] = endpoint.Name
			path.filter.addWorkload(endpoint)
			local[types.WorkloadEndpointID{WorkloadId: key}] = endpoint
		}
	}
	path.filter.add(path.filter.renderer.WorkloadDispatchChains(local)...)
}

// addHostEndpoints resolves interfaces and renders as felix/dataplane/linux/endpoint_mgr.go does
// (resolveHostEndpoints, updateHostEndpoints).
func (path *nodePath) addHostEndpoints(from *computed) {
	governing := map[string]*hostEndpoint{}
	for _, h := range path.node.endpoints { // sorted by name, the first one wins
		name := "eth0"
		switch {
		case h.isWildcard():
			name = everyInterface
		case h.interfaceName != "" && h.interfaceName != "eth0":
			continue
		}
		if governing[name] == nil {
			governing[name] = h
		}
	}
	normal, preDNAT, untracked := map[string]types.HostEndpointID{}, map[string]types.HostEndpointID{}, map[string]types.HostEndpointID{}
	for name, h := range governing {
		endpoint, id := from.hostEndpoints[h.name], types.HostEndpointID{EndpointId: h.name}
		normal[name] = id
		path.filter.add(path.filter.renderer.HostEndpointToFilterChains(name,
			path.filter.groups(endpoint.Tiers), path.filter.groups(endpoint.ForwardTiers), nil, endpoint.ProfileIds)...)
		path.mangle.add(path.mangle.renderer.HostEndpointToMangleEgressChains(name, path.mangle.groups(endpoint.Tiers), endpoint.ProfileIds)...)
		if len(endpoint.PreDnatTiers) > 0 {
			preDNAT[name] = id
			path.mangle.add(path.mangle.renderer.HostEndpointToMangleIngressChains(name, path.mangle.groups(endpoint.PreDnatTiers))...)
		}
		if len(endpoint.UntrackedTiers) > 0 && name != everyInterface {
			untracked[name] = id
			path.raw.add(path.raw.renderer.HostEndpointToRawChains(name, path.raw.groups(endpoint.UntrackedTiers))...)
		}
	}
	path.raw.add(path.raw.renderer.HostDispatchChains(untracked, "", false)...)
	path.filter.add(path.filter.renderer.HostDispatchChains(normal, takeDefault(normal), true)...)
	path.mangle.add(path.mangle.renderer.FromHostDispatchChains(preDNAT, takeDefault(preDNAT))...)
}

func takeDefault(endpoints map[string]types.HostEndpointID) string {
	if _, ok := endpoints[everyInterface]; !ok {
		return ""
	}
	delete(endpoints, everyInterface)
	return everyInterface
}

// judge sends a packet through the hooks of the kernel. What nothing drops is allowed.
func (path *nodePath) judge(from, to place, p *packet) Decision {
	in, out := path.interfaceOf(from), path.interfaceOf(to)
	type hook struct {
		table *tables
		chain string
	}
	var hooks []hook
	switch {
	case from.node == path.node:
		in = ""
		hooks = []hook{{path.raw, rules.ChainRawOutput}, {path.filter, rules.ChainFilterOutput}}
	case to.node == path.node:
		out = ""
		hooks = []hook{{path.raw, rules.ChainRawPrerouting}, {path.mangle, rules.ChainManglePrerouting}, {path.filter, rules.ChainFilterInput}}
	default:
		hooks = []hook{{path.raw, rules.ChainRawPrerouting}, {path.mangle, rules.ChainManglePrerouting}, {path.filter, rules.ChainFilterForward}}
	}
	mark := uint32(0)
	for _, h := range hooks {
		h.table.in, h.table.out = in, out
		if h.table.run(h.chain, p, &mark) == Deny {
			return Deny
		}
	}
	return Allow
}

func (path *nodePath) interfaceOf(at place) string {
	if name, local := path.interfaces[at.pod]; local {
		return name
	}
	return "eth0"
}
