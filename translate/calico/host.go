package calico

import (
	"maps"
	"slices"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

// hostEndpoint is a host endpoint, from the set of documents or from the facts.
type hostEndpoint struct {
	*cluster.HostEndpoint
	// automatic says that Calico made it from its node and keeps it like the node.
	automatic bool
}

// addHosts takes in the host endpoints: those of the documents win over facts of the same name.
func (v *inventory) addHosts(documents map[string]*cluster.HostEndpoint, e *env.Env) {
	facts := e.Facts
	if facts == nil {
		facts = &cluster.Facts{}
	}
	all := maps.Clone(facts.HostEndpoints)
	if all == nil {
		all = map[string]*cluster.HostEndpoint{}
	}
	maps.Copy(all, documents)
	v.autoHosts = facts.Calico.AutoHostEndpoints != nil && *facts.Calico.AutoHostEndpoints
	v.relied = e.Relied
	for _, name := range slices.Sorted(maps.Keys(all)) {
		h := all[name]
		automatic := h.Labels[labelCreatedBy] == createdByControllers && h.InterfaceName == "*"
		v.hosts = append(v.hosts, hostEndpoint{h, automatic && v.autoHosts})
	}
}

// hostsWith is the nodes whose host endpoints match the expression. As a peer, a host endpoint is its expected
// addresses (felix/labelindex/named_port_index.go); if these are not all that the node has, it is in doubt whether
// the node is meant. Automatic ones follow their node and are left to its labels.
func (v *inventory) hostsWith(x *expression, s *space) reach {
	var out reach
	var whole []string
	v.relyOnHosts(x)
	for _, h := range v.hosts {
		if h.automatic || len(h.ExpectedIPs) == 0 || x.match(ownLabels(h.Labels)) != yes {
			continue
		}
		if n := s.facts.Nodes[h.Node]; n != nil && cidr.OfAddrs(h.ExpectedIPs...).ContainsSet(cidr.OfAddrs(n.Addresses...)) {
			whole = append(whole, h.Node)
			continue
		}
		node := nodesNamed(h.Node)
		out.add(model.Peer{Host: node, Nodes: node}, reason{diag.HostEndpointPeer,
			"host endpoint " + h.Name + " matches, and whether it has every address of node " + h.Node + " is not known",
			cluster.FactNodes.Hint()})
	}
	if len(whole) > 0 {
		s.relied.On(cluster.FactNodes)
		out.sure.Host, out.sure.Nodes = nodesNamed(whole...), nodesNamed(whole...)
	}
	return out
}

func nodesNamed(names ...string) selector.Selector {
	return selector.Where(selector.Key{Kind: selector.NodeName}, selector.In(names...))
}

// relyOnHosts notes that the result depends on which host endpoints there are, if the expression could match one.
func (v *inventory) relyOnHosts(x *expression) {
	anyHost := func(label string) labelState { return labelState{unknown: !ofPods(label)} }
	if x.match(anyHost) != no {
		v.relied.On(cluster.FactHostEndpoints, cluster.FactAutoHostEndpoints)
	}
}
