package cilium

import (
	"fmt"
	"slices"

	"github.com/policyferry/policyferry/translate/cluster"
)

// settings are the settings of an agent that change verdicts, with defaults filled in.
type settings struct {
	release release
	// clusterName is the value of the label io.cilium.k8s.policy.cluster.
	clusterName string
	mode        mode
	// cidrPods and cidrNodes say whether CIDR peers match pods and nodes by their addresses.
	cidrPods, cidrNodes bool
	// localCluster says whether label peers are confined to the local cluster.
	localCluster         bool
	hostFirewall         bool
	clusterNetworkPolicy bool
	nodeSelectorLabels   bool
	sctp                 bool
	extendedProtocols    bool
	l7Proxy              bool
	nonDefaultDeny       bool
	filter               *labelFilter
}

// mode is the agent's enforcement mode.
type mode string

const (
	modeDefault mode = "default"
	modeAlways  mode = "always"
	modeNever   mode = "never"
)

// newSettings reads the settings out of the facts.
func newSettings(facts *cluster.Facts) (*settings, error) {
	given := facts.Cilium
	r, err := parseRelease(given.Version)
	if err != nil {
		return nil, err
	}
	s := &settings{
		release:     r,
		clusterName: orString(given.ClusterName, "default"),
		mode:        mode(orString(given.EnforcementMode, string(modeDefault))),
		// policyCIDRMatchMode came in two steps: nodes with 1.15, pods with 1.20.
		cidrNodes: slices.Contains(given.CIDRMatchMode, "nodes") && r.since(1, 15),
		cidrPods:  slices.Contains(given.CIDRMatchMode, "pods") && r.since(1, 20),
		// pkg/clustermesh/types/option.go: false when it was introduced (1.18), true since 1.19.
		localCluster:         orBool(given.DefaultLocalCluster, r.since(1, 19)) && r.since(1, 18),
		hostFirewall:         orBool(given.HostFirewall, false),
		clusterNetworkPolicy: orBool(given.ClusterNetworkPolicy, false) && r.since(1, 20),
		nodeSelectorLabels:   orBool(given.NodeSelectorLabels, false) && r.since(1, 16),
		sctp:                 orBool(given.SCTP, false),
		extendedProtocols:    orBool(given.ExtendedProtocols, false) && r.since(1, 19),
		l7Proxy:              orBool(given.L7Proxy, true),
		nonDefaultDeny:       orBool(given.NonDefaultDeny, true),
	}
	switch s.mode {
	case modeDefault, modeAlways, modeNever:
	default:
		return nil, fmt.Errorf("policyEnforcementMode %q is none of default, always, never", s.mode)
	}
	s.filter, err = newLabelFilter(r, given.IdentityLabels)
	return s, err
}

func orBool(given *bool, otherwise bool) bool {
	if given == nil {
		return otherwise
	}
	return *given
}

func orString(given, otherwise string) string {
	if given == "" {
		return otherwise
	}
	return given
}
