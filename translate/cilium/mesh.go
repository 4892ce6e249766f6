package cilium

import (
	"fmt"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/source"
)

// meshed reports whether the cluster may be one of a mesh: a mesh gives each a name, which is not "default"
// (pkg/clustermesh/types/types.go).
func (d *dialect) meshed() bool {
	name := d.facts.Cilium.ClusterName
	if name == "" || name == "default" {
		return false
	}
	d.env.Relied.On(cluster.FactClusterName)
	return true
}

// peersOfMesh adds the pods of other clusters to a peer that does not speak of clusters, where Cilium does not add the
// local one by itself.
func (r *ruleReader) peersOfMesh(reqs []requirement, path string, out who) who {
	if out.sure.Pods.IsNone() || !r.meshed() || mentionsKey(reqs, "k8s", labelCluster) || mentionsKey(reqs, "any", labelCluster) {
		return out
	}
	r.remark(diag.ClusterMesh, "", path, "choose the pods of this cluster with io.cilium.k8s.policy.cluster",
		"the selector matches pods of every cluster of the mesh, and the target knows this one")
	out.maybe = append(out.maybe, model.DoubtfulPeer{Peer: model.Peer{Special: model.MeshPods}, Code: diag.ClusterMesh})
	return out
}

// kubernetesMesh reports a Kubernetes policy of which peers include pods of other clusters: all peers where the local
// cluster is not added, and namespaces of a ClusterNetworkPolicy always (pkg/k8s/cluster_network_policy.go).
func (l *lowerer) kubernetesMesh(p *model.Policy) {
	if !l.meshed() {
		return
	}
	path := namespacePeer(p.Doc)
	if p.Doc.Object.Kind == "NetworkPolicy" || !l.defaultLocalCluster() {
		if path = "spec"; l.defaultLocalCluster() {
			return
		}
	}
	if path != "" {
		l.env.Note(p.Doc, diag.ClusterMesh, path, "choose pods and not namespaces, and keep policyDefaultLocalCluster on",
			"the policy means pods of every cluster of the mesh, and the target knows this one")
	}
}

// namespacePeer is the first peer of a ClusterNetworkPolicy that is given as namespaces; empty if there is none.
func namespacePeer(doc *source.Document) string {
	for _, field := range [][2]string{{"ingress", "from"}, {"egress", "to"}} {
		for i := 0; doc.Has(fmt.Sprintf("spec.%s[%d]", field[0], i)); i++ {
			for j := 0; doc.Has(fmt.Sprintf("spec.%s[%d].%s[%d]", field[0], i, field[1], j)); j++ {
				if path := fmt.Sprintf("spec.%s[%d].%s[%d].namespaces", field[0], i, field[1], j); doc.Has(path) {
					return path
				}
			}
		}
	}
	return ""
}
