package cilium

import (
	"net/netip"
	"slices"

	"github.com/cilium/cilium/pkg/ipcache"
)

// A view is the cluster as one node's agent sees it: which addresses are the local host's. Agents whose view
// cannot differ are built once.
type view struct {
	// local is the node, where nodes can be told apart; otherwise the view is shared by all nodes that
	// agree on apiServer, and every node is a remote one in it.
	local     *node
	apiServer bool
}

// sharedHost is an address that stands for those of the local host in a shared view: one of the loopback network, with
// which no packet comes to a policy, and without labels of its own.
func sharedHost(labelled []ipcache.MU) netip.Addr {
	address := netip.AddrFrom4([4]byte{127, 255, 255, 1})
	for slices.ContainsFunc(labelled, func(u ipcache.MU) bool {
		return u.Prefix.AsPrefix() == single(address)
	}) {
		address = address.Next()
	}
	return address
}

// viewFrom is the view of the agent on a node; nil is a node that nothing is known about.
func (e *Engine) viewFrom(n *node) view {
	if n == nil {
		return view{}
	}
	if e.settings.nodesDiffer() {
		return view{local: n, apiServer: n.apiServer}
	}
	return view{apiServer: n.apiServer}
}
