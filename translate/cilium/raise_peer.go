package cilium

import (
	"strings"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

// peers writes who may be at the other end. Several elements are a union.
func (w *writer) peers(p model.Part, d model.Direction) []peerElement {
	fitted := w.fitPeer(p.Peer, w.source.Class, d, p.Action)
	w.losses(p, fitted.why)
	peer := fitted.lower
	if p.Action == model.Deny {
		peer = fitted.upper
	}
	if peer.IsAnyone() || w.anyoneInEffect(peer, p.Action, d) {
		return []peerElement{{anyone: true}}
	}
	var out []peerElement
	if endpoints := w.endpoints(peer, p.Action); len(endpoints) > 0 {
		out = append(out, peerElement{endpoints: endpoints})
	}
	if names := entities(peer); len(names) > 0 {
		out = append(out, peerElement{entities: names})
	}
	if !peer.Nodes.IsNone() && !peer.Nodes.IsAll() {
		out = append(out, peerElement{nodes: w.nodeSelectors(peer.Nodes)})
	}
	if !peer.World.IsEmpty() && !peer.World.Equal(cidr.All()) {
		out = append(out, cidrPeer(peer.World))
	}
	if len(peer.Names) > 0 {
		out = append(out, peerElement{fqdns: fqdns(peer.Names)})
	}
	return out
}

// anyoneInEffect is true for an ingress allow that lacks only the pod's own node: Cilium lets the node in to every
// pod that nothing denies it (pkg/policy/repository.go, allow-localhost).
func (w *writer) anyoneInEffect(peer model.Peer, a model.Action, d model.Direction) bool {
	if a != model.Allow || d != model.Ingress || w.source.Class != model.PodSubjects {
		return false
	}
	peer.Host = all
	return peer.IsAnyone()
}

// endpoints writes the pods of a peer. Selectors mean the local cluster unless they name one
// (pkg/k8s/apis/cilium.io/utils/utils.go), so pods of a mesh are written only where a deny has them.
func (w *writer) endpoints(peer model.Peer, a model.Action) []labelSelector {
	mesh := a == model.Deny && peer.Special&model.MeshPods != 0
	if mesh && peer.Pods.IsAll() {
		return []labelSelector{{MatchExpressions: []expression{
			{Key: podNamespaceKey, Operator: "Exists"}, {Key: "k8s:" + labelCluster, Operator: "Exists"}}}}
	}
	var out []labelSelector
	for _, c := range peer.Pods.Clauses() {
		out = append(out, w.peerSelectors(c)...)
	}
	if mesh {
		out = append(out, labelSelector{MatchExpressions: []expression{{Key: podNamespaceKey, Operator: "Exists"},
			{Key: "k8s:" + labelCluster, Operator: "NotIn", Values: []string{w.clusterName()}}}})
	}
	return out
}

func (d *dialect) clusterName() string {
	if d.facts.Cilium.ClusterName != "" {
		return d.facts.Cilium.ClusterName
	}
	return "default"
}

func (w *writer) nodeSelectors(s selector.Selector) []labelSelector {
	var out []labelSelector
	for _, c := range s.Clauses() {
		out = append(out, labelSelectors(c)...)
	}
	return out
}

// entities lists the classes of a peer that are whole entities.
func entities(p model.Peer) []string {
	var out []string
	add := func(name string, ok bool) {
		if ok {
			out = append(out, name)
		}
	}
	add("host", p.Host.IsAll())
	add("remote-node", p.Nodes.IsAll())
	add("world", p.World.Equal(cidr.All()))
	add("kube-apiserver", p.Special&model.APIServer != 0)
	add("ingress", p.Special&model.IngressProxy != 0)
	add("health", p.Special&model.Health != 0)
	add("init", p.Special&model.Init != 0)
	add("unmanaged", p.Special&model.Unmanaged != 0)
	return out
}

func fqdns(names []string) []fqdn {
	var out []fqdn
	for _, n := range names {
		if strings.Contains(n, "*") {
			out = append(out, fqdn{MatchPattern: n})
		} else {
			out = append(out, fqdn{MatchName: n})
		}
	}
	return out
}
