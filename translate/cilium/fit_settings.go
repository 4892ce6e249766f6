package cilium

import (
	"slices"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

// fitSettings reports what the target's settings and faults do to policy as a whole.
func (d *dialect) fitSettings(set *model.Set) {
	first := firstPolicy(set)
	if first == nil {
		return
	}
	switch d.facts.Cilium.EnforcementMode {
	case "never":
		d.env.Relied.On(cluster.FactEnforcementMode)
		d.note(first.Origin, diag.Setting, "set policyEnforcementMode to default before relying on the output",
			"the target enforces no policy while policyEnforcementMode is never").Override = diag.Opens
	case "always":
		d.env.Relied.On(cluster.FactEnforcementMode)
		d.note(first.Origin, diag.Setting, "set policyEnforcementMode to default",
			"the target isolates every pod while policyEnforcementMode is always, also those that no policy selects")
	}
	d.exemptPods(set)
}

func firstPolicy(set *model.Set) *model.Policy {
	for _, t := range set.Tiers {
		if len(t.Policies) > 0 {
			return t.Policies[0]
		}
	}
	return nil
}

// exemptPods reports subjects that bear a label called host: up to 1.20.1 Cilium takes them for the host, and without
// host firewall exempts them from policy (pkg/policy/repository.go looks the key up under any source).
func (d *dialect) exemptPods(set *model.Set) {
	if d.v.AtLeast(1, 21) || d.v.AtLeast(1, 20) && d.v.Patch >= 2 || d.hostFirewall() {
		return
	}
	pods := d.facts.PodsWith(func(p *cluster.Pod) bool { _, found := p.Labels["host"]; return found && !p.HostNetwork })
	for _, t := range set.Tiers {
		for _, p := range t.Policies {
			if p.Class != model.PodSubjects || !asksForHost(p.Subject) && !slices.ContainsFunc(pods, selects(p)) {
				continue
			}
			d.note(p.Origin, diag.Setting, "rename the label, or use Cilium 1.20.2 or later",
				"%s selects pods with a label called host, which this Cilium exempts from all policy", p.Object).Override = diag.Opens
		}
	}
}

// asksForHost reports whether a clause only matches pods that bear the label.
func asksForHost(s selector.Selector) bool {
	for _, c := range s.Clauses() {
		if !c.Values(selector.Key{Kind: selector.PodLabel, Name: "host"}).MayBeAbsent() {
			return true
		}
	}
	return false
}

// selects returns a test for the pods of a policy, by the labels of pod and namespace name.
func selects(p *model.Policy) func(*cluster.Pod) bool {
	return func(pod *cluster.Pod) bool {
		return p.Selected().Match(func(k selector.Key) (string, bool) {
			switch k.Kind {
			case selector.NamespaceName:
				return pod.Namespace, true
			case selector.ServiceAccountName:
				return pod.ServiceAccount, true
			}
			value, found := pod.Labels[k.Name]
			return value, found && k.Kind == selector.PodLabel
		})
	}
}

// misreadsBlocks reports whether this Cilium would let more in by an ipBlock of a NetworkPolicy than it says: 1.18 and
// 1.19 may take such a peer for the pods of the policy's namespace as well (GHSA-fm8w-2m5w-9j7r).
func (d *dialect) misreadsBlocks(p *model.Policy) bool {
	if !d.v.AtLeast(1, 18) || d.v.AtLeast(1, 20) || p.Object.APIVersion != "networking.k8s.io/v1" {
		return false
	}
	for _, s := range p.Sections {
		if s == nil {
			continue
		}
		for _, r := range s.Rules {
			for _, b := range r.Matches {
				if !b.Peer.World.IsEmpty() && !b.Peer.World.Equal(cidr.All()) {
					return true
				}
			}
		}
	}
	return false
}
