package cilium

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"time"

	cmtypes "github.com/cilium/cilium/pkg/clustermesh/types"
	"github.com/cilium/cilium/pkg/ipcache"
	ipcachetypes "github.com/cilium/cilium/pkg/ipcache/types"
	v2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"
	"github.com/cilium/cilium/pkg/k8s/utils"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/api"
	"github.com/cilium/cilium/pkg/policy/types"
	"github.com/cilium/cilium/pkg/source"
)

// injectPrefixes tells the ipcache every prefix that has labels, and waits until it has made identities of
// them.
func (a *agent) injectPrefixes(entries []types.PolicyEntries) error {
	updates := a.nodePrefixes()
	if a.opts.do(cidrPrefixes) {
		for _, list := range entries {
			updates = append(updates, policyPrefixes(list)...)
		}
	}
	if a.opts.do(cidrGroups) {
		for _, group := range a.cluster.groups {
			updates = append(updates, groupPrefixes(group)...)
		}
	}
	if a.opts.do(apiServers) {
		updates = append(updates, a.apiServerPrefixes(updates)...)
	}
	if len(updates) == 0 {
		return nil
	}
	patience, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := a.ipcache.WaitForRevision(patience, a.ipcache.UpsertMetadataBatch(updates...)); err != nil {
		return fmt.Errorf("waiting for the ipcache: %w", err)
	}
	return a.ipcache.Shutdown()
}

// update is one prefix with the labels that a resource gives it.
func update(prefix netip.Prefix, from source.Source, resource ipcachetypes.ResourceID, l labels.Labels) ipcache.MU {
	return ipcache.MU{
		Prefix:   cmtypes.NewLocalPrefixCluster(prefix),
		Source:   from,
		Resource: resource,
		Metadata: []ipcache.IPMetadata{l},
	}
}

// single is the prefix of one address.
func single(address netip.Addr) netip.Prefix { return netip.PrefixFrom(address, address.BitLen()) }

// nodePrefixes are the addresses of nodes and of Cilium's own endpoints on them.
func (a *agent) nodePrefixes() []ipcache.MU {
	var updates []ipcache.MU
	for _, n := range a.cluster.nodes {
		resource := ipcachetypes.NewResourceID(ipcachetypes.ResourceKindNode, "", n.name)
		local := n == a.view.local && a.opts.do(localNode)
		for _, address := range n.addresses {
			if a.opts.do(nodeAddresses) {
				updates = append(updates, update(single(address), source.Kubernetes, resource, n.peerLabels(local, address, a.opts)))
			}
		}
		for _, address := range n.health {
			updates = append(updates, update(single(address), source.Kubernetes, resource, labels.LabelHealth))
		}
		for _, address := range n.ingress {
			updates = append(updates, update(single(address), source.Kubernetes, resource, labels.LabelIngress))
		}
	}
	return updates
}

// apiServerPrefixes label the backends of Service default/kubernetes; a shared view has one more, the
// stand-in for the address of a local node that runs one, beside the prefixes that have labels already.
func (a *agent) apiServerPrefixes(labelled []ipcache.MU) []ipcache.MU {
	resource := ipcachetypes.NewResourceID(ipcachetypes.ResourceKindEndpoint, "default", "kubernetes")
	var updates []ipcache.MU
	for _, address := range a.cluster.apiServers {
		updates = append(updates, update(single(address), source.KubeAPIServer, resource, labels.LabelKubeAPIServer))
	}
	if a.view.local == nil && a.view.apiServer {
		node := ipcachetypes.NewResourceID(ipcachetypes.ResourceKindNode, "", "")
		host := single(sharedHost(labelled))
		updates = append(updates,
			update(host, source.Local, node, labels.LabelHost),
			update(host, source.KubeAPIServer, resource, labels.LabelKubeAPIServer))
	}
	return updates
}

// policyPrefixes are the prefixes that a policy names (pkg/policy/cell/policy_importer.go, updatePrefixes).
func policyPrefixes(entries types.PolicyEntries) []ipcache.MU {
	var updates []ipcache.MU
	for _, prefix := range policy.GetCIDRPrefixes(entries) {
		u := update(prefix, source.Generated, "", labels.GetCIDRLabels(prefix))
		u.IsCIDR = true
		updates = append(updates, u)
	}
	return updates
}

// groupPrefixes are the prefixes of a CIDR group, labelled with its name and its labels; a bare address is
// skipped (pkg/policy/k8s/cilium_cidr_group.go, cidrsAndLabelsForCIDRGroup and applyCIDRGroup).
func groupPrefixes(group *v2.CiliumCIDRGroup) []ipcache.MU {
	common := labels.Labels{}
	for key, value := range utils.RemoveCiliumLabels(group.Labels) {
		label := labels.NewLabel(key, value, labels.LabelSourceCIDRGroup)
		common[label.Key] = label
		encoded := labels.EncodedCIDRGroupLabel(label.Key, label.Value, label.Source)
		common[encoded.Key] = encoded
	}
	name := api.LabelForCIDRGroupRef(group.Name)
	common[name.Key] = name

	resource := ipcachetypes.NewResourceID(ipcachetypes.ResourceKindCIDRGroup, "", group.Name)
	var updates []ipcache.MU
	for _, text := range group.Spec.ExternalCIDRs {
		prefix, err := netip.ParsePrefix(string(text))
		if err != nil {
			continue
		}
		own := maps.Clone(common)
		own.AddWorldLabel(prefix.Addr())
		updates = append(updates, update(prefix, source.Generated, resource, own))
	}
	return updates
}
