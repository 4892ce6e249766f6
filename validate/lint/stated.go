package lint

import (
	"strings"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
)

// statedOff gives findings that ask for a setting of Cilium another way out where the cluster facts say that the
// setting is off. What is not enforced then is no question of facts any more.
func statedOff(f diag.Finding, facts *cluster.Facts) diag.Finding {
	for _, s := range []struct {
		fact cluster.Fact
		set  *bool
		name string
	}{
		{cluster.FactHostFirewall, facts.Cilium.HostFirewall, "hostFirewall.enabled"},
		{cluster.FactSCTP, facts.Cilium.SCTP, "sctp.enabled"},
		{cluster.FactClusterNetworkPolicy, facts.Cilium.ClusterNetworkPolicy, "k8sClusterNetworkPolicy.enabled"},
	} {
		if s.set != nil && !*s.set && strings.Contains(f.Hint, "spec."+string(s.fact)) {
			f.Hint = "turn " + s.name + " on, which is off as the cluster facts have it, or delete this"
		}
	}
	return f
}
