package cilium

import (
	"strings"

	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/source"
)

// readElement is one element of a rule list as read, in either direction. A list that is nil was not given, one that
// is empty was: that is the difference between everyone and nobody.
type readElement struct {
	path      string
	direction model.Direction
	action    model.Action

	endpoints, requires, nodes []labelSelector
	entities, cidr             []string
	cidrSet                    []cidrRule
	groups                     []group
	services                   []serviceRef
	fqdns                      []fqdn
	toPorts                    []portRule
	icmps                      []icmpRule
	auth                       *authentication
}

// field is the path of an L3 field of the element: fromEndpoints or toEndpoints.
func (e *readElement) field(name string) string {
	if e.direction == model.Ingress {
		return source.Field(e.path, "from"+name)
	}
	return source.Field(e.path, "to"+name)
}

// at is the path of a field that has the same name in both directions.
func (e *readElement) at(name string) string { return source.Field(e.path, name) }

// elements returns the allow and deny elements of a direction.
func (in *rule) elements(d model.Direction, path string) (allows, denies []*readElement) {
	if d == model.Egress {
		return in.egressElements(path)
	}
	for i, r := range in.Ingress {
		e := fromIngress(r.ingressPeers, source.Item(source.Field(path, "ingress"), i), model.Allow)
		e.toPorts, e.icmps, e.auth = r.ToPorts, r.ICMPs, r.Authentication
		allows = append(allows, e)
	}
	for i, r := range in.IngressDeny {
		e := fromIngress(r.ingressPeers, source.Item(source.Field(path, "ingressDeny"), i), model.Deny)
		e.toPorts, e.icmps = fromDenyPorts(r.ToPorts), r.ICMPs
		denies = append(denies, e)
	}
	return allows, denies
}

func (in *rule) egressElements(path string) (allows, denies []*readElement) {
	for i, r := range in.Egress {
		e := fromEgress(r.egressPeers, source.Item(source.Field(path, "egress"), i), model.Allow)
		e.fqdns, e.toPorts, e.icmps, e.auth = r.ToFQDNs, r.ToPorts, r.ICMPs, r.Authentication
		allows = append(allows, e)
	}
	for i, r := range in.EgressDeny {
		e := fromEgress(r.egressPeers, source.Item(source.Field(path, "egressDeny"), i), model.Deny)
		e.toPorts, e.icmps = fromDenyPorts(r.ToPorts), r.ICMPs
		denies = append(denies, e)
	}
	return allows, denies
}

func fromIngress(p ingressPeers, path string, a model.Action) *readElement {
	return &readElement{path: path, direction: model.Ingress, action: a, endpoints: p.FromEndpoints, requires: p.FromRequires,
		nodes: p.FromNodes, entities: p.FromEntities, cidr: p.FromCIDR, cidrSet: p.FromCIDRSet, groups: p.FromGroups}
}

func fromEgress(p egressPeers, path string, a model.Action) *readElement {
	return &readElement{path: path, direction: model.Egress, action: a, endpoints: p.ToEndpoints, requires: p.ToRequires,
		nodes: p.ToNodes, entities: p.ToEntities, cidr: p.ToCIDR, cidrSet: p.ToCIDRSet, groups: p.ToGroups, services: p.ToServices}
}

func fromDenyPorts(list []portDenyRule) []portRule {
	var out []portRule
	for _, p := range list {
		out = append(out, portRule{Ports: p.Ports})
	}
	return out
}

// who is a peer as far as it is sure, and what it may be besides.
type who struct {
	sure  model.Peer
	maybe []model.DoubtfulPeer
	// picked are the pods that are selected one by one, where they are not those of sure.
	picked *selector.Selector
}

func (w *who) add(v who) {
	if w.picked != nil || v.picked != nil {
		both := w.pods().Or(v.pods())
		w.picked = &both
	}
	w.sure = w.sure.Union(v.sure)
	w.maybe = append(w.maybe, v.maybe...)
}

// names lists special classes for messages.
func (s specials) names() string {
	var out []string
	for i, name := range [...]string{"kube-apiserver", "ingress", "health", "init", "unmanaged", "mesh pods"} {
		if s&(1<<i) != 0 {
			out = append(out, name)
		}
	}
	return strings.Join(out, ", ")
}

// specials is model.Special with names.
type specials model.Special
