package calico

import (
	"net/netip"
	"slices"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/traffic"
)

// boxFitter fits the boxes of one rule.
type boxFitter struct {
	*fitter
	direction model.Direction
	action    model.Action
	// namespace is that of the policy to be written, or empty for a global one.
	namespace string
	// siblings are the boxes that the same section allows, if their order does not matter.
	siblings []model.Box
}

// fittedBox is a box between two bounds that Calico can write. Without a reason both are the box itself.
type fittedBox struct {
	lower, upper []model.Box
	why          []reason
}

// add takes in the bounds of a part of the box.
func (f *fittedBox) add(lower, upper model.Box, why ...reason) {
	if !lower.IsEmpty() {
		f.lower = append(f.lower, lower)
	}
	if !upper.IsEmpty() {
		f.upper = append(f.upper, upper)
	}
	f.why = append(f.why, why...)
}

func (b *boxFitter) box(box model.Box) fittedBox {
	var out fittedBox
	subject, packets := b.selector(box.Subject), b.traffic(box)
	lower, upper := packets.lower, packets.upper
	lower.Subject, upper.Subject = subject.lower, subject.upper
	why := append(packets.why, subject.why...)
	server := box.Peer.Special&model.APIServer != 0
	box.Peer.Special = 0
	if !box.Peer.IsNobody() {
		peer := b.peer(box)
		lower.Peer, upper.Peer = peer.lower, peer.upper
		out.add(lower, upper, peer.why...)
	}
	if server {
		b.apiServer(&out, lower, upper)
	}
	if len(out.lower)+len(out.upper) > 0 {
		out.why = append(out.why, why...)
	}
	return out
}

// fittedPeer is a peer between two bounds that Calico can write.
type fittedPeer struct {
	lower, upper model.Peer
	why          []reason
}

func (f *fittedPeer) lose(code *diag.Code, text, hint string) {
	f.why = append(f.why, reason{code, text, hint})
}

// peer fits a peer of classes that Calico knows in some form. Those that only Cilium knows do not exist under Calico
// and are gone already.
func (b *boxFitter) peer(box model.Box) fittedPeer {
	p := box.Peer
	if everyone(p, b.direction) {
		return fittedPeer{lower: model.Anyone(), upper: model.Anyone()}
	}
	f := fittedPeer{lower: p, upper: p}
	pods := b.selector(p.Pods)
	f.lower.Pods, f.upper.Pods, f.why = pods.lower, pods.upper, pods.why
	if pods.foreign {
		f.upper.World = cidr.All()
		f.lose(diag.ClusterMesh, "Calico knows pods of other clusters by their addresses only", "write their addresses as CIDRs")
	}
	b.names(&f)
	b.nodes(&f, box)
	b.world(&f)
	return f
}

// everyone reports whether the peer is everyone who can exist under Calico and meets its policy. A pod's own node
// always gets in, so on ingress nothing hangs on it.
func everyone(p model.Peer, d model.Direction) bool {
	return p.Pods.IsAll() && p.Nodes.IsAll() && (d == model.Ingress || p.Host.IsAll()) && p.World.Equal(cidr.All())
}

// nodes fits the choice of nodes. Calico has no word for the pod's own node: on ingress it always gets in, on egress
// its address is one of the nodes' addresses.
func (b *boxFitter) nodes(f *fittedPeer, box model.Box) {
	if b.direction == model.Ingress {
		f.lower.Host, f.upper.Host = selector.None(), selector.None()
	} else if host, nodes := f.lower.Host, f.lower.Nodes; !host.Equal(nodes) {
		either := host.Or(nodes)
		f.upper.Host, f.upper.Nodes = either, either
		f.lower.Host, f.lower.Nodes = either, either
		box.Peer = model.Peer{Host: either.Minus(host), Nodes: either.Minus(nodes)}
		if !b.allowedBeside(box) {
			f.lose(diag.LocalHost, "Calico cannot tell the pod's own node from the others", "choose all nodes")
			both := host.And(nodes)
			f.lower.Host, f.lower.Nodes = both, both
		}
	}
	if f.upper.Nodes.IsNone() {
		return
	}
	if b.space.facts.Nodes == nil {
		f.lose(diag.NeedsFact, "the addresses of the nodes are not known", cluster.FactNodes.Hint())
		f.lower.Host, f.lower.Nodes = selector.None(), selector.None()
		if b.action != model.Allow || !b.space.nodesKnown {
			f.upper = model.Anyone()
		}
		return
	}
	b.env.Relied.On(cluster.FactNodes)
}

// world fits addresses outside the cluster. Nets match pods and nodes as well, so those among them have to be known
// if they are not meant.
func (b *boxFitter) world(f *fittedPeer) {
	inside, _, exact := b.insiders(f.lower.World, f.lower, b.namespace, false)
	if !exact {
		f.lose(diag.NeedsFact, "which of these addresses belong to pods and nodes is not known, and nets would match those as well", insidersHint(b.space))
		f.lower.World = f.lower.World.Subtract(inside)
		if barren.ContainsSet(f.lower.World) {
			f.lower.World = cidr.Set{} // what is left is of no use to anyone
		}
	}
}

// allowedBeside reports whether another rule of the section allows the box anyway.
func (b *boxFitter) allowedBeside(box model.Box) bool {
	return b.action == model.Allow && slices.ContainsFunc(b.siblings, func(s model.Box) bool { return s.Covers(box) })
}

func insidersHint(s *space) string {
	if !s.podsKnown {
		return cluster.FactPodCIDRs.Hint()
	}
	return cluster.FactNodes.Hint()
}

// apiServer fits the API server as a peer: by the addresses of its backends if they are known, else on egress as the
// Service that it is, whose backends Calico matches together with their port.
func (b *boxFitter) apiServer(out *fittedBox, lower, upper model.Box) {
	peer := model.Peer{Special: model.APIServer}
	lower.Peer, upper.Peer = peer, peer
	if b.space.facts.APIServers != nil {
		b.env.Relied.On(cluster.FactAPIServers)
		out.add(lower, upper)
		return
	}
	why := reason{diag.NeedsFact, "the addresses of the API server are not known", cluster.FactAPIServers.Hint()}
	upper.Peer = model.Anyone()
	if b.direction == model.Egress && b.action == model.Allow && lower.Traffic.Covers(traffic.Protocol(traffic.ProtoTCP)) {
		why = reason{diag.APIServer, "Calico allows only the ports on which the API server serves", cluster.FactAPIServers.Hint()}
		lower.Traffic = traffic.Protocol(traffic.ProtoTCP)
		out.add(lower, model.Box{}, why)
		return
	}
	if b.action == model.Allow {
		out.why = append(out.why, why)
		return
	}
	out.add(model.Box{}, upper, why)
}

// serverAddresses is the addresses of the API server's backends.
func serverAddresses(servers []netip.AddrPort) cidr.Set {
	var out cidr.Set
	for _, s := range servers {
		out = out.Union(cidr.OfAddrs(s.Addr()))
	}
	return out
}
