package cilium

import "github.com/policyferry/policyferry/translate/model"

// element is one element of a rule list, in either direction: one kind of peer and one kind of traffic. The zero
// element matches nothing.
type element struct {
	peerElement
	trafficElement
}

// peerElement is at most one L3 field; Cilium rejects two in one element (pkg/policy/api/rule_validation.go).
type peerElement struct {
	endpoints []labelSelector
	entities  []string
	nodes     []labelSelector
	cidr      []string
	cidrSet   []cidrRule
	fqdns     []fqdn
	// anyone needs no field beside ports.
	anyone bool
}

// trafficElement is either toPorts or icmps or, with neither, all traffic.
type trafficElement struct {
	toPorts []portRule
	icmps   []icmpRule
}

func (t trafficElement) everything() bool { return len(t.toPorts)+len(t.icmps) == 0 }

// elements writes one part.
func (w *writer) elements(p model.Part, d model.Direction) []element {
	peers := w.peers(p, d)
	if len(peers) == 0 {
		return nil
	}
	var out []element
	for _, t := range w.traffics(p) {
		for _, peer := range peers {
			if peer.anyone && t.everything() {
				peer = peerElement{entities: []string{"all"}}
			}
			out = append(out, element{peer, t})
		}
	}
	return out
}

func (e element) ingressPeers() ingressPeers {
	return ingressPeers{FromEndpoints: e.endpoints, FromEntities: e.entities, FromNodes: e.nodes, FromCIDR: e.cidr, FromCIDRSet: e.cidrSet}
}

func (e element) egressPeers() egressPeers {
	return egressPeers{ToEndpoints: e.endpoints, ToEntities: e.entities, ToNodes: e.nodes, ToCIDR: e.cidr, ToCIDRSet: e.cidrSet}
}

// denyPorts are the ports of an element that denies.
func (e element) denyPorts() []portDenyRule {
	var out []portDenyRule
	for _, p := range e.toPorts {
		out = append(out, portDenyRule{Ports: p.Ports})
	}
	return out
}

// put adds the elements of one direction to a Rule.
func (r *rule) put(d model.Direction, allows, denies []element) {
	for _, e := range allows {
		if d == model.Ingress {
			r.Ingress = append(r.Ingress, ingressRule{ingressPeers: e.ingressPeers(), ToPorts: e.toPorts, ICMPs: e.icmps})
		} else {
			r.Egress = append(r.Egress, egressRule{egressPeers: e.egressPeers(), ToFQDNs: e.fqdns, ToPorts: e.toPorts, ICMPs: e.icmps})
		}
	}
	for _, e := range denies {
		if d == model.Ingress {
			r.IngressDeny = append(r.IngressDeny, ingressDenyRule{ingressPeers: e.ingressPeers(), ToPorts: e.denyPorts(), ICMPs: e.icmps})
		} else {
			r.EgressDeny = append(r.EgressDeny, egressDenyRule{egressPeers: e.egressPeers(), ToPorts: e.denyPorts(), ICMPs: e.icmps})
		}
	}
}
