package cilium

import (
	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/source"
)

// peers lowers the L3 field of an element; false means that it has none. A field with an empty list matches nobody,
// but only those of which Cilium tests it (pkg/policy/utils/parserules.go); an empty list of the others counts as
// absent.
func (r *ruleReader) peers(e *readElement) (who, bool) {
	var out who
	given := false
	each := func(name string, isNil bool, n int, emptyCounts bool, one func(i int, path string) who) {
		path := e.field(name)
		if isNil {
			return
		}
		r.carried(path)
		if n == 0 {
			r.emptyPeers(path, emptyCounts)
			given = given || emptyCounts
			return
		}
		given = true
		for i := range n {
			out.add(one(i, source.Item(path, i)))
		}
	}
	each("Endpoints", e.endpoints == nil, len(e.endpoints), true, func(i int, path string) who { return r.peersOf(e.endpoints[i], path) })
	each("Entities", e.entities == nil, len(e.entities), true, func(i int, path string) who { return r.entity(e.entities[i], path) })
	each("Nodes", e.nodes == nil, len(e.nodes), true, func(i int, path string) who { return r.nodes(&e.nodes[i], path) })
	each("CIDR", e.cidr == nil, len(e.cidr), true, func(i int, path string) who { return r.cidr(e.cidr[i], path) })
	each("CIDRSet", e.cidrSet == nil, len(e.cidrSet), true, func(i int, path string) who { return r.cidrRule(e.cidrSet[i], path) })
	each("Groups", e.groups == nil, len(e.groups), false, func(i int, path string) who { return r.cloudGroup(path) })
	each("FQDNs", e.fqdns == nil, len(e.fqdns), false, func(i int, path string) who { return r.fqdn(e.fqdns[i]) })
	if len(e.services) > 0 {
		found, restricts := r.services(e)
		out.add(found)
		given = given || restricts
	}
	r.carried(e.field("Requires"))
	return out, given
}

func (r *ruleReader) emptyPeers(path string, nobody bool) {
	if nobody {
		r.remark(diag.EmptyForm, "", path, "leave the field out to mean everyone", "an empty list of peers means nobody")
		return
	}
	r.remark(diag.EmptyForm, "", path, "", "this empty list of peers counts as absent, so that ports alone mean everyone")
}

// nodes lowers a selector over the labels of the other nodes; the own node never matches. It needs
// nodeSelectorLabels, without which the agent rejects the policy.
func (r *ruleReader) nodes(s *labelSelector, path string) who {
	out := all
	for _, q := range requirementsOf(s) {
		switch {
		case q.source == "any" || q.source == "node":
			out = out.And(where(selector.Key{Kind: selector.NodeLabel, Name: q.key}, q.values))
		case q.source == "reserved" && q.key == "remote-node":
			out = out.And(where(selector.Key{Kind: selector.NodeLabel, Name: "remote-node"}, q.values))
		default:
			out = out.And(constant(q.values))
		}
	}
	p := model.Peer{Nodes: out}
	if r.facts.Cilium.NodeSelectorLabels != nil {
		return who{sure: p}
	}
	r.remark(diag.NeedsFact, "", path, cluster.FactNodeSelectorLabels.Hint(), "Cilium reads node selectors only with nodeSelectorLabels on")
	return who{maybe: []model.DoubtfulPeer{{Peer: p, Code: diag.NeedsFact}}}
}

// cloudGroup lowers fromGroups and toGroups. The cloud provider knows the addresses; they are CIDRs to Cilium.
func (r *ruleReader) cloudGroup(path string) who {
	r.report(diag.CloudGroups, path, "write the addresses of the group as CIDRs",
		"groups of the cloud provider as peers have no counterpart")
	return who{maybe: []model.DoubtfulPeer{{Peer: model.World(cidr.All()), Code: diag.CloudGroups}}}
}

func (r *ruleReader) fqdn(f fqdn) who {
	name := f.MatchName
	if name == "" {
		name = f.MatchPattern
	}
	return who{sure: model.Peer{Names: []string{name}}}
}
