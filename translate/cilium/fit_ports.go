package cilium

import (
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/traffic"
)

// fitNamed restricts named ports to what has containers. Neither CNI finds a named port on an outside address
// (pkg/policy/l4.go, resolveNamedPort; felix/calc/rule_scanner.go); nodes have some under Calico, by host endpoint.
func (d *dialect) fitNamed(f *fitted, class model.Class, dir model.Direction) {
	if len(f.lower.Named) == 0 {
		return
	}
	// A container port's name is an IANA service name in lower case; what is called otherwise is nobody's port, and
	// Cilium would read it in lower case.
	names := slices.DeleteFunc(slices.Clone(f.lower.Named), func(n model.NamedPort) bool {
		return !isServiceName(n.Name) || strings.ToLower(n.Name) != n.Name
	})
	if f.lower.Named, f.upper.Named = names, names; len(names) == 0 {
		f.lower.Traffic, f.upper.Traffic = traffic.Set{}, traffic.Set{}
		return
	}
	d.fitSCTPNames(f)
	if dir == model.Ingress {
		if class == model.HostSubjects {
			d.fitNamedOnHosts(f)
		}
		return
	}
	if d.nodesHavePorts() && !(f.upper.Peer.Nodes.IsNone() && f.upper.Peer.Host.IsNone()) {
		f.unnamed("Cilium resolves named ports on pods only, not on nodes", "write the number of the port beside its name")
	}
	if !d.v.AtLeast(1, 20) && !d.portsAgree(names) {
		f.unnamed("Cilium before 1.20 gives up on a named port that pods have under different numbers",
			"write the number of the port, or give the pods with the cluster facts")
	}
	f.lower.Peer = model.Pods(f.lower.Peer.Pods)
	if len(f.upper.Named) > 0 {
		f.upper.Peer = model.Pods(f.upper.Peer.Pods)
	}
}

// sctpWithoutPorts reports whether SCTP passes connection tracking, as any protocol does with extended protocols on,
// while its ports are not looked for: an entry with a port then matches no packet (bpf/lib/conntrack.h).
func (d *dialect) sctpWithoutPorts() bool { return d.extendedProtocols() && !d.sctp() }

// sctpReason says why ports of SCTP cannot be said.
var sctpReason = reason{code: diag.Setting, hint: cluster.FactSCTP.Hint(),
	what: "Cilium lets SCTP pass with enable-extended-ip-protocols and does not look for its ports unless sctp.enabled is on"}

// fitSCTPNames gives up on named ports of SCTP where its ports are not looked for.
func (d *dialect) fitSCTPNames(f *fitted) {
	others := slices.DeleteFunc(slices.Clone(f.lower.Named), func(n model.NamedPort) bool { return n.Protocol == traffic.ProtoSCTP })
	if len(others) == len(f.lower.Named) || !d.sctpWithoutPorts() {
		return
	}
	f.why = append(f.why, sctpReason)
	f.upper.Named = nil
	if f.lower.Named = others; len(others) == 0 {
		f.lower.Traffic = traffic.Set{}
	}
}

// fitNamedOnHosts fits the names of a node's own ports: under Calico those of its host endpoints, under Cilium none.
func (d *dialect) fitNamedOnHosts(f *fitted) {
	f.lower.Traffic = traffic.Set{}
	if d.nodesHavePorts() {
		f.unnamed("Cilium knows no port of a node by name", "write the number of the port")
		return
	}
	f.upper.Traffic = traffic.Set{}
}

// unnamed widens the upper bound to every port of the protocol.
func (f *fitted) unnamed(what, hint string) {
	f.why = append(f.why, reason{code: diag.NamedPort, what: what, hint: hint})
	f.upper.Named = nil
}

func (d *dialect) nodesHavePorts() bool {
	for _, h := range d.facts.HostEndpoints {
		if len(h.Ports) > 0 {
			return true
		}
	}
	return false
}

// portsAgree reports whether all pods of a complete inventory give each name one number.
func (d *dialect) portsAgree(names []model.NamedPort) bool {
	if !d.facts.KnowsPods() {
		return false
	}
	d.env.Relied.On(cluster.FactPods, cluster.FactComplete)
	numbers := map[model.NamedPort]uint16{}
	for _, p := range d.facts.PodsWith(func(p *cluster.Pod) bool { return !p.HostNetwork }) {
		for _, port := range p.Ports {
			for _, n := range names {
				if n.Name != port.Name || protocolWords[n.Protocol] != port.Protocol {
					continue
				}
				if known, seen := numbers[n]; seen && known != port.Port {
					return false
				}
				numbers[n] = port.Port
			}
		}
	}
	return true
}

// sctpNeedsSetting reports a rule that names SCTP: Cilium drops all of it unless the setting is on
// (pkg/defaults/defaults.go).
func (d *dialect) sctpNeedsSetting(r *model.Rule, b model.Box) {
	names := !b.Traffic.Ports(traffic.ProtoSCTP).IsEmpty() && len(b.Traffic.Whole().Numbers()) < 16
	if r.Action == model.Allow && names && !d.sctp() && !d.sctpWithoutPorts() {
		d.note(r.Origin, diag.Setting, cluster.FactSCTP.Hint(), "Cilium drops SCTP unless sctp.enabled is on, so this part is allowed only then")
	}
}
