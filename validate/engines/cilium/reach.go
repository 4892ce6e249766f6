package cilium

import (
	"cmp"

	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/types"
	"github.com/cilium/cilium/pkg/u8proto"
)

// reach is what a filter says about the peers of one selector: for which connections, at which level, and the verdict.
type reach struct {
	filter      *policy.L4Filter
	ingress     bool
	protocol    u8proto.U8proto
	first, last uint16
	anyPort     bool
	// named says that the port is a name of egress, which stands for other ports at every peer: it may be any.
	named    bool
	peers    policy.CachedSelector
	tier     types.Tier
	priority types.Priority
	verdict  types.Verdict
}

func reachOf(filter *policy.L4Filter, peers policy.CachedSelector, rule *policy.PerSelectorPolicy, o *owner) reach {
	r := reach{
		filter:   filter,
		ingress:  filter.Ingress,
		protocol: filter.U8Proto,
		first:    filter.Port,
		last:     max(filter.Port, filter.EndPort),
		peers:    peers,
		tier:     filter.Tier,
		priority: rule.GetPriority(),
		verdict:  rule.GetVerdict(),
	}
	switch {
	case filter.PortName != "" && filter.Ingress:
		r.first = o.GetIngressNamedPort(filter.PortName, filter.U8Proto)
		r.last = r.first
	case filter.Port == 0:
		r.anyPort, r.named = true, filter.PortName != ""
	}
	return r
}

// plainOf lists what the filters of a subject say without a proxy.
func plainOf(filters *policy.L4Policy, o *owner) []reach {
	var found []reach
	for _, direction := range []policy.L4DirectionPolicy{filters.Ingress, filters.Egress} {
		for filter := range direction.PortRules.Filters() {
			for peers, rule := range filter.PerSelectorPolicies {
				if !rule.IsRedirect() {
					found = append(found, reachOf(filter, peers, rule, o))
				}
			}
		}
	}
	return found
}

// covers tells whether the connection may be meant.
func (r reach) covers(ingress bool, f flow, peer identity.NumericIdentity) bool {
	return r.ingress == ingress && (r.protocol == f.protocol || r.protocol == u8proto.ANY) &&
		(r.anyPort || r.first <= f.port && f.port <= r.last) &&
		(r.peers.IsWildcard() || r.peers.Selects(peer))
}

// compare puts first what is decided first.
func (r reach) compare(o reach) int {
	return cmp.Or(cmp.Compare(r.tier, o.tier), cmp.Compare(r.priority, o.priority))
}

func (r reach) sameLevel(o reach) bool { return r.compare(o) == 0 }
