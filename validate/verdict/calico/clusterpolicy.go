package calico

import (
	"fmt"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	"github.com/projectcalico/api/pkg/lib/numorstring"
	cluster "sigs.k8s.io/network-policy-api/apis/v1alpha2"
)

// clusterPolicy reads a ClusterNetworkPolicy, which 3.32 reads in place of the two others.
func (b *builder) clusterPolicy(o object) error {
	if !b.version.atLeast(3, 32) {
		return nil
	}
	var p cluster.ClusterNetworkPolicy
	if ok, err := b.decode(o, &p, o.Object.Name); !ok {
		return err
	}
	a := adminDraft{key: p.Name + "//KubernetesClusterNetworkPolicy", order: float64(p.Spec.Priority)}
	switch p.Spec.Tier {
	case cluster.AdminTier:
		a.tier = "kube-admin"
	case cluster.BaselineTier:
		a.tier = "kube-baseline"
	default:
		a.problem = fmt.Sprintf("spec.tier %q is neither Admin nor Baseline", p.Spec.Tier)
	}
	a.subject(p.Spec.Subject.Namespaces, clusterPods(p.Spec.Subject.Pods))
	for _, r := range p.Spec.Ingress {
		var peers []adminPeer
		for _, f := range r.From {
			peers = append(peers, adminPeer{namespaces: f.Namespaces, pods: clusterPods(f.Pods)})
		}
		a.rules(ingress, clusterAction(r.Action), peers, clusterTraffic(r.Protocols))
	}
	for _, r := range p.Spec.Egress {
		var peers []adminPeer
		for _, t := range r.To {
			peers = append(peers, adminPeer{t.Namespaces, clusterPods(t.Pods), texts(t.Networks)})
		}
		a.rules(egress, clusterAction(r.Action), peers, clusterTraffic(r.Protocols))
	}
	b.adminKind(o, &a)
	return nil
}

func clusterPods(p *cluster.NamespacedPod) *pods {
	if p == nil {
		return nil
	}
	return &pods{p.NamespaceSelector, p.PodSelector}
}

func clusterAction(a cluster.ClusterNetworkPolicyRuleAction) apiv3.Action {
	if a == cluster.ClusterNetworkPolicyRuleActionAccept {
		return apiv3.Allow
	}
	return apiv3.Action(a)
}

// clusterTraffic writes protocols; a named port has none of its own.
func clusterTraffic(list []cluster.ClusterNetworkPolicyProtocol) []apiv3.Rule {
	var out []apiv3.Rule
	for _, p := range list {
		switch {
		case p.TCP != nil:
			out = append(out, portRule("TCP", clusterPort(p.TCP.DestinationPort)...))
		case p.UDP != nil:
			out = append(out, portRule("UDP", clusterPort(p.UDP.DestinationPort)...))
		case p.SCTP != nil:
			out = append(out, portRule("SCTP", clusterPort(p.SCTP.DestinationPort)...))
		case p.DestinationNamedPort != "":
			out = append(out, apiv3.Rule{Destination: apiv3.EntityRule{Ports: []numorstring.Port{numorstring.NamedPort(p.DestinationNamedPort)}}})
		default:
			out = append(out, apiv3.Rule{})
		}
	}
	return out
}

func clusterPort(p *cluster.Port) []numorstring.Port {
	switch {
	case p == nil:
		return nil
	case p.Range != nil:
		return []numorstring.Port{{MinPort: uint16(p.Range.Start), MaxPort: uint16(p.Range.End)}}
	}
	return []numorstring.Port{numorstring.SinglePort(uint16(p.Number))}
}
