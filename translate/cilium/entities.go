package cilium

import (
	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
)

// entity lowers one entity (pkg/policy/api/entity.go).
func (r *ruleReader) entity(name, path string) who {
	switch name {
	case "all":
		return who{sure: model.Anyone()}
	case "world":
		return who{sure: model.World(cidr.All())}
	case "host":
		return who{sure: model.Peer{Host: all}}
	case "remote-node":
		return who{sure: model.Peer{Nodes: all}}
	case "cluster":
		return r.clusterEntity(path)
	case "cluster-mesh":
		out := r.clusterEntity(path)
		r.remark(diag.ClusterMesh, "", path, "write cluster to mean this one",
			"the entity includes pods of other clusters, which the target does not know")
		out.maybe = append(out.maybe, model.DoubtfulPeer{Peer: model.Peer{Special: model.MeshPods}, Code: diag.ClusterMesh})
		return out
	}
	return who{sure: model.Peer{Special: specialEntities[name]}}
}

// specialEntities are the entities that are a class of their own.
var specialEntities = map[string]model.Special{
	"kube-apiserver": model.APIServer, "ingress": model.IngressProxy, "health": model.Health, "init": model.Init,
	"unmanaged": model.Unmanaged, "none": 0,
}

// knownEntities are those that the CRD admits; the last came with 1.20.
var knownEntities = []string{"all", "world", "cluster", "host", "init", "ingress", "unmanaged", "remote-node", "health",
	"none", "kube-apiserver", "cluster-mesh"}

// clusterEntity is everything in the cluster, and the kube-apiserver even where it runs outside.
func (r *ruleReader) clusterEntity(path string) who {
	out := who{sure: model.Peer{Pods: all, Host: all, Nodes: all,
		Special: model.IngressProxy | model.Health | model.Init | model.Unmanaged}}
	if r.facts.APIServers == nil {
		r.remark(diag.APIServer, "", path, cluster.FactAPIServers.Hint(),
			"cluster includes the kube-apiserver, which may run outside the cluster")
		out.maybe = append(out.maybe, model.DoubtfulPeer{Peer: model.Peer{Special: model.APIServer}, Code: diag.APIServer})
		return out
	}
	r.env.Relied.On(cluster.FactAPIServers, cluster.FactNodeCIDRs)
	inside := r.facts.NodeSet()
	for _, a := range r.facts.APIServers {
		if !inside.ContainsAddr(a.Addr()) {
			out.sure.World = out.sure.World.Union(cidr.OfAddrs(a.Addr()))
		}
	}
	return out
}
