package calico

import (
	"net/netip"
	"strconv"
	"strings"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/traffic"
)

// serviceEnds is the backends of a Service: on egress with the ports on which they serve, on ingress with every port
// (felix/calc/rule_scanner.go; felix/serviceindex/serviceindex.go). The Service's own address never counts.
func (l *ruleLowering) serviceEnds(m *apiv3.ServiceMatch, path string, families cidr.Set) []end {
	if m.Namespace == "" {
		l.env.Note(l.policy.doc, diag.ServiceWithoutNamespace, path, "state services.namespace",
			"Calico does not take the policy's namespace for the missing one, so the rule matches nothing")
		return nil
	}
	if m.Namespace == "default" && m.Name == "kubernetes" {
		return l.apiServer(path)
	}
	l.env.Relied.On(cluster.FactServices)
	svc := l.space.facts.Service(m.Namespace, m.Name)
	switch {
	case svc == nil:
		why := reason{diag.ServiceMatch, "the backends of Service " + m.Namespace + "/" + m.Name + " are not known", cluster.FactServices.Hint()}
		return l.doubtfulEnd(model.Anyone(), nil, why, path)
	case svc.Selector != nil:
		return l.selectedBackends(svc, path, families)
	case !svc.BackendsKnown:
		why := reason{diag.ServiceMatch, "the endpoints of Service " + m.Namespace + "/" + m.Name + " are not known", cluster.FactServices.Hint()}
		return l.doubtfulEnd(model.Anyone(), nil, why, path)
	}
	return l.listedBackends(svc, path, families)
}

func (l *ruleLowering) doubtfulEnd(p model.Peer, only []packets, why reason, path string) []end {
	who := reach{}
	who.add(p, why)
	var out []end
	for _, m := range who.policed(l.direction, l.action).maybe {
		out = append(out, end{peer: m.peer, packets: only, why: why, path: path})
	}
	return out
}

// selectedBackends is the pods that a Service selects, now and later. Backends in the host's network have the
// addresses of nodes.
func (l *ruleLowering) selectedBackends(svc *cluster.Service, path string, families cidr.Set) []end {
	pods := selector.Where(selector.Key{Kind: selector.NamespaceName}, selector.In(svc.Namespace))
	for name, value := range svc.Selector {
		pods = pods.And(selector.Where(selector.Key{Kind: selector.PodLabel, Name: name}, selector.In(value)))
	}
	who := reach{sure: model.Pods(pods)}
	if families = families.Intersect(l.serviceFamilies(svc)); !families.Equal(cidr.All()) {
		who = who.and(l.space.who(families))
	}
	ports := l.servicePorts(svc)
	out := l.endsOf(who, path)
	for i := range out {
		out[i].packets = ports
		if out[i].why.code != nil {
			out[i].path = path
		}
	}
	for _, b := range svc.Backends {
		if pod := l.space.facts.Pods[b.Pod]; b.Pod != "" && pod != nil && pod.HostNetwork {
			out = append(out, l.backend(b, path, families)...)
		}
	}
	return out
}

// serviceFamilies is every address of the families in which a Service has endpoints: where pods have both, a Service
// may still have one. Endpoints that are not there yet will be of the pods' only family, if they have only one.
func (l *ruleLowering) serviceFamilies(svc *cluster.Service) cidr.Set {
	if versions, known := l.space.facts.Families(); known && len(versions) == 1 || len(svc.Backends) == 0 {
		return cidr.All()
	}
	var out cidr.Set
	for _, b := range svc.Backends {
		version := 6
		if b.Addr.Unmap().Is4() {
			version = 4
		}
		out = out.Union(cidr.All().Family(version))
	}
	return out
}

// listedBackends is the addresses that the Service's endpoints name today.
func (l *ruleLowering) listedBackends(svc *cluster.Service, path string, families cidr.Set) []end {
	l.env.Note(l.policy.doc, diag.Frozen, path, "translate again when the endpoints change",
		"Service %s/%s has no selector, so the addresses of its endpoints are written as they are now", svc.Namespace, svc.Name)
	var out []end
	for _, b := range svc.Backends {
		out = append(out, l.backend(b, path, families)...)
	}
	return out
}

// backend is one address and port. An address of a known pod or node means it; another one is outside.
func (l *ruleLowering) backend(b cluster.Backend, path string, families cidr.Set) []end {
	addr := cidr.OfAddrs(b.Addr).Intersect(families)
	if addr.IsEmpty() {
		return nil
	}
	var ports []packets
	if l.direction == model.Egress {
		ports = portPackets(b.Protocol, traffic.PortsOf(traffic.Range{First: b.Port, Last: b.Port}))
	}
	out := l.endsOf(l.space.who(addr), path)
	for i := range out {
		out[i].packets = ports
		if out[i].why.code != nil {
			out[i].path = path
		}
	}
	return out
}

// servicePorts is the packets to the ports on which the Service's backends serve; nil on ingress, where the match is
// on addresses only.
func (l *ruleLowering) servicePorts(svc *cluster.Service) []packets {
	if l.direction == model.Ingress {
		return nil
	}
	out := []packets{} // a Service without ports has no endpoint ports, and matches nothing
	for _, p := range svc.Ports {
		target := p.TargetPort
		if target == "" || target == "0" {
			target = strconv.Itoa(int(p.Port))
		}
		if n, err := strconv.ParseUint(target, 10, 16); err == nil {
			out = append(out, portPackets(p.Protocol, traffic.PortsOf(traffic.Range{First: uint16(n), Last: uint16(n)}))...)
			continue
		}
		if proto, ok := serviceProtocol(p.Protocol); ok {
			out = append(out, packets{set: traffic.Protocol(proto), named: []model.NamedPort{{Protocol: proto, Name: target}}})
		}
	}
	return out
}

func portPackets(protocol string, ports traffic.Ports) []packets {
	proto, ok := serviceProtocol(protocol)
	if !ok {
		return []packets{}
	}
	return []packets{{set: traffic.PortsOfProtocol(proto, ports)}}
}

func serviceProtocol(name string) (uint8, bool) {
	switch strings.ToUpper(name) {
	case "", "TCP":
		return traffic.ProtoTCP, true
	case "UDP":
		return traffic.ProtoUDP, true
	case "SCTP":
		return traffic.ProtoSCTP, true
	}
	return 0, false
}

// apiServer is the backends of Service default/kubernetes, for which both CNIs have words of their own.
func (l *ruleLowering) apiServer(path string) []end {
	server := model.Peer{Special: model.APIServer}
	if l.direction == model.Ingress {
		return []end{{peer: server}}
	}
	servers := l.space.facts.APIServers
	if servers == nil {
		why := reason{diag.NeedsFact, "the port of the API server is not known", cluster.FactAPIServers.Hint()}
		return l.doubtfulEnd(server, []packets{{set: traffic.Protocol(traffic.ProtoTCP)}}, why, path)
	}
	l.env.Relied.On(cluster.FactAPIServers)
	return []end{{peer: server, packets: []packets{{set: traffic.PortsOfProtocol(traffic.ProtoTCP, serverPorts(servers))}}}}
}

func serverPorts(servers []netip.AddrPort) traffic.Ports {
	var ranges []traffic.Range
	for _, s := range servers {
		ranges = append(ranges, traffic.Range{First: s.Port(), Last: s.Port()})
	}
	return traffic.PortsOf(ranges...)
}
