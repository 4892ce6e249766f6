package cilium

// peer is one thing that a rule says about the other end.
type peer interface {
	// selects reports whether the rule's selector has the identity among its selections.
	selects(id *identity) bool
	// covers reports whether the policy map answers for the identity because of this peer: it is selected, or the
	// placeholder that stands for it is.
	covers(id *identity) bool
	// String is the same for peers that Cilium holds to be the same selector.
	String() string
}

// labelPeer selects by labels.
type labelPeer struct {
	selector selector
	// aggregates are the placeholders that the selector matches.
	aggregates map[string]bool
}

func newLabelPeer(s selector, r release) *labelPeer {
	p := &labelPeer{selector: s, aggregates: map[string]bool{}}
	if r.since(1, 20) {
		for _, name := range []string{aggregateCluster, aggregateWorld, aggregateRemoteNode} {
			p.aggregates[name] = s.matches(placeholder(name))
		}
	}
	return p
}

func (p *labelPeer) selects(id *identity) bool { return p.selector.matches(id) }
func (p *labelPeer) covers(id *identity) bool  { return p.aggregates[id.aggregate] || p.selects(id) }
func (p *labelPeer) String() string            { return "labels " + p.selector.String() }

// namePeer is toFQDNs: it selects the addresses learned for a name, and none is known here.
type namePeer string

func (p namePeer) selects(*identity) bool { return false }
func (p namePeer) covers(*identity) bool  { return false }
func (p namePeer) String() string         { return "name " + string(p) }

// peers are the peers of one rule, of which one has to match.
type peers struct {
	list []peer
	// nobody says that the rule matches no peer. Otherwise an empty list stands for everyone.
	nobody bool
}

// match reports whether one of the peers covers the identity. With selected, it has to select it: the ports behind a
// name are looked up for the selected identities one by one, and placeholders have none (pkg/policy/l4.go, toMapState).
func (p *peers) match(id *identity, selected bool) bool {
	if p.nobody {
		return false
	}
	for _, one := range p.list {
		if selected && one.selects(id) || !selected && one.covers(id) {
			return true
		}
	}
	return len(p.list) == 0
}

// entityLabels are the entities that are reserved labels (pkg/policy/api/entity.go).
var entityLabels = map[string][]string{
	"world":          {"world", "world-ipv4", "world-ipv6", aggregateWorld},
	"world-ipv4":     {"world-ipv4"},
	"world-ipv6":     {"world-ipv6"},
	"host":           {"host"},
	"init":           {"init"},
	"ingress":        {"ingress"},
	"remote-node":    {"remote-node", aggregateRemoteNode},
	"health":         {"health"},
	"unmanaged":      {"unmanaged"},
	"none":           {"none"},
	"kube-apiserver": {"kube-apiserver"},
	"cluster":        {"host", "remote-node", "init", "ingress", "health", "unmanaged", "kube-apiserver", aggregateCluster},
	"cluster-mesh":   {"host", "remote-node", "init", "ingress", "health", "unmanaged", "kube-apiserver", aggregateCluster},
}

// entity returns the selectors that an entity stands for; none for an unknown one.
func entity(name string, s *settings) []peer {
	if name == "all" {
		return []peer{newLabelPeer(selector{}, s.release)}
	}
	var out []peer
	for _, reserved := range entityLabels[name] {
		out = append(out, newLabelPeer(selector{}.with(sourceReserved, reserved, opIn, ""), s.release))
	}
	switch name {
	case "cluster":
		out = append(out, newLabelPeer(selector{}.with(sourceK8s, keyCluster, opIn, s.clusterName), s.release))
	case "cluster-mesh":
		out = append(out, newLabelPeer(selector{}.with(sourceAny, keyCluster, opExists), s.release))
	}
	return out
}
