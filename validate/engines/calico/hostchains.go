package calico

import "net/netip"

// hostIngress judges a packet to a process of the node that comes in through an interface of the node.
// The order is raw, mangle, filter (felix/rules/static.go, StaticRawPreroutingChain,
// StaticManglePreroutingChain, filterInputChain): untracked policy, pre-DNAT policy, normal policy;
// each after the failsafe ports.
func (e *Engine) hostIngress(h *hostEndpoint, n *node, p *packet) outcome {
	if h == nil {
		return outcome{decision: None}
	}
	if result := e.early(h, n, p); result.decision != None {
		return result
	}
	return e.hostNormal(h, ingress, n, p, e.failsafe(n.settings.failsafeInbound, p, p.source))
}

// early judges what comes in by the untracked and the pre-DNAT policy. The failsafe chain of the raw
// table also lets the answers of outbound failsafe ports past untracked policy, by their source port.
func (e *Engine) early(h *hostEndpoint, n *node, p *packet) outcome {
	failsafe := e.failsafe(n.settings.failsafeInbound, p, p.source)
	if !failsafe && !e.failsafeAnswer(n.settings.failsafeOutbound, p, p.source) {
		if result := e.walkTiers(h.untracked, ingress, p); result.decision != None {
			return result
		}
	}
	if failsafe {
		return outcome{decision: None}
	}
	return e.walkTiers(h.preDNAT, ingress, p)
}

// hostEgress judges a packet of a process of the node that leaves through an interface of the node
// (felix/rules/static.go, filterOutputChain).
func (e *Engine) hostEgress(h *hostEndpoint, n *node, p *packet) outcome {
	if h == nil {
		return outcome{decision: None}
	}
	failsafe := e.failsafe(n.settings.failsafeOutbound, p, p.destination)
	if !failsafe && !e.failsafeAnswer(n.settings.failsafeInbound, p, p.destination) {
		if result := e.walkTiers(h.untracked, egress, p); result.decision != None {
			return result
		}
	}
	return e.hostNormal(h, egress, n, p, failsafe)
}

func (e *Engine) hostNormal(h *hostEndpoint, d direction, n *node, p *packet, failsafe bool) outcome {
	result := e.walkWithFailsafe(h, d, n, p, failsafe)
	if result.decision == Deny && isTunnel(n, p) {
		return outcome{decision: Unknown, why: "Calico always allows the tunnels that its nodes use, and whether they use this one is not known"}
	}
	return result
}

func (e *Engine) walkWithFailsafe(h *hostEndpoint, d direction, n *node, p *packet, failsafe bool) outcome {
	if failsafe {
		return outcome{decision: Allow, why: "failsafe port of node " + n.name}
	}
	return e.walk(h.normal, d, p)
}

// isTunnel recognises the encapsulation between nodes that felix/rules/static.go allows before host
// endpoint policy, if the installation uses it: IP in IP, VXLAN, WireGuard.
func isTunnel(n *node, p *packet) bool {
	switch p.protocol {
	case protoIPIP:
		return true
	case protoUDP:
		return p.destinationPort == n.settings.vxlanPort ||
			p.destinationPort == wireguardPort || p.destinationPort == wireguardPortV6
	}
	return false
}

// WireGuard's default ports in felix/config/config_params.go.
const (
	wireguardPort   = 51820
	wireguardPortV6 = 51821
)

func (e *Engine) failsafe(ports []failsafe, p *packet, other netip.Addr) bool {
	return !e.options.withoutFailsafes && opens(ports, p.protocol, p.destinationPort, other)
}

func (e *Engine) failsafeAnswer(ports []failsafe, p *packet, other netip.Addr) bool {
	return !e.options.withoutFailsafes && opens(ports, p.protocol, p.sourcePort, other)
}

// enterHost judges what the host endpoint of the interface through which a packet comes in says about
// forwarding it (felix/rules/static.go, StaticFilterForwardChains). None means: not stopped.
func (e *Engine) enterHost(h *hostEndpoint, n *node, p *packet) outcome {
	if h == nil {
		return outcome{decision: None}
	}
	switch result := e.early(h, n, p); result.decision {
	case Allow:
		return outcome{decision: None} // the accept mark skips the forward chain
	case Deny, Unknown:
		return result
	}
	return e.forwarded(h, ingress, p)
}

// forwarded judges by the policies with applyOnForward. With none in a direction, and after the last
// tier, forwarded traffic is let through (felix/rules/endpoints.go, chainTypeForward).
func (e *Engine) forwarded(h *hostEndpoint, d direction, p *packet) outcome {
	if h == nil {
		return outcome{decision: None}
	}
	result := e.walkTiers(h.forward, d, p)
	if result.decision == Allow {
		return outcome{decision: None}
	}
	return result
}
