package cilium

import (
	"slices"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
)

// firstPriority is that of the first object whose place counts. Lower ones are left to the cluster's administrators.
const firstPriority = 100

// maxRules, maxPeers and maxProtocols are what the API takes (network-policy-api, apis/v1alpha2).
const maxRules, maxPeers, maxProtocols = 25, 25, 25

// clusterPolicyKind is the one kind of ordered policy that Cilium reads.
const clusterPolicyKind = "ClusterNetworkPolicy"

// Ordered returns how many ClusterNetworkPolicies say a rule in order, for order.Flatten; nil if the target reads none
// or the set has some of its own, with which the priorities would mix.
func Ordered(set *model.Set, e *env.Env) func(model.OrderedRule) int {
	d := newDialect(e, e.Target)
	if !compat.ReadsAdminPolicy(e.Target, clusterPolicyKind, new(true)) || ownOrder(set) {
		return nil
	}
	return func(r model.OrderedRule) int {
		d.env.Relied.On(cluster.FactClusterNetworkPolicy)
		if !compat.ReadsAdminPolicy(e.Target, clusterPolicyKind, d.facts.Cilium.ClusterNetworkPolicy) || !d.namesNamespaces() || !d.defaultLocalCluster() {
			return 0
		}
		subjects, ok1 := namespacedPods(r.Subject)
		_, ok2 := namespacedPods(r.Peer.Pods)
		_, ok3 := clusterProtocols(r.Box)
		if !ok1 || !ok2 || !ok3 {
			return 0
		}
		return len(subjects) * len(clusterRules(r))
	}
}

func ownOrder(set *model.Set) bool {
	for _, t := range set.Tiers {
		if slices.ContainsFunc(t.Policies, func(p *model.Policy) bool { return p.Object.Kind == clusterPolicyKind }) {
			return true
		}
	}
	return false
}

// clusterPolicies writes what is kept in order, in the tier before all of Cilium's own policies. Every object has a
// priority of its own: rules of two objects with one priority interleave (pkg/k8s/cluster_network_policy.go).
func (r *raiser) clusterPolicies(ordered []model.OrderedRule) []any {
	var out []any
	for len(ordered) > 0 {
		first, n := ordered[0], 1
		for n < len(ordered) && sameObject(first, ordered[n]) {
			n++
		}
		var rules []clusterRule
		for _, o := range ordered[:n] {
			rules = append(rules, clusterRules(o)...)
		}
		subjects, _ := namespacedPods(first.Subject)
		for _, subject := range subjects {
			for chunk := range slices.Chunk(rules, maxRules) {
				out = append(out, r.clusterPolicy(first, subject, chunk, firstPriority+len(out)))
			}
		}
		ordered = ordered[n:]
	}
	return out
}

func sameObject(a, b model.OrderedRule) bool {
	return a.Policy == b.Policy && a.Direction == b.Direction && a.Subject.String() == b.Subject.String()
}

func (r *raiser) clusterPolicy(first model.OrderedRule, subject namespacedPod, rules []clusterRule, priority int) *clusterPolicy {
	p := first.Policy
	o := &clusterPolicy{APIVersion: "policy.networking.k8s.io/v1alpha2", Kind: clusterPolicyKind}
	name := p.Object.Name
	if namespace := r.namespaceOf(p); namespace != "" {
		name = namespace + "." + name
	}
	o.Metadata.Name = r.unused(validName(name), clusterPolicyKind, "")
	o.Metadata.Annotations = annotations(p)
	o.Spec = clusterSpec{Tier: "Admin", Priority: priority}
	o.Spec.Subject.Pods = subject
	if first.Direction == model.Ingress {
		o.Spec.Ingress = rules
	} else {
		o.Spec.Egress = rules
	}
	return o
}

// clusterRules writes one rule; longer lists than the API takes become several.
func clusterRules(o model.OrderedRule) []clusterRule {
	action := [...]string{model.Allow: "Accept", model.Deny: "Deny", model.Pass: "Pass"}[o.Action]
	pods, _ := namespacedPods(o.Peer.Pods)
	var peers []clusterPeer
	for _, p := range pods {
		peers = append(peers, clusterPeer{p})
	}
	protocols, _ := clusterProtocols(o.Box)
	lists := slices.Collect(slices.Chunk(protocols, maxProtocols))
	if len(lists) == 0 {
		lists = append(lists, nil)
	}
	var out []clusterRule
	for chunk := range slices.Chunk(peers, maxPeers) {
		for _, list := range lists {
			r := clusterRule{Action: action, Protocols: list}
			if o.Direction == model.Ingress {
				r.From = chunk
			} else {
				r.To = chunk
			}
			out = append(out, r)
		}
	}
	return out
}
