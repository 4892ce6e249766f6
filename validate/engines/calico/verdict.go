package calico

import (
	"fmt"
	"slices"
	"strings"
)

// Judge answers one connection. An error means that the question cannot be asked of this cluster.
func (e *Engine) Judge(c Connection) (Verdict, error) {
	p, err := packetOf(c)
	if err != nil {
		return Verdict{}, err
	}
	from, err := e.resolve(c.From)
	if err != nil {
		return Verdict{}, fmt.Errorf("from: %w", err)
	}
	to, err := e.resolve(c.To)
	if err != nil {
		return Verdict{}, fmt.Errorf("to: %w", err)
	}
	if p.source, p.destination, err = choose(from, to, c.IPVersion, p.protocol); err != nil {
		return Verdict{}, err
	}
	if e.crashed != "" {
		return both(outcome{decision: Unknown, why: e.crashed}), nil
	}
	if !p.source.IsValid() {
		return both(outcome{decision: Unknown, why: fmt.Sprintf("%s and %s have no addresses of one family", from.text, to.text)}), nil
	}
	if service := cmpService(from, to); service != "" {
		return both(outcome{decision: Unknown, why: "policy sees the address behind service " + service + ", hint: ask for that"}), nil
	}
	return combine(e.leave(from.place, to.place, &p), e.enter(from.place, to.place, &p)), nil
}

func cmpService(from, to end) string {
	if from.place.service != "" {
		return from.place.service
	}
	return to.place.service
}

func both(o outcome) Verdict { return combine(o, o) }

// combine writes the outcomes of both ends as the contract wants them.
func combine(egress, ingress outcome) Verdict {
	v := Verdict{
		Egress: egress.decision, Ingress: ingress.decision,
		EgressBy: sortedNames(egress.by), IngressBy: sortedNames(ingress.by),
	}
	var reasons []string
	if egress.why != "" {
		reasons = append(reasons, "egress: "+egress.why)
	}
	if ingress.why != "" {
		reasons = append(reasons, "ingress: "+ingress.why)
	}
	v.Why = strings.Join(reasons, "; ")
	return v
}

func sortedNames(names []string) []string {
	list := append([]string{}, names...)
	slices.Sort(list)
	return list
}

// leave judges the connection where it leaves its source.
func (e *Engine) leave(from, to place, p *packet) outcome {
	switch {
	case from.pod != nil && from.pod == to.pod:
		return outcome{decision: None, why: "a pod reaches its own address without leaving its network namespace"}
	case from.pod != nil:
		return e.leavePod(from.pod, to, p)
	case from.node != nil:
		return e.leaveNode(from.node, to, p)
	}
	return outcome{decision: None}
}

// enter judges it where it enters its destination.
func (e *Engine) enter(from, to place, p *packet) outcome {
	switch {
	case to.pod != nil && from.pod == to.pod:
		return outcome{decision: None}
	case to.pod != nil:
		return e.enterPod(from, to.pod, p)
	case to.node != nil:
		return e.enterNode(from, to.node, p)
	}
	return outcome{decision: None}
}

func (e *Engine) enterPod(from place, to *pod, p *packet) outcome {
	if from.node != nil && from.node == to.node && !e.options.withoutLocalHostRule {
		return outcome{decision: Allow, why: "a node always reaches its own pods"} // static.go, filterOutputChain
	}
	if result, ok := e.cannotJudge(to); ok {
		return result
	}
	result := e.walk(to.chain, ingress, p)
	if result.decision == Deny && e.mayBeNode(from, to.node) {
		return outcome{decision: Unknown, why: fmt.Sprintf("the source may be the pod's own node, which always reaches it; hint: give Node %q", to.node.name)}
	}
	if result.decision != Allow {
		return result
	}
	return e.afterHost(result, e.forwardToPod(from, to, p), to.node)
}

// mayBeNode says whether an address of unknown owner can be a node whose addresses the cluster does not
// tell.
func (e *Engine) mayBeNode(unknown place, n *node) bool {
	return unknown.pod == nil && unknown.node == nil && n.name != "" && len(n.addresses) == 0 &&
		inNets(e.facts.NodeCIDRs, unknown.addr)
}

func (e *Engine) leavePod(from *pod, to place, p *packet) outcome {
	if result, ok := e.cannotJudge(from); ok {
		return result
	}
	toOwnNode := to.node != nil && to.node == from.node
	if toOwnNode && isNeighbourDiscovery(p) {
		return outcome{decision: Allow, why: "ICMPv6 that a router needs is allowed to the node before policy"}
	}
	encapsulation := e.encapsulation(from.node, p)
	if encapsulation != "" && from.node.settings.dataplane != dataplaneEBPF {
		return outcome{decision: Deny, why: encapsulation + " packets from pods are dropped before policy"}
	}
	result := e.walk(from.chain, egress, p)
	switch {
	case result.decision != Allow:
		return result
	case encapsulation != "":
		return outcome{decision: Unknown, why: "whether the eBPF dataplane drops " + encapsulation + " packets from pods is not known"}
	case toOwnNode:
		return e.toOwnNode(from.node, result)
	case e.mayBeNode(to, from.node):
		return outcome{decision: Unknown, why: fmt.Sprintf("the destination may be the pod's own node, for which defaultEndpointToHostAction counts; hint: give Node %q", from.node.name)}
	}
	return e.afterHost(result, e.forwardFromPod(from, to, p), from.node)
}

// cannotJudge recognises pods for which there is no chain to walk, or whose dataplane is another one.
func (e *Engine) cannotJudge(p *pod) (outcome, bool) {
	switch {
	case p.node.settings.dataplane == dataplaneWindows:
		return outcome{decision: Unknown, why: "the Windows dataplane leaves out rules with negations, ICMP, named ports and Log"}, true
	case p.node.settings.dataplane != e.global.dataplane:
		return outcome{decision: Unknown, why: fmt.Sprintf("node %s runs another dataplane than the others", p.node.name)}, true
	case p.chain == nil:
		return outcome{decision: Unknown, why: fmt.Sprintf("pod %s has finished or has no address yet: Felix has no endpoint for it", podKey(p.name))}, true
	}
	return outcome{}, false
}

// toOwnNode restates the end of felix/rules/static.go, filterWorkloadToHostChain: what egress policy
// lets through still meets the configured action.
func (e *Engine) toOwnNode(n *node, allowed outcome) outcome {
	if e.options.withoutEndpointToHost {
		return allowed
	}
	if n.settings.dataplane == dataplaneEBPF && len(n.endpoints) > 0 {
		return outcome{decision: Unknown, why: ebpfHosts}
	}
	switch n.settings.endpointToHost {
	case "":
		return outcome{decision: Unknown, why: "policy allows it, and defaultEndpointToHostAction is not known; hint: set calico.defaultEndpointToHostAction in ClusterFacts"}
	case "Drop":
		return outcome{decision: Deny, why: "policy allows it, defaultEndpointToHostAction is Drop"}
	}
	return allowed
}

// isNeighbourDiscovery knows the types of felix/rules/static.go, ICMPv6Filter.
func isNeighbourDiscovery(p *packet) bool {
	return p.protocol == protoICMPv6 && slices.Contains([]uint8{130, 131, 132, 133, 135, 136}, p.icmpType)
}

// encapsulation names a packet that felix/rules/endpoints.go drops ahead of a pod's egress policy.
func (e *Engine) encapsulation(n *node, p *packet) string {
	switch {
	case e.options.withoutEncapsulationDrop:
	case p.protocol == protoUDP && p.destinationPort == n.settings.vxlanPort && !n.settings.allowVXLANFromPod:
		return "VXLAN"
	case p.protocol == protoIPIP && !n.settings.allowIPIPFromPod:
		return "IP-in-IP"
	}
	return ""
}
