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
	first := set.First()
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
	d.untracked(set)
	d.exemptPods(set)
}

// untracked reports that the datapath of pods drops the protocols that it does not track, whatever policy allows. A
// rule that names such a protocol says so itself (otherProtocols); here is the first that allows every protocol.
func (d *dialect) untracked(set *model.Set) {
	r := allowsEverything(set)
	if r == nil || !d.dropsOtherProtocols() {
		return
	}
	tracked, hint := "TCP, UDP and ICMP", "turn on enable-extended-ip-protocols in the target if pods speak other protocols"
	if d.sctp() {
		tracked = "TCP, UDP, SCTP and ICMP"
	}
	if !d.v.AtLeast(1, 19) {
		hint = "Cilium lets them through since 1.19, with enable-extended-ip-protocols"
	}
	d.note(r.Origin, diag.Setting, hint, "Cilium drops all protocols but %s at pods, so where policies allow every protocol, the output allows only these", tracked)
}

// allowsEverything is the first rule that allows pods every protocol, or nil.
func allowsEverything(set *model.Set) *model.Rule {
	for _, t := range set.Tiers {
		for _, p := range t.Policies {
			for _, s := range p.Sections {
				if s == nil || p.Class != model.PodSubjects {
					continue
				}
				for _, r := range s.Rules {
					if r.Action == model.Allow && slices.ContainsFunc(r.Matches, func(b model.Box) bool { return b.Traffic.IsAll() }) {
						return r
					}
				}
			}
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
