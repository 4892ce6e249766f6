package calico

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/validate/verdict"
)

const allInterfaces = "*"

func (ep *endpoint) isWildcard() bool { return ep.host.InterfaceName == allInterfaces }

// leaveNode judges a process of a node.
func (j *judge) leaveNode(from, to place, p *packet) outcome {
	switch {
	case len(j.world.hosts[from.node]) == 0:
		return outcome{action: verdict.None}
	case to.node == from.node:
		return j.loopback(from.node)
	case to.pod != nil && to.pod.node == from.node:
		return outcome{action: verdict.Allow} // workload interfaces are left out (felix/rules/dispatch.go)
	}
	if o := j.tunnelOfHost(p); o.action != "" {
		return o
	}
	governs := func(h *endpoint) certainty { return holds(h, p.source) }
	if to.pod != nil { // the way to another node's pods may lead through a tunnel
		governs = func(*endpoint) certainty { return maybe }
	}
	return j.agree(from.node, j.governing(from.node, governs), func(h *endpoint) outcome { return j.hostStages(h, egress, p, normal) })
}

// enterNode judges a connection to a process of a node.
func (j *judge) enterNode(from, to place, p *packet) outcome {
	switch {
	case len(j.world.hosts[to.node]) == 0:
		return outcome{action: verdict.None}
	case from.node == to.node:
		return j.loopback(to.node)
	case from.pod != nil && from.pod.node == to.node:
		return j.enterOwnNode(to.node, p)
	}
	if o := j.tunnelOfHost(p); o.action != "" {
		return o
	}
	return j.agree(to.node, j.governing(to.node, func(h *endpoint) certainty { return holds(h, p.destination) }),
		func(h *endpoint) outcome { return j.hostStages(h, ingress, p, normal) })
}

// enterOwnNode judges what a pod sends to its own node: only pre-DNAT policy of all interfaces sees it
// (felix/rules/static.go, filterInputChain and StaticManglePreroutingChain).
func (j *judge) enterOwnNode(node string, p *packet) outcome {
	if j.world.facts.Calico.Dataplane == "ebpf" {
		return notInEBPF
	}
	if h := j.wildcard(node); h != nil {
		if o := j.beforeRouting(h, ingress, p); o.action != "" {
			return o
		}
	}
	return outcome{action: verdict.Allow}
}

// loopback: a node talks to itself, through an interface that a host endpoint for all interfaces may cover.
func (j *judge) loopback(node string) outcome {
	if j.wildcard(node) == nil {
		return outcome{action: verdict.None}
	}
	return outcome{action: verdict.Unknown, why: "host endpoint policy on a node's traffic to itself is not judged"}
}

// forwardOut judges what the source's node says to a packet of a pod that it forwards. A host endpoint for all
// interfaces sees it come in from the pod's interface as well (felix/rules/dispatch.go, fromEndForwardRules); what
// goes out to a pod of the same node is judged where it enters that pod.
func (j *judge) forwardOut(from, to place, p *packet) outcome {
	if h := j.wildcard(from.pod.node); h != nil {
		if o := j.hostStages(h, ingress, p, forward); o.action != "" && o.action != verdict.Allow {
			return o
		}
	}
	if to.pod != nil && to.pod.node == from.pod.node {
		return outcome{}
	}
	return j.crossing(from.pod.node, egress, p)
}

// forwardIn judges what the destination's node says to a packet that it forwards to a pod.
func (j *judge) forwardIn(from, to place, p *packet) outcome {
	if from.pod == nil || from.pod.node != to.pod.node {
		if o := j.crossing(to.pod.node, ingress, p); o.action != "" && o.action != verdict.Allow {
			return o
		}
	}
	if h := j.wildcard(to.pod.node); h != nil {
		return j.hostStages(h, egress, p, forward)
	}
	return outcome{}
}

// crossing judges a forwarded packet at the interface by which it enters or leaves the node. Which one that is
// cannot be known: every host endpoint of the node may be in charge, or none.
func (j *judge) crossing(node string, d direction, p *packet) outcome {
	candidates := j.governing(node, func(*endpoint) certainty { return maybe })
	return j.agree(node, candidates, func(h *endpoint) outcome { return j.hostStages(h, d, p, forward) })
}

type certainty int

const (
	no certainty = iota
	maybe
	yes
)

// holds says whether a host endpoint governs the interface that has the address. Interfaces are not among the facts;
// the addresses that a host endpoint expects tell (felix/dataplane/linux/endpoint_mgr.go, resolveHostEndpoints). Where
// it expects none of the family, the address may stand on its interface beside those that it expects.
func holds(h *endpoint, address netip.Addr) certainty {
	out := maybe
	for _, a := range h.host.ExpectedIPs {
		switch {
		case a == address:
			return yes
		case a.Is4() == address.Is4():
			out = no
		}
	}
	return out
}

// governing are the host endpoints that may be in charge of an interface, nil among them for none: the first by name
// of those that are sure and every other one that may come before it, else the one for all interfaces.
func (j *judge) governing(node string, judge func(*endpoint) certainty) []*endpoint {
	var out []*endpoint
	for _, h := range j.world.hosts[node] {
		if h.isWildcard() {
			continue
		}
		switch judge(h) {
		case yes:
			return append(out, h)
		case maybe:
			out = append(out, h)
		}
	}
	return append(out, j.wildcard(node))
}

// wildcard is the host endpoint for the interfaces that no other one governs: the first by name.
func (j *judge) wildcard(node string) *endpoint {
	for _, h := range j.world.hosts[node] {
		if h.isWildcard() {
			return h
		}
	}
	return nil
}

// agree asks every candidate and answers only if they agree. For a nil candidate nothing is policed.
func (j *judge) agree(node string, candidates []*endpoint, ask func(*endpoint) outcome) outcome {
	var first outcome
	for i, h := range candidates {
		o := outcome{action: verdict.None}
		if h != nil {
			if o = ask(h); o.action == "" {
				o.action = verdict.None
			}
		}
		switch {
		case i == 0:
			first = o
		case first.action != o.action && !(passes(first) && passes(o)):
			return outcome{action: verdict.Unknown, why: "which host endpoint of node " + node + " governs the interface is not known, and they disagree"}
		default:
			if first.action != o.action { // policed by one and not by the other
				first = outcome{action: verdict.Allow}
				continue
			}
			first.by = slices.Compact(slices.Sorted(slices.Values(slices.Concat(first.by, o.by))))
		}
	}
	return first
}

func passes(o outcome) bool { return o.action == verdict.Allow || o.action == verdict.None }

var notInEBPF = outcome{action: verdict.Unknown, why: "host endpoints in the eBPF dataplane are not judged"}

// hostStages walks the stages of a host endpoint: untracked and pre-DNAT policy, then failsafe ports, policy and
// profiles for what ends at the host, or policy with applyOnForward for what it forwards.
func (j *judge) hostStages(h *endpoint, d direction, p *packet, last stage) outcome {
	if j.world.facts.Calico.Dataplane == "ebpf" {
		return notInEBPF
	}
	// What is forwarded out of the node passed these chains where it came in.
	if d == ingress || last == normal {
		if o := j.beforeRouting(h, d, p); o.action != "" {
			return o
		}
	}
	if last == forward {
		if !j.any(h, forward) {
			return outcome{}
		}
		return j.police(h, forward, d, p)
	}
	if j.failsafe(d, p) {
		return outcome{action: verdict.Allow}
	}
	return j.police(h, normal, d, p)
}

// beforeRouting walks untracked and pre-DNAT policy. Failsafe ports pass both by, untracked policy also what looks like
// a reply of one (felix/rules/static.go, failsafeInChain and failsafeOutChain). Untracked policy of a host endpoint
// for all interfaces is ignored (felix/dataplane/linux/endpoint_mgr.go, updateHostEndpoints).
func (j *judge) beforeRouting(h *endpoint, d direction, p *packet) outcome {
	if !h.isWildcard() && !j.failsafe(d, p) && !j.failsafeReply(d, p) {
		if o := j.police(h, untracked, d, p); o.action != "" {
			return o
		}
	}
	if d == ingress && !j.failsafe(d, p) {
		return j.police(h, preDNAT, d, p)
	}
	return outcome{}
}

// Calico's failsafe ports (felix/config/config_params.go).
var (
	defaultFailsafeInbound  = strings.Fields("tcp/22 udp/68 tcp/179 tcp/2379 tcp/2380 tcp/5473 tcp/6443 tcp/6666 tcp/6667")
	defaultFailsafeOutbound = strings.Fields("udp/53 udp/67 tcp/179 tcp/2379 tcp/2380 tcp/5473 tcp/6443 tcp/6666 tcp/6667")
)

// failsafe reports whether the packet goes to a port of a host that no policy closes.
func (j *judge) failsafe(d direction, p *packet) bool { return j.hasFailsafe(d, d, p, p.port) }

// failsafeReply reports whether the packet comes from a port that is failsafe in the other direction.
func (j *judge) failsafeReply(d direction, p *packet) bool {
	return j.hasFailsafe(1-d, d, p, p.sourcePort)
}

// hasFailsafe looks a port up in the list of one direction; the other end is seen in the direction of the packet.
func (j *judge) hasFailsafe(list, d direction, p *packet, port uint16) bool {
	otherEnd := p.source
	if d == egress {
		otherEnd = p.destination
	}
	return slices.ContainsFunc(j.hostPorts[list], func(f failsafePort) bool {
		return f.number == p.protocol && f.Port == port && (!f.Net.IsValid() || f.Net.Contains(otherEnd))
	})
}

// failsafePort is a port of a host that no policy closes, with the number of its protocol.
type failsafePort struct {
	cluster.Failsafe
	number uint8
}

// failsafesOf reads the lists of both directions once: every packet of a host is looked up in them.
func failsafesOf(facts *cluster.Facts) (out [2][]failsafePort) {
	given := [...][]string{ingress: facts.Calico.FailsafeInbound, egress: facts.Calico.FailsafeOutbound}
	for list, ports := range given {
		if ports == nil {
			ports = [...][]string{ingress: defaultFailsafeInbound, egress: defaultFailsafeOutbound}[list]
		}
		for _, text := range ports {
			if f, err := cluster.ParseFailsafe(text); err == nil {
				out[list] = append(out[list], failsafePort{f, protocolNumbers[f.Protocol]})
			}
		}
	}
	return out
}

// profilesAllow walks the profiles of a host endpoint. A namespace's profile and projectcalico-default-allow allow
// everything, a service account's has no rules, and one that does not exist drops
// (felix/calc/active_rules_calculator.go).
func (w *world) profilesAllow(profiles []string) bool {
	for _, name := range profiles {
		if name == "projectcalico-default-allow" {
			return true
		}
		if ns, ok := strings.CutPrefix(name, "kns."); ok {
			return w.facts.Namespaces == nil || w.facts.Namespaces[ns] != nil
		}
		if !strings.HasPrefix(name, "ksa.") {
			return false
		}
	}
	return false
}
