package calico

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	"github.com/projectcalico/calico/felix/proto"
)

const allInterfaces = "*"

// A hostEndpoint is a node's interface, or all of them, under policy. Felix gives it four chains.
type hostEndpoint struct {
	name          string
	interfaceName string
	expected      []netip.Addr
	normal        *chain
	forward       *chain
	preDNAT       *chain
	untracked     *chain
}

func (h *hostEndpoint) isWildcard() bool { return h.interfaceName == allInterfaces }

// indexHostEndpoints attaches host endpoints to their nodes.
func (e *Engine) indexHostEndpoints(inv *inventory) error {
	for _, r := range inv.resources {
		object, ok := r.stored.Value.(*apiv3.HostEndpoint)
		if !ok || e.options.withoutHostEndpoints {
			continue
		}
		n, err := e.node(inv, object.Spec.Node)
		if err != nil {
			return err
		}
		h := &hostEndpoint{
			name:          r.document.name,
			interfaceName: object.Spec.InterfaceName,
			expected:      parseAddresses(object.Spec.ExpectedIPs),
		}
		if slices.ContainsFunc(n.endpoints, func(other *hostEndpoint) bool { return other.name == h.name }) {
			continue // the same object in two spellings
		}
		n.addOtherAddresses(h.expected...)
		n.endpoints = append(n.endpoints, h)
	}
	for _, n := range e.nodes {
		slices.SortFunc(n.endpoints, func(a, b *hostEndpoint) int { return cmp.Compare(a.name, b.name) })
	}
	return nil
}

// compileHostEndpoints gives host endpoints their chains. One that Felix refused gets none and governs
// nothing.
func (e *Engine) compileHostEndpoints(b *chainBuilder, from map[string]*proto.HostEndpoint) {
	for _, n := range e.nodes {
		n.endpoints = slices.DeleteFunc(n.endpoints, func(h *hostEndpoint) bool { return from[h.name] == nil })
		for _, h := range n.endpoints {
			endpoint := from[h.name]
			h.normal = b.chain(endpoint.Tiers, endpoint.ProfileIds)
			h.forward = b.chain(endpoint.ForwardTiers, nil)
			h.preDNAT = b.chain(endpoint.PreDnatTiers, nil)
			h.untracked = b.chain(endpoint.UntrackedTiers, nil)
			if e.options.withoutForwardTiers {
				h.forward = &chain{}
			}
			if e.options.withoutPreDNAT {
				h.preDNAT = &chain{}
			}
			// Untracked policy of a host endpoint for all interfaces is ignored
			// (felix/dataplane/linux/endpoint_mgr.go, updateHostEndpoints).
			if h.isWildcard() {
				h.untracked = &chain{}
			}
		}
	}
}

// wildcard gives the host endpoint of interfaces that no other one governs, or nil. Of several, the
// alphabetically first counts (endpoint_mgr.go, resolveHostEndpoints).
func (n *node) wildcard() *hostEndpoint {
	for _, h := range n.endpoints {
		if h.isWildcard() {
			return h
		}
	}
	return nil
}

// candidates gives the host endpoints that may govern the interface that a packet of a host process
// passes, when addr is the node's own address in the packet; nil among them stands for none. Interfaces
// are not in the files, only the addresses that host endpoints expect
// (endpoint_mgr.go, resolveHostEndpoints).
func (n *node) candidates(addr netip.Addr) []*hostEndpoint {
	var list []*hostEndpoint
	expecting := false
	for _, h := range n.endpoints {
		if h.isWildcard() {
			continue
		}
		if slices.Contains(h.expected, addr) {
			if !expecting || h.interfaceName != "" {
				list = append(list, h)
			}
			expecting = true
		} else if !h.expects(familyOf(addr)) {
			list = append(list, h) // by name only: this may be its interface
		}
	}
	if !expecting {
		list = append(list, n.wildcard())
	}
	return list
}

// expects says whether the host endpoint expects any address of a family.
func (h *hostEndpoint) expects(family int) bool {
	return slices.ContainsFunc(h.expected, func(addr netip.Addr) bool { return familyOf(addr) == family })
}

// anyInterface gives the candidates for a packet that is forwarded through an interface nobody knows.
func (n *node) anyInterface() []*hostEndpoint {
	var list []*hostEndpoint
	for _, h := range n.endpoints {
		if !h.isWildcard() {
			list = append(list, h)
		}
	}
	return append(list, n.wildcard())
}

// agree judges every candidate and gives the outcome they share, or Unknown. Whether a packet is allowed
// or not policed at all makes no difference to it.
func agree(candidates []*hostEndpoint, n *node, judge func(*hostEndpoint) outcome) outcome {
	first := judge(candidates[0])
	for _, h := range candidates[1:] {
		other := judge(h)
		if passes(first) && passes(other) && first.decision != other.decision {
			first = outcome{decision: Allow}
			continue
		}
		if other.decision != first.decision {
			return outcome{decision: Unknown, why: fmt.Sprintf(
				"which host endpoint of node %s governs the interface is not known, and they disagree", n.name)}
		}
		first.by = slices.Compact(slices.Sorted(slices.Values(slices.Concat(first.by, other.by))))
	}
	return first
}

func passes(o outcome) bool { return o.decision == Allow || o.decision == None }
