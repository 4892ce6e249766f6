package calico

import (
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/validate/verdict"
)

// tunnel recognises the packets of Calico's own tunnels.
func (p *packet) tunnel(c *cluster.CalicoSettings) (vxlan, ipip bool) {
	port := c.VXLANPort
	if port == 0 {
		port = 4789 // felix/config/config_params.go
	}
	return p.protocol == protocolUDP && p.port == port, p.protocol == protocolIPIP
}

// fromPod is what becomes of a tunnel packet that a pod sends: by default it is dropped, whatever policy says
// (felix/rules/endpoints.go, allowVXLANEncap and allowIPIPEncap).
func (j *judge) tunnelFromPod(p *packet) outcome {
	c := &j.world.facts.Calico
	vxlan, ipip := p.tunnel(c)
	switch {
	case !(vxlan && !c.AllowVXLANFromPods || ipip && !c.AllowIPIPFromPods):
		return outcome{}
	case c.Dataplane == "ebpf":
		return outcome{action: verdict.Unknown, why: "what the eBPF dataplane does to tunnel packets of pods is not judged"}
	}
	return outcome{action: verdict.Deny}
}

// tunnelOfHost is what becomes of a tunnel packet between hosts that have host endpoints: with the tunnel in use,
// Calico lets its own nodes' packets through and drops others, ahead of policy (felix/rules/static.go,
// filterInputChain and filterOutputChain). Which tunnels are in use is not among the facts.
func (j *judge) tunnelOfHost(p *packet) outcome {
	if vxlan, ipip := p.tunnel(&j.world.facts.Calico); vxlan || ipip {
		return outcome{action: verdict.Unknown, why: "whether the nodes use this tunnel is not known, and Calico treats its own tunnels apart"}
	}
	return outcome{}
}
