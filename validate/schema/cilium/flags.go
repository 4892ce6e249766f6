package cilium

import (
	"sync"

	"github.com/cilium/cilium/pkg/option"

	"github.com/policyferry/policyferry/translate/cluster"
)

// flags are the settings of the agent that Sanitize reads. They are global in Cilium's code.
type flags struct {
	l7Proxy, icmpRules, nonDefaultDeny, nodeSelectorLabels, extendedProtocols bool
}

var (
	flagsInUse sync.RWMutex
	current    flags
)

// withFlags runs fn under the settings of a cluster; what is not known of them is as Cilium ships it
// (pkg/defaults/defaults.go). Calls with the same settings run at the same time.
func withFlags(settings cluster.CiliumSettings, fn func()) {
	want := flags{
		l7Proxy: known(settings.L7Proxy, true), icmpRules: true, nonDefaultDeny: known(settings.NonDefaultDeny, true),
		nodeSelectorLabels: known(settings.NodeSelectorLabels, false), extendedProtocols: known(settings.ExtendedProtocols, false),
	}
	flagsInUse.RLock()
	for current != want {
		flagsInUse.RUnlock()
		setFlags(want)
		flagsInUse.RLock()
	}
	defer flagsInUse.RUnlock()
	fn()
}

func setFlags(want flags) {
	flagsInUse.Lock()
	defer flagsInUse.Unlock()
	current = want
	option.Config.EnableL7Proxy = want.l7Proxy
	option.Config.EnableICMPRules = want.icmpRules
	option.Config.EnableNonDefaultDenyPolicies = want.nonDefaultDeny
	option.Config.EnableNodeSelectorLabels = want.nodeSelectorLabels
	option.Config.EnableExtendedIPProtocols = want.extendedProtocols
}

func known(setting *bool, shipped bool) bool {
	if setting == nil {
		return shipped
	}
	return *setting
}
