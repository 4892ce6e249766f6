package cilium

import "net/netip"

// A view is the cluster as one node's agent sees it: which addresses are the local host's. Agents whose view
// cannot differ are built once.
type view struct {
	// local is the node, where nodes can be told apart; otherwise the view is shared by all nodes that
	// agree on apiServer, and every node is a remote one in it.
	local     *node
	apiServer bool
}

// sharedHost stands for the addresses of the local host in a shared view.
var sharedHost = netip.AddrFrom4([4]byte{127, 0, 0, 1})

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
