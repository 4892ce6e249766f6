package calico

import (
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/traffic"
)

// fittedTraffic is the traffic part of a box between two bounds that Calico can write.
type fittedTraffic struct {
	lower, upper model.Box // only Traffic, Named and HTTP count
	why          []reason
}

func (b *boxFitter) traffic(box model.Box) fittedTraffic {
	out := fittedTraffic{lower: box, upper: box}
	if lost := unsayable(box.Traffic); !lost.IsEmpty() {
		out.lower.Traffic = box.Traffic.Subtract(lost)
		out.upper.Traffic = box.Traffic.Union(widened(lost))
		out.why = append(out.why, lostTraffic(lost))
	}
	if len(box.Named) > 0 && !box.Traffic.Equal(protocolsOf(box.Named)) {
		out.lower.Traffic = traffic.Set{}
		out.upper.Traffic, out.upper.Named = protocolsOf(box.Named), box.Named
		out.why = append(out.why, reason{diag.NamedPort, "a port is asked for by name and by number at once", "use one of them"})
	}
	if names := b.commonNames(box.Named); len(names) < len(box.Named) {
		if out.lower.Named = names; len(names) == 0 {
			out.lower.Traffic = traffic.Set{}
		}
		out.why = append(out.why, reason{diag.NamedPort, "Calico takes a port name for every container port of that name, those of init containers included, and Cilium for one",
			"write the number of the port"})
	}
	if why := b.requestsLost(box); why != nil {
		out.lower.Traffic, out.lower.HTTP, out.upper.HTTP = traffic.Set{}, nil, nil
		out.why = append(out.why, *why)
	}
	return out
}

// commonNames are the port names that mean the same in every pod that is known. Calico looks names up in all containers
// (libcalico-go/lib/backend/k8s/conversion/workload_endpoint_default.go), Cilium in those that are no init containers,
// and of two with one name it knows the last (pkg/k8s/labels.go).
func (b *boxFitter) commonNames(names []model.NamedPort) []model.NamedPort {
	return slices.DeleteFunc(slices.Clone(names), func(n model.NamedPort) bool {
		for _, p := range b.space.facts.Pods {
			if !p.HostNetwork && differ(p, n) {
				b.env.Relied.On(cluster.FactPods)
				return true
			}
		}
		return false
	})
}

func differ(p *cluster.Pod, n model.NamedPort) bool {
	var last cluster.NamedPort
	for _, port := range p.Ports {
		if port.Name == n.Name && !port.Init {
			last = port
		}
	}
	last.Init = false
	return slices.ContainsFunc(p.Ports, func(port cluster.NamedPort) bool {
		port.Init = false
		return port.Name == n.Name && port.Protocol == traffic.ProtocolName(n.Protocol) && port != last
	})
}

func protocolsOf(names []model.NamedPort) traffic.Set {
	var out traffic.Set
	for _, n := range names {
		out = out.Union(traffic.Protocol(n.Protocol))
	}
	return out
}

// requestsLost says why an http match would not be enforced, or not as it is meant; nil if there is none, or nothing
// against it.
func (b *boxFitter) requestsLost(box model.Box) *reason {
	if len(box.HTTP) == 0 {
		return nil
	}
	runs := b.space.facts.Calico.ApplicationLayerPolicy
	if runs != nil && *runs {
		b.env.Relied.On(cluster.FactApplicationLayerPolicy)
	}
	switch {
	case runs == nil || !*runs, b.direction != model.Ingress, b.action != model.Allow, !traffic.Protocol(traffic.ProtoTCP).Covers(box.Traffic):
		return &reason{diag.Layer7, "Calico looks at requests only with application-layer policy, on ingress, over TCP",
			cluster.FactApplicationLayerPolicy.Hint()}
	case slices.ContainsFunc(box.HTTP, func(h model.HTTPMatch) bool {
		return !compat.CiliumKeeps(h.Path, false) || !compat.CiliumKeeps(h.PathPrefix, true)
	}):
		return &reason{diag.Layer7, "Cilium's proxy normalises the paths of requests and has none that is written like this, and Calico may match some",
			"write the path as it is after that, without dots, doubled slashes and needless escapes"}
	case compat.NormalisesPaths(b.env.Target) && slices.ContainsFunc(box.HTTP, func(h model.HTTPMatch) bool { return !saidNormally(h, box.HTTP) }):
		return &reason{diag.Layer7, "Calico takes a path with a slash at its end for the same as without, and ends prefixes at a segment",
			"let both through, such as /api([?#].*)? beside /api/.*, if that is meant"}
	}
	return nil
}

// saidNormally reports whether one of some matches would let nothing more through where paths are normalised: /a is then
// /a/ as well, so both must be among them, and a prefix ends at a segment.
func saidNormally(m model.HTTPMatch, among []model.HTTPMatch) bool {
	has := func(path string) bool {
		return slices.ContainsFunc(among, func(o model.HTTPMatch) bool {
			return (o.Method == "" || o.Method == m.Method) && (o.Path == path || o.Path == "" && strings.HasPrefix(path, o.PathPrefix))
		})
	}
	switch path := m.Path + m.PathPrefix; {
	case path == "" || path == "/":
		return true
	case !compat.NormalPath(path):
		return false
	case m.PathPrefix != "":
		return strings.HasSuffix(path, "/") && has(strings.TrimSuffix(path, "/"))
	default:
		path = strings.TrimSuffix(path, "/")
		return has(path) && has(path+"/")
	}
}

// widened is the least that Calico can say and that holds the packets.
func widened(lost traffic.Set) traffic.Set {
	named := traffic.Protocol(traffic.ProtoUDPLite, traffic.ProtoICMP, traffic.ProtoICMPv6)
	if !named.Covers(lost) {
		return traffic.All()
	}
	var out traffic.Set
	for _, n := range []uint8{traffic.ProtoUDPLite, traffic.ProtoICMP, traffic.ProtoICMPv6} {
		if lost.Overlaps(traffic.Protocol(n)) {
			out = out.Union(traffic.Protocol(n))
		}
	}
	return out
}

func lostTraffic(lost traffic.Set) reason {
	switch {
	case traffic.Protocol(traffic.ProtoUDPLite).Covers(lost):
		return reason{diag.Protocol, "Calico matches no ports of UDPLite", "leave the ports out"}
	case traffic.Protocol(traffic.ProtoICMP, traffic.ProtoICMPv6).Covers(lost):
		return reason{diag.Protocol, "Calico does not match ICMP type 255", "leave the type out"}
	}
	return reason{diag.ProtocolComplement, "these are too many protocols to be written one by one", "name the protocols that matter"}
}
