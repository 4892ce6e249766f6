package cilium

import (
	"net/netip"
	"strings"
)

// identity is what policies see of one end of a connection.
type identity struct {
	labels labelSet
	// address is the address outside the cluster that an identity of the world stands for.
	address netip.Addr
	// cidrs are the prefixes known from policies and CIDR groups that cover the end's addresses.
	cidrs []netip.Prefix
	// aggregate is the reserved label of the placeholder that stands for all identities of this sort in the policy
	// map, or empty when there is none.
	aggregate string
	// ports are the named ports of a pod.
	ports map[string]namedPort
}

// namedPort is what a port name means in one pod.
type namedPort struct {
	protocol uint8
	port     uint16
}

// The placeholders. The datapath looks every connection up twice, by the identity and by its placeholder, so a
// selector that matches the placeholder matches all that it stands for (pkg/policy/aggregate.go, since 1.20). A
// placeholder has no label but its own: selectors of negative requirements match it.
const (
	aggregateCluster    = "aggregate-cluster"
	aggregateWorld      = "aggregate-world"
	aggregateRemoteNode = "aggregate-remote-node"
)

// lookup finds a label. A cidr label in a selector matches a narrower one of the identity (pkg/labels/labels.go,
// Label.HasKey).
func (id *identity) lookup(source, key string) (string, bool) {
	if source != sourceCIDR {
		return id.labels.lookup(source, key)
	}
	prefix, err := netip.ParsePrefix(strings.ReplaceAll(key, "-", ":"))
	return "", err == nil && within(id.cidrs, prefix)
}

// has reports whether the identity has a reserved label.
func (id *identity) has(reserved string) bool {
	_, ok := id.labels.lookup(sourceReserved, reserved)
	return ok
}

// hasKey reports whether the identity has a label with one of the keys, whatever its source.
func (id *identity) hasKey(keys ...string) bool {
	for _, key := range keys {
		if _, ok := id.labels[key]; ok {
			return true
		}
	}
	return false
}

// placeholder is the identity that stands for a sort of identities.
type placeholder string

func (p placeholder) lookup(source, key string) (string, bool) {
	return "", key == string(p) && (source == sourceReserved || source == sourceAny)
}
