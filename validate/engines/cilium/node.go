package cilium

import (
	"net/netip"

	k8sconst "github.com/cilium/cilium/pkg/k8s/apis/cilium.io"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/labelsfilter"
	"github.com/cilium/cilium/pkg/option"
)

// node is a machine of the cluster: its host network namespace and the pods on it.
type node struct {
	name      string
	labels    map[string]string
	addresses []netip.Addr
	// published are the addresses of the CiliumNode object, which come after those of the Node.
	published []netip.Addr
	// health and ingress are the addresses of Cilium's own endpoints on the node.
	health, ingress []netip.Addr
	apiServer       bool
}

// add takes in addresses that are not there yet.
func (n *node) add(addresses ...netip.Addr) {
	for _, address := range addresses {
		address = address.Unmap()
		if address.IsValid() && !n.has(address) {
			n.addresses = append(n.addresses, address)
		}
	}
}

func (n *node) has(address netip.Addr) bool {
	for _, own := range n.addresses {
		if own == address {
			return true
		}
	}
	return false
}

// address is the node's first address of a family, or else its first address.
func (n *node) address(ipv6 bool) netip.Addr {
	for _, address := range n.addresses {
		if address.Is6() == ipv6 {
			return address
		}
	}
	if len(n.addresses) > 0 {
		return n.addresses[0]
	}
	return netip.Addr{}
}

// peerLabels are the labels by which others know the node at one of its addresses
// (pkg/node/manager/manager.go, nodeIdentityLabels and NodeUpdated).
func (n *node) peerLabels(local bool, address netip.Addr, opts Options) labels.Labels {
	known := labels.NewFrom(labels.LabelRemoteNode)
	if local {
		known = labels.NewFrom(labels.LabelHost)
	}
	if option.Config.PerNodeLabelsEnabled() && opts.do(nodeLabels) {
		kept, _ := labelsfilter.FilterNodeLabels(labels.Map2Labels(n.labels, labels.LabelSourceNode))
		known.MergeLabels(kept)
		known.MergeLabels(labels.Map2Labels(map[string]string{
			k8sconst.PolicyLabelCluster: option.Config.ClusterName,
		}, labels.LabelSourceK8s))
	}
	if option.Config.PolicyCIDRMatchesNodes() {
		known.MergeLabels(labels.GetCIDRLabels(netip.PrefixFrom(address, address.BitLen())))
		if local {
			for _, own := range n.addresses {
				known.MergeLabels(labels.GetCIDRLabels(netip.PrefixFrom(own, own.BitLen())))
			}
		}
	}
	return known
}

// subjectLabels are the labels that nodeSelector meets on the node's host endpoint: they go through the
// identity filter, not the node filter (pkg/endpoint/endpoint.go, InitWithNodeLabels).
func (n *node) subjectLabels(opts Options) labels.Labels {
	subject := labels.NewFrom(labels.LabelHost)
	if opts.do(hostLabels) {
		kept, _ := labelsfilter.Filter(labels.Map2Labels(n.labels, labels.LabelSourceK8s))
		subject.MergeLabels(kept)
	}
	return subject
}
