package cilium

import "github.com/cilium/cilium/pkg/policy/types"

// fqdnEntries are the egress rules that name their peers by DNS names. Which addresses a name has, an agent
// learns from the answers that its DNS proxy sees; this engine has seen none.
func fqdnEntries(entries types.PolicyEntries) []*types.PolicyEntry {
	var found []*types.PolicyEntry
	for _, entry := range entries {
		for _, peer := range entry.L3 {
			if _, byName := peer.(*types.FQDNSelector); byName && !entry.Ingress {
				found = append(found, entry)
				break
			}
		}
	}
	return found
}
