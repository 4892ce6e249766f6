package calico

// forwardFromPod judges what the host endpoints of the source's node say about a packet of a pod that
// they forward. A host endpoint for all interfaces governs the pods' interfaces as well: the dispatch
// chains send to it whatever matches no other one (felix/rules/dispatch.go, fromEndForwardRules).
func (e *Engine) forwardFromPod(from *pod, to place, p *packet) outcome {
	n := from.node
	if result := e.enterHost(n.wildcard(), n, p); result.decision != None {
		return result
	}
	if to.pod != nil && to.pod.node == n {
		return outcome{decision: None} // the way out is judged where the destination is
	}
	return agree(n.anyInterface(), n, func(h *hostEndpoint) outcome { return e.forwarded(h, egress, p) })
}

// forwardToPod judges what the host endpoints of the destination's node say. A packet between two pods
// of a node is forwarded once.
func (e *Engine) forwardToPod(from place, to *pod, p *packet) outcome {
	n := to.node
	if from.pod == nil || from.pod.node != n {
		result := agree(n.anyInterface(), n, func(h *hostEndpoint) outcome { return e.enterHost(h, n, p) })
		if result.decision != None {
			return result
		}
	}
	return e.forwarded(n.wildcard(), egress, p)
}

// felix/dataplane/linux/bpf_ep_mgr.go puts host endpoint policy into the programs of pods.
const ebpfHosts = "the eBPF dataplane joins the policy of host endpoints with that of pods in its own way"

// afterHost joins what a pod's policy allowed with what the host endpoints of its node say about
// forwarding.
func (e *Engine) afterHost(allowed, host outcome, n *node) outcome {
	if len(n.endpoints) > 0 && n.settings.dataplane == dataplaneEBPF {
		return outcome{decision: Unknown, why: ebpfHosts}
	}
	if host.decision == None {
		return allowed
	}
	if host.why == "" {
		host.why = "host endpoint of node " + n.name
	} else {
		host.why = "host endpoint of node " + n.name + ": " + host.why
	}
	return host
}

// leaveNode judges a process of a node.
func (e *Engine) leaveNode(from *node, to place, p *packet) outcome {
	switch {
	case len(from.endpoints) == 0:
		return outcome{decision: None}
	case to.node == from:
		return e.loopback(from)
	case to.pod != nil && to.pod.node == from:
		return outcome{decision: Allow, why: "a node always reaches its own pods"}
	}
	if result, ok := cannotJudgeHost(from); ok {
		return result
	}
	candidates := from.candidates(p.source)
	if to.pod != nil {
		// Encapsulated, it leaves through the tunnel's interface, which only a host endpoint for all
		// interfaces governs.
		candidates = append(candidates, from.wildcard())
	}
	return agree(candidates, from, func(h *hostEndpoint) outcome { return e.hostEgress(h, from, p) })
}

// enterNode judges a connection to a process of a node.
func (e *Engine) enterNode(from place, to *node, p *packet) outcome {
	if len(to.endpoints) == 0 {
		return outcome{decision: None}
	}
	if from.node == to {
		return e.loopback(to)
	}
	if result, ok := cannotJudgeHost(to); ok {
		return result
	}
	if from.pod != nil && from.pod.node == to {
		return e.enterNodeFromOwnPod(to, p)
	}
	return agree(to.candidates(p.destination), to, func(h *hostEndpoint) outcome { return e.hostIngress(h, to, p) })
}

// enterNodeFromOwnPod: the normal policy of host endpoints does not apply (felix/rules/static.go,
// filterInputChain goes to cali-wl-to-host), pre-DNAT policy of one for all interfaces does.
func (e *Engine) enterNodeFromOwnPod(n *node, p *packet) outcome {
	if h := n.wildcard(); h != nil && !e.failsafe(n.settings.failsafeInbound, p, p.source) {
		if result := e.walkTiers(h.preDNAT, ingress, p); result.decision != None {
			return result
		}
	}
	return outcome{decision: Allow, why: "host endpoint policy does not apply to traffic of the node's own pods"}
}

// loopback: a node talks to itself over lo, which a host endpoint for all interfaces would govern.
func (e *Engine) loopback(n *node) outcome {
	if n.wildcard() == nil {
		return outcome{decision: None, why: "a node talks to itself over lo"}
	}
	return outcome{decision: Unknown, why: "a node talks to itself over lo, which host endpoint policy is not judged for"}
}

func cannotJudgeHost(n *node) (outcome, bool) {
	switch n.settings.dataplane {
	case dataplaneEBPF:
		return outcome{decision: Unknown, why: "host endpoints in the eBPF dataplane are not judged"}, true
	case dataplaneWindows:
		return outcome{decision: Unknown, why: "the Windows dataplane has no host endpoints"}, true
	}
	return outcome{}, false
}
