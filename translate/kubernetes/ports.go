package kubernetes

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/translate/traffic"
)

// flows is what a list of ports admits: numbered traffic as one set, named ports one by one.
type flows struct {
	numbered traffic.Set
	named    []model.NamedPort
}

func protocolNumber(p corev1.Protocol) uint8 {
	switch p {
	case corev1.ProtocolUDP:
		return traffic.ProtoUDP
	case corev1.ProtocolSCTP:
		return traffic.ProtoSCTP
	}
	return traffic.ProtoTCP
}

// portsOf reads the ports of a NetworkPolicy rule: none means all traffic of every protocol, an entry without port
// means all ports of its protocol, an entry without protocol means TCP (k8s.io/api/networking/v1, types.go).
func (r *reader) portsOf(path string, ports []networkingv1.NetworkPolicyPort) flows {
	if len(ports) == 0 {
		return flows{numbered: traffic.All()}
	}
	var out flows
	for i, p := range ports {
		proto := traffic.ProtoTCP
		if p.Protocol != nil {
			proto = protocolNumber(*p.Protocol)
		}
		switch {
		case p.Port == nil:
			out.numbered = out.numbered.Union(traffic.Protocol(proto))
		case p.Port.Type == intstr.String:
			out.named = append(out.named, model.NamedPort{Protocol: proto, Name: p.Port.StrVal})
		default:
			first := uint16(p.Port.IntVal)
			last := first
			switch {
			case p.EndPort == nil:
			case r.reading.FirstPortOnly:
				r.remark(diag.EmptyForm, source.Item(source.Field(path, "ports"), i), "",
					"this release does not read endPort: only port %d is meant, and the output keeps to that", first)
			default:
				last = uint16(*p.EndPort)
			}
			out.numbered = out.numbered.Union(traffic.PortsOfProtocol(proto, traffic.PortsOf(traffic.Range{First: first, Last: last})))
		}
	}
	return out
}

// heard leaves out the ports of SCTP, if the CNI does not look for them.
func (r *reader) heard(f flows, path string) flows {
	sctp := f.numbered.Ports(traffic.ProtoSCTP)
	some := !sctp.IsEmpty() && !sctp.IsAll()
	named := func(n model.NamedPort) bool { return n.Protocol == traffic.ProtoSCTP }
	if !some && !slices.ContainsFunc(f.named, named) || r.reading.DeafToSCTPPorts == nil || !r.reading.DeafToSCTPPorts() {
		return f
	}
	if some {
		r.remark(diag.Setting, path, cluster.FactSCTP.Hint(), "Cilium does not look for the ports of SCTP unless sctp.enabled is on, so they match nothing")
		f.numbered = f.numbered.Subtract(traffic.Protocol(traffic.ProtoSCTP))
	}
	f.named = slices.DeleteFunc(slices.Clone(f.named), named)
	return f
}

// boxes combines a peer with the flows: one box for the numbered traffic and one for each protocol's named ports.
func (f flows) boxes(b model.Box) []model.Box {
	var out []model.Box
	if !f.numbered.IsEmpty() {
		n := b
		n.Traffic = f.numbered
		out = append(out, n)
	}
	for _, proto := range []uint8{traffic.ProtoTCP, traffic.ProtoUDP, traffic.ProtoSCTP} {
		n := b
		n.Traffic = traffic.Protocol(proto)
		for _, name := range f.named {
			if name.Protocol == proto {
				n.Named = append(n.Named, name)
			}
		}
		if len(n.Named) > 0 {
			out = append(out, n)
		}
	}
	return out
}
