package cilium

import (
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/validate/schema/problem"
)

// ClusterNetworkPolicy judges the peers for which the agent drops a whole ClusterNetworkPolicy
// (pkg/k8s/cluster_network_policy.go): nodes without the setting, and names of domains that are not to be accepted or
// without the proxy that learns their addresses.
func ClusterNetworkPolicy(object map[string]any, settings cluster.CiliumSettings) problem.List {
	var problems problem.List
	spec, _ := object["spec"].(map[string]any)
	rules, _ := spec["egress"].([]any)
	for i, r := range rules {
		rule, _ := r.(map[string]any)
		peers, _ := rule["to"].([]any)
		for j, p := range peers {
			peer, _ := p.(map[string]any)
			at := problem.Root("spec").Field("egress").Item(i).Field("to").Item(j)
			if _, nodes := peer["nodes"]; nodes && !known(settings.NodeSelectorLabels, false) {
				problems.Unenforced(at.Field("nodes"), "peers that are nodes need the setting nodeSelectorLabels")
			}
			if _, names := peer["domainNames"]; !names {
				continue
			}
			if rule["action"] != "Accept" {
				problems.Unenforced(at.Field("domainNames"), "names of domains can only be accepted")
			}
			if !known(settings.L7Proxy, true) {
				problems.Unenforced(at.Field("domainNames"), "names of domains need the layer 7 proxy")
			}
		}
	}
	return problems
}
