package cilium

import (
	"fmt"
	"strings"

	cmtypes "github.com/cilium/cilium/pkg/clustermesh/types"
	"github.com/cilium/cilium/pkg/labelsfilter"
	"github.com/cilium/cilium/pkg/option"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/api"
)

// families are the address families that the cluster runs.
type families struct{ ipv4, ipv6 bool }

// configure sets the package variables that Cilium's policy code reads, as the agent does when it starts
// (daemon/cmd/daemon.go, daemon/cmd/daemon_main.go).
func configure(s Settings, enabled families, opts Options) error {
	config := option.Config
	config.EnableIPv4, config.EnableIPv6 = enabled.ipv4, enabled.ipv6
	config.ClusterName, config.ClusterID = s.ClusterName, 0
	config.EnableHostFirewall = s.HostFirewall
	config.EnableK8sClusterNetworkPolicy = s.ClusterNetworkPolicy
	config.EnableNodeSelectorLabels = s.NodeSelectorLabels
	config.EnableSCTP = s.SCTP
	config.EnableExtendedIPProtocols = s.ExtendedProtocols
	config.EnableL7Proxy = s.L7Proxy
	config.PolicyCIDRMatchMode = s.PolicyCIDRMatchMode
	config.EnableICMPRules = s.icmpRules
	config.EnableNonDefaultDenyPolicies = s.nonDefaultDeny

	// In Kubernetes the agent turns "auto" into "always" (daemon/cmd/daemon.go).
	config.UnsafeDaemonConfigOption.AllowLocalhost = option.AllowLocalhostAuto
	if opts.do(localhostAllowed) {
		config.UnsafeDaemonConfigOption.AllowLocalhost = option.AllowLocalhostAlways
	}
	if opts.do(enforcementMode) {
		policy.SetPolicyEnabled(s.PolicyEnforcementMode)
	}
	if opts.do(entitySelectors) {
		api.InitEntities(s.ClusterName)
	}

	// cilium-config holds the patterns as one string, which viper splits at blanks.
	patterns := strings.Fields(s.Labels)
	if !opts.do(labelFilter) {
		patterns = nil
	}
	if err := labelsfilter.ParseLabelPrefixCfg(discard, patterns, strings.Fields(s.nodeLabels), ""); err != nil {
		return fmt.Errorf("label filter of cilium: %w", err)
	}
	return nil
}

// selectorCluster is the cluster that label selectors are confined to; empty when they are not.
func (s Settings) selectorCluster(opts Options) string {
	if !opts.do(localCluster) {
		return cmtypes.PolicyAnyCluster
	}
	scope := cmtypes.PolicyConfig{PolicyDefaultLocalCluster: s.DefaultLocalCluster}
	return cmtypes.LocalClusterNameForPolicies(scope, s.ClusterName)
}

// watches tells whether the agent enforces policies of a kind.
func (s Settings) watches(kind string) bool {
	switch kind {
	case kindNetworkPolicy:
		return s.networkPolicy
	case kindClusterNetworkPolicy:
		return s.ClusterNetworkPolicy
	case kindCilium:
		return s.ciliumNetworkPolicy
	default:
		return s.clusterwideNetworkPolicy
	}
}

// nodesDiffer tells whether remote nodes can be told apart by policies, so that each node sees its own set
// of identities (pkg/identity/identity.go, LookupReservedIdentityByLabels).
func (s Settings) nodesDiffer() bool {
	return option.Config.PerNodeLabelsEnabled() || option.Config.PolicyCIDRMatchesNodes()
}
