package calico

import (
	"errors"
	"fmt"
	"net/netip"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	"github.com/projectcalico/api/pkg/lib/numorstring"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	admin "sigs.k8s.io/network-policy-api/apis/v1alpha1"
)

// The three admin kinds of Kubernetes are read alike (libcalico-go/lib/backend/k8s/conversion/conversion.go,
// K8sAdminNetworkPolicyToCalico; v3.32.1, clusternetworkpolicy.go): a rule that Calico cannot say becomes a rule that
// denies everything, unless it allows, in which case it is dropped. A direction is policed only if rules are left.

func (b *builder) adminPolicy(o object) error {
	if !b.version.atLeast(3, 29) || b.version.atLeast(3, 32) {
		return nil // this release does not read the kind
	}
	var p admin.AdminNetworkPolicy
	if ok, err := b.decode(o, &p, o.Object.Name); !ok {
		return err
	}
	a := adminDraft{tier: "adminnetworkpolicy", key: "kanp.adminnetworkpolicy." + p.Name, order: float64(p.Spec.Priority)}
	a.subject(p.Spec.Subject.Namespaces, podsOf(p.Spec.Subject.Pods))
	for _, r := range p.Spec.Ingress {
		a.add(ingress, string(r.Action), ingressPeers(r.From), r.Ports)
	}
	for _, r := range p.Spec.Egress {
		peers, unknown := egressPeers(r.To)
		if unknown {
			a.problem = "domainNames is no field of the definition that Calico installs"
		}
		a.add(egress, string(r.Action), peers, r.Ports)
	}
	b.adminKind(o, &a)
	return nil
}

func (b *builder) baselinePolicy(o object) error {
	if !b.version.atLeast(3, 30) || b.version.atLeast(3, 32) {
		return nil
	}
	var p admin.BaselineAdminNetworkPolicy
	if ok, err := b.decode(o, &p, o.Object.Name); !ok {
		return err
	}
	if p.Name != "default" {
		b.reject(o, "the one BaselineAdminNetworkPolicy there can be is called default")
		return nil
	}
	a := adminDraft{tier: "baselineadminnetworkpolicy", key: "kbanp.baselineadminnetworkpolicy." + p.Name, order: 1000}
	a.subject(p.Spec.Subject.Namespaces, podsOf(p.Spec.Subject.Pods))
	for _, r := range p.Spec.Ingress {
		a.add(ingress, string(r.Action), ingressPeers(r.From), r.Ports)
	}
	for _, r := range p.Spec.Egress {
		peers, unknown := egressPeers(r.To)
		if unknown {
			a.problem = "domainNames is no field of the definition that Calico installs"
		}
		a.add(egress, string(r.Action), peers, r.Ports)
	}
	b.adminKind(o, &a)
	return nil
}

func (b *builder) adminKind(o object, a *adminDraft) {
	if a.problem != "" {
		b.reject(o, "%s", a.problem)
		return
	}
	a.draft.doc, a.draft.object, a.draft.tier, a.draft.tieBreak, a.draft.order = o.Document, o.by(), a.tier, a.key, a.order
	if len(a.draft.ingress) > 0 {
		a.draft.types = append(a.draft.types, apiv3.PolicyTypeIngress)
	}
	if len(a.draft.egress) > 0 {
		a.draft.types = append(a.draft.types, apiv3.PolicyTypeEgress)
	}
	if len(a.draft.types) > 0 { // without rules it polices nothing
		b.drafts = append(b.drafts, &a.draft)
	}
}

// adminDraft gathers one policy of an admin kind.
type adminDraft struct {
	draft     draft
	tier, key string
	order     float64
	problem   string
	// read counts the elements of ingress and egress that were read.
	read [2]int
}

// pods selects pods of namespaces.
type pods struct{ namespaces, pods metav1.LabelSelector }

func podsOf(p *admin.NamespacedPod) *pods {
	if p == nil {
		return nil
	}
	return &pods{p.NamespaceSelector, p.PodSelector}
}

func (a *adminDraft) subject(namespaces *metav1.LabelSelector, p *pods) {
	selectors := []*metav1.LabelSelector{namespaces}
	if p != nil {
		selectors = append(selectors, &p.namespaces, &p.pods)
	}
	for _, selector := range selectors {
		if problem := refusedLabels(selector); problem != "" {
			a.problem = problem
		}
	}
	s := apiv3.GlobalNetworkPolicySpec{}
	switch {
	case namespaces != nil:
		s.NamespaceSelector, s.Selector = namespaceSelector(namespaces), podSelector(nil)
	case p != nil:
		s.NamespaceSelector, s.Selector = namespaceSelector(&p.namespaces), podSelector(&p.pods)
	default:
		a.problem = "spec.subject selects nobody"
	}
	a.draft.subject = globalSubject(&s)
}

// adminPeer is a peer of any of the kinds. Nodes and domain names are not among what Calico reads.
type adminPeer struct {
	namespaces *metav1.LabelSelector
	pods       *pods
	networks   []string
}

func ingressPeers(list []admin.AdminNetworkPolicyIngressPeer) []adminPeer {
	var out []adminPeer
	for _, p := range list {
		out = append(out, adminPeer{namespaces: p.Namespaces, pods: podsOf(p.Pods)})
	}
	return out
}

// egressPeers also reports whether a peer has a field that the CRDs which Calico installs do not know: domainNames.
func egressPeers[T admin.AdminNetworkPolicyEgressPeer | admin.BaselineAdminNetworkPolicyEgressPeer](list []T) (out []adminPeer, unknown bool) {
	for _, item := range list {
		var peer adminPeer
		switch p := any(item).(type) {
		case admin.AdminNetworkPolicyEgressPeer:
			peer = adminPeer{p.Namespaces, podsOf(p.Pods), texts(p.Networks)}
			unknown = unknown || len(p.DomainNames) > 0
		case admin.BaselineAdminNetworkPolicyEgressPeer:
			peer = adminPeer{p.Namespaces, podsOf(p.Pods), texts(p.Networks)}
		}
		out = append(out, peer)
	}
	return out, unknown
}

func texts[T ~string](list []T) []string {
	var out []string
	for _, t := range list {
		out = append(out, string(t))
	}
	return out
}

// add appends the rules for one rule of the policy.
func (a *adminDraft) add(d direction, action string, peers []adminPeer, ports *[]admin.AdminNetworkPolicyPort) {
	var traffic []apiv3.Rule
	if ports != nil {
		for _, p := range *ports {
			traffic = append(traffic, adminPort(p))
		}
	}
	a.rules(d, apiv3.Action(action), peers, traffic)
}

func (a *adminDraft) rules(d direction, action apiv3.Action, peers []adminPeer, traffic []apiv3.Rule) {
	if action != apiv3.Allow && action != apiv3.Deny && action != apiv3.Pass {
		a.problem = fmt.Sprintf("action %q", action)
	}
	rules, err := adminRules(d, action, peers, traffic)
	if err != nil {
		rules = nil
		if action == apiv3.Deny || action == apiv3.Pass {
			rules = []apiv3.Rule{{Action: apiv3.Deny}}
		}
	}
	into := &a.draft.ingress
	if d == egress {
		into = &a.draft.egress
	}
	*into = append(*into, rules...)
	for range rules {
		a.draft.written[d] = append(a.draft.written[d], a.read[d])
	}
	a.read[d]++
}

func adminRules(d direction, action apiv3.Action, peers []adminPeer, traffic []apiv3.Rule) ([]apiv3.Rule, error) {
	if len(traffic) == 0 {
		traffic = []apiv3.Rule{{}}
	}
	var out []apiv3.Rule
	for _, t := range traffic {
		for _, p := range peers {
			e, err := p.entity()
			if err != nil {
				return nil, err
			}
			rule := apiv3.Rule{Action: action, Protocol: t.Protocol, Destination: apiv3.EntityRule{Ports: t.Destination.Ports}}
			if d == ingress {
				rule.Source = e
			} else {
				e.Ports = t.Destination.Ports
				rule.Destination = e
			}
			out = append(out, rule)
		}
	}
	return out, nil
}

// entity writes a peer. Namespaces alone carry no condition on pods, so network sets of them match as well.
func (p adminPeer) entity() (apiv3.EntityRule, error) {
	var e apiv3.EntityRule
	if p.namespaces == nil && p.pods == nil && len(p.networks) == 0 {
		return e, errors.New("none of the peers that Calico reads")
	}
	if p.namespaces != nil {
		e.NamespaceSelector = namespaceSelector(p.namespaces)
	}
	if p.pods != nil {
		e.NamespaceSelector, e.Selector = namespaceSelector(&p.pods.namespaces), podSelector(&p.pods.pods)
	}
	for _, text := range p.networks {
		n, err := netip.ParsePrefix(text)
		if err != nil {
			return e, fmt.Errorf("%q is not a CIDR", text)
		}
		e.Nets = append(e.Nets, n.Masked().String())
	}
	return e, nil
}

// adminPort writes a port. A named port is read as no condition at all (conversion.go, k8sAdminPolicyPortToCalicoFields).
func adminPort(p admin.AdminNetworkPolicyPort) apiv3.Rule {
	switch {
	case p.PortNumber != nil:
		return portRule(string(p.PortNumber.Protocol), numorstring.SinglePort(uint16(p.PortNumber.Port)))
	case p.PortRange != nil:
		return portRule(string(p.PortRange.Protocol), numorstring.Port{MinPort: uint16(p.PortRange.Start), MaxPort: uint16(p.PortRange.End)})
	}
	return apiv3.Rule{}
}

func portRule(protocol string, ports ...numorstring.Port) apiv3.Rule {
	if protocol == "" {
		protocol = "TCP"
	}
	p := numorstring.ProtocolFromString(protocol)
	return apiv3.Rule{Protocol: &p, Destination: apiv3.EntityRule{Ports: ports}}
}
