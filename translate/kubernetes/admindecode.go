package kubernetes

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/network-policy-api/apis/v1alpha1"
	"sigs.k8s.io/network-policy-api/apis/v1alpha2"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/translate/traffic"
)

// decodeAdmin reads the three kinds into their common form.
func decodeAdmin(doc *source.Document) (*adminSpec, diag.List) {
	switch doc.Object.Kind {
	case "AdminNetworkPolicy":
		var p v1alpha1.AdminNetworkPolicy
		problems := doc.Decode(&p)
		return fromAdmin(&p.Spec), problems
	case "BaselineAdminNetworkPolicy":
		var p v1alpha1.BaselineAdminNetworkPolicy
		problems := doc.Decode(&p)
		return fromBaseline(&p.Spec), problems
	}
	var p v1alpha2.ClusterNetworkPolicy
	problems := doc.Decode(&p)
	return fromCluster(&p.Spec), problems
}

func actionOf(s string) model.Action {
	switch s {
	case "Deny":
		return model.Deny
	case "Pass":
		return model.Pass
	}
	return model.Allow
}

func rulePath(d model.Direction, i int) (path, field string) {
	if d == model.Ingress {
		return fmt.Sprintf("spec.ingress[%d]", i), "from"
	}
	return fmt.Sprintf("spec.egress[%d]", i), "to"
}

func fromCluster(s *v1alpha2.ClusterNetworkPolicySpec) *adminSpec {
	out := &adminSpec{baseline: s.Tier == v1alpha2.BaselineTier, priority: s.Priority}
	out.subject = adminPeer{namespaces: s.Subject.Namespaces, pods: clusterPod(s.Subject.Pods)}
	for i, r := range s.Ingress {
		path, field := rulePath(model.Ingress, i)
		rule := adminRule{path: path, field: field, action: actionOf(string(r.Action)), ports: clusterPorts(r.Protocols)}
		for _, p := range r.From {
			rule.peers = append(rule.peers, adminPeer{namespaces: p.Namespaces, pods: clusterPod(p.Pods)})
		}
		out.rules[model.Ingress] = append(out.rules[model.Ingress], rule)
	}
	for i, r := range s.Egress {
		path, field := rulePath(model.Egress, i)
		rule := adminRule{path: path, field: field, action: actionOf(string(r.Action)), ports: clusterPorts(r.Protocols)}
		for _, p := range r.To {
			rule.peers = append(rule.peers, adminPeer{namespaces: p.Namespaces, pods: clusterPod(p.Pods), nodes: p.Nodes,
				networks: texts(p.Networks), names: texts(p.DomainNames)})
		}
		out.rules[model.Egress] = append(out.rules[model.Egress], rule)
	}
	return out
}

func clusterPod(p *v1alpha2.NamespacedPod) *namespacedPod {
	if p == nil {
		return nil
	}
	return &namespacedPod{p.NamespaceSelector, p.PodSelector}
}

func texts[T ~string](in []T) []string {
	var out []string
	for _, s := range in {
		out = append(out, string(s))
	}
	return out
}

func clusterPorts(in []v1alpha2.ClusterNetworkPolicyProtocol) flows {
	if len(in) == 0 {
		return flows{numbered: traffic.All()}
	}
	var out flows
	add := func(proto uint8, p *v1alpha2.Port) {
		switch {
		case p == nil:
			out.numbered = out.numbered.Union(traffic.Protocol(proto))
		case p.Range != nil:
			out.addRange(proto, p.Range.Start, p.Range.End)
		default:
			out.addRange(proto, p.Number, p.Number)
		}
	}
	for _, p := range in {
		switch {
		case p.TCP != nil:
			add(traffic.ProtoTCP, p.TCP.DestinationPort)
		case p.UDP != nil:
			add(traffic.ProtoUDP, p.UDP.DestinationPort)
		case p.SCTP != nil:
			add(traffic.ProtoSCTP, p.SCTP.DestinationPort)
		case p.DestinationNamedPort != "":
			out.addNamed(p.DestinationNamedPort)
		}
	}
	return out
}

func (f *flows) addRange(proto uint8, first, last int32) {
	ports := traffic.PortsOf(traffic.Range{First: uint16(first), Last: uint16(last)})
	f.numbered = f.numbered.Union(traffic.PortsOfProtocol(proto, ports))
}

// addNamed adds a named port of which the protocol is whatever the container port says.
func (f *flows) addNamed(name string) {
	for _, proto := range []uint8{traffic.ProtoTCP, traffic.ProtoUDP, traffic.ProtoSCTP} {
		f.named = append(f.named, model.NamedPort{Protocol: proto, Name: name})
	}
}

func fromAdmin(s *v1alpha1.AdminNetworkPolicySpec) *adminSpec {
	out := &adminSpec{priority: s.Priority, subject: oldSubject(s.Subject)}
	for i, r := range s.Ingress {
		out.rules[model.Ingress] = append(out.rules[model.Ingress], oldIngress(i, string(r.Action), r.From, r.Ports))
	}
	for i, r := range s.Egress {
		path, field := rulePath(model.Egress, i)
		rule := adminRule{path: path, field: field, action: actionOf(string(r.Action))}
		rule.ports, rule.nameless = oldPorts(r.Ports)
		for _, p := range r.To {
			rule.peers = append(rule.peers, adminPeer{namespaces: p.Namespaces, pods: oldPod(p.Pods), nodes: p.Nodes,
				networks: texts(p.Networks), names: texts(p.DomainNames)})
		}
		out.rules[model.Egress] = append(out.rules[model.Egress], rule)
	}
	return out
}

func fromBaseline(s *v1alpha1.BaselineAdminNetworkPolicySpec) *adminSpec {
	out := &adminSpec{baseline: true, subject: oldSubject(s.Subject)}
	for i, r := range s.Ingress {
		out.rules[model.Ingress] = append(out.rules[model.Ingress], oldIngress(i, string(r.Action), r.From, r.Ports))
	}
	for i, r := range s.Egress {
		path, field := rulePath(model.Egress, i)
		rule := adminRule{path: path, field: field, action: actionOf(string(r.Action))}
		rule.ports, rule.nameless = oldPorts(r.Ports)
		for _, p := range r.To {
			rule.peers = append(rule.peers, adminPeer{namespaces: p.Namespaces, pods: oldPod(p.Pods), nodes: p.Nodes, networks: texts(p.Networks)})
		}
		out.rules[model.Egress] = append(out.rules[model.Egress], rule)
	}
	return out
}

func oldIngress(i int, action string, from []v1alpha1.AdminNetworkPolicyIngressPeer, ports *[]v1alpha1.AdminNetworkPolicyPort) adminRule {
	path, field := rulePath(model.Ingress, i)
	rule := adminRule{path: path, field: field, action: actionOf(action)}
	rule.ports, rule.nameless = oldPorts(ports)
	for _, p := range from {
		rule.peers = append(rule.peers, adminPeer{namespaces: p.Namespaces, pods: oldPod(p.Pods)})
	}
	return rule
}

func oldSubject(s v1alpha1.AdminNetworkPolicySubject) adminPeer {
	return adminPeer{namespaces: s.Namespaces, pods: oldPod(s.Pods)}
}

func oldPod(p *v1alpha1.NamespacedPod) *namespacedPod {
	if p == nil {
		return nil
	}
	return &namespacedPod{metav1.LabelSelector(p.NamespaceSelector), p.PodSelector}
}

// oldPorts also reports whether a port is given by name. Only Calico reads these kinds, and it takes a name for no
// condition at all (libcalico-go/lib/backend/k8s/conversion/conversion.go, k8sAdminPolicyPortToCalicoFields).
func oldPorts(in *[]v1alpha1.AdminNetworkPolicyPort) (out flows, named bool) {
	if in == nil || len(*in) == 0 {
		return flows{numbered: traffic.All()}, false
	}
	for _, p := range *in {
		switch {
		case p.PortNumber != nil:
			out.addRange(protocolNumber(p.PortNumber.Protocol), p.PortNumber.Port, p.PortNumber.Port)
		case p.PortRange != nil:
			out.addRange(protocolNumber(p.PortRange.Protocol), p.PortRange.Start, p.PortRange.End)
		case p.NamedPort != nil:
			return flows{numbered: traffic.All()}, true
		}
	}
	return out, false
}
