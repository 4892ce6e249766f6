package cilium

import (
	"slices"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

// fittedPeer is a peer between two bounds that Cilium can write.
type fittedPeer struct {
	lower, upper model.Peer
	why          []reason
}

func (d *dialect) fitPeer(p model.Peer, class model.Class, dir model.Direction, action model.Action) fittedPeer {
	f := fittedPeer{lower: p, upper: p}
	pods := d.fitSelector(p.Pods, model.PodSubjects)
	f.lower.Pods, f.upper.Pods, f.why = pods.lower, pods.upper, pods.why
	switch {
	case p.Host.IsAll() || p.Host.IsNone():
	case class == model.PodSubjects && dir == model.Ingress && action == model.Allow:
		// A pod's own node gets in without a rule (pkg/policy/repository.go, allow-localhost).
		f.lower.Host, f.upper.Host = none, none
	default:
		f.lower.Host, f.upper.Host = none, all
		f.why = append(f.why, reason{code: diag.LocalHost, what: "Cilium knows the pod's own node only as such, not by its labels or name",
			hint: "choose all nodes, or the pods by label"})
	}
	if !p.Nodes.IsAll() && !p.Nodes.IsNone() {
		nodes := d.fitNodes(p.Nodes)
		f.lower.Nodes, f.upper.Nodes = nodes.lower, nodes.upper
		f.why = append(f.why, nodes.why...)
	}
	if len(p.Names) > 0 && (dir == model.Ingress || action != model.Allow) {
		f.lower.Names, f.upper.Names = nil, nil
		f.upper.World = model.Anyone().World
		f.why = append(f.why, reason{code: diag.FQDN, what: "Cilium takes DNS names in egress allow rules only",
			hint: "write the addresses as CIDRs"})
	}
	d.fitWorld(&f)
	return f
}

// fitNodes fits a choice among the other nodes, which fromNodes makes by their labels.
func (d *dialect) fitNodes(s selector.Selector) fittedSelector {
	if !d.hasNodePeers() {
		return fittedSelector{lower: none, upper: all, why: []reason{{code: diag.NodeLabels,
			what: "Cilium tells nodes apart by their labels only, and only with nodeSelectorLabels",
			hint: "turn on nodeSelectorLabels in the target and say so with spec.cilium.nodeSelectorLabels in the cluster facts"}}}
	}
	if labels, ok := d.nodesByLabel(s); ok {
		return exactly(labels)
	}
	return fittedSelector{lower: none, upper: all, why: []reason{{code: diag.NodeLabels,
		what: "Cilium tells nodes apart by their labels only, and these are chosen otherwise", hint: cluster.FactNodes.Hint()}}}
}

// hostname is the label by which a node that is known by name can be chosen. Cilium keeps every label of a node for
// this purpose, also those that it leaves out of identities (pkg/labelsfilter/filter.go).
const hostname = "kubernetes.io/hostname"

// nodesByLabel is the selector with names of nodes replaced by their label; false if that cannot be done.
func (d *dialect) nodesByLabel(s selector.Selector) (selector.Selector, bool) {
	if s.TooComplex() {
		return none, false
	}
	out := none
	for _, c := range s.Clauses() {
		if len(c.Texts()) > 0 {
			return none, false
		}
		clause := all
		for _, r := range c.Requirements() {
			switch r.Key.Kind {
			case selector.NodeLabel:
				clause = clause.And(selector.Where(r.Key, r.Values))
			case selector.NodeName:
				names, ok := d.hostnames(r.Values)
				if !ok {
					return none, false
				}
				clause = clause.And(selector.Where(selector.Key{Kind: selector.NodeLabel, Name: hostname}, names))
			default:
				return none, false
			}
		}
		out = out.Or(clause)
	}
	return out, !out.TooComplex()
}

// hostnames is the values of the label for names of nodes; false unless every node has a value of its own.
func (d *dialect) hostnames(names selector.Values) (selector.Values, bool) {
	list, finite := names.Finite()
	owner := map[string]string{}
	for name, n := range d.facts.Nodes {
		value, found := n.Labels[hostname]
		if _, taken := owner[value]; taken || !found {
			return names, false
		}
		owner[value] = name
	}
	var values []string
	for value, name := range owner {
		if slices.Contains(list, name) {
			values = append(values, value)
		}
	}
	if len(values) != len(list) {
		return names, false
	}
	d.env.Relied.On(cluster.FactNodes)
	if finite {
		return selector.In(values...), true
	}
	return selector.NotIn(values...).Intersect(selector.Exists()), true
}

// fitWorld keeps CIDRs off the cluster's own addresses where this Cilium would match pods or nodes by them.
func (d *dialect) fitWorld(f *fittedPeer) {
	pods, nodes := d.matchesInCluster()
	if f.lower.World.IsEmpty() || f.lower.World.Equal(model.Anyone().World) || !pods && !nodes {
		return
	}
	unknown := pods && d.facts.PodCIDRs == nil || nodes && d.facts.NodeCIDRs == nil && d.facts.Nodes == nil
	if unknown {
		f.lower.World = model.Peer{}.World
		f.why = append(f.why, reason{code: diag.Setting,
			what: "policyCIDRMatchMode makes CIDRs match pods or nodes, whose addresses are not known",
			hint: "state spec.podCIDRs and spec.nodeCIDRs in the cluster facts"})
		return
	}
	if pods {
		f.lower.World = f.lower.World.Subtract(d.facts.PodSet())
	}
	if nodes {
		f.lower.World = f.lower.World.Subtract(d.facts.NodeSet())
	}
	f.upper.World = f.lower.World
}
