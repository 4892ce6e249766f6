package cilium

import (
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

// fittedPeer is a peer between two bounds that Cilium can write.
type fittedPeer struct {
	lower, upper model.Peer
	why          []reason
}

func (d *dialect) fitPeer(p model.Peer, dir model.Direction, action model.Action) fittedPeer {
	f := fittedPeer{lower: p, upper: p}
	pods := d.fitSelector(p.Pods, model.PodSubjects)
	f.lower.Pods, f.upper.Pods, f.why = pods.lower, pods.upper, pods.why
	if !p.Host.IsAll() && !p.Host.IsNone() {
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
	byLabel := !s.TooComplex() && !s.Uses(func(k selector.Key) bool { return k.Kind != selector.NodeLabel })
	for _, c := range s.Clauses() {
		byLabel = byLabel && len(c.Texts()) == 0
	}
	if byLabel && d.hasNodePeers() {
		return fittedSelector{lower: s, upper: s}
	}
	return fittedSelector{lower: none, upper: all, why: []reason{{code: diag.NodeLabels,
		what: "Cilium tells nodes apart by their labels only, and only with nodeSelectorLabels",
		hint: "turn on nodeSelectorLabels in the target and say so with spec.cilium.nodeSelectorLabels in the cluster facts"}}}
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
