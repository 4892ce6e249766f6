package cilium

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/policyferry/policyferry/translate/source"
)

// networkPolicy is a Kubernetes NetworkPolicy as written.
type networkPolicy struct {
	PodSelector *labelSelector `json:"podSelector"`
	PolicyTypes []string       `json:"policyTypes"`
	Ingress     []networkRule  `json:"ingress"`
	Egress      []networkRule  `json:"egress"`
}

// networkRule is an element of ingress or egress.
type networkRule struct {
	From  []networkPeer `json:"from"`
	To    []networkPeer `json:"to"`
	Ports []networkPort `json:"ports"`
}

type networkPeer struct {
	PodSelector       *labelSelector `json:"podSelector"`
	NamespaceSelector *labelSelector `json:"namespaceSelector"`
	IPBlock           *cidrRule      `json:"ipBlock"`
}

type networkPort struct {
	Protocol string              `json:"protocol"`
	Port     *intstr.IntOrString `json:"port"`
	EndPort  int32               `json:"endPort"`
}

// kubernetesPolicy reads a NetworkPolicy (pkg/k8s/network_policy.go, ParseNetworkPolicy): its rules allow, isolate
// their subjects, and stand beside those of Cilium's own policies. A section isolates even if policyTypes leaves its
// direction out.
func (b *builder) kubernetesPolicy(doc *source.Document) ([]*rule, error) {
	var object struct {
		Spec networkPolicy `json:"spec"`
	}
	if err := decode(doc, &object); err != nil {
		return nil, err
	}
	w, namespace := &object.Spec, orString(doc.Object.Namespace, "default")
	var rules []*rule
	for _, ingress := range []bool{true, false} {
		written, listed := w.Ingress, slices.Contains(w.PolicyTypes, "Ingress") || !slices.Contains(w.PolicyTypes, "Egress")
		if !ingress {
			written, listed = w.Egress, slices.Contains(w.PolicyTypes, "Egress")
		}
		for i := range written {
			r, err := b.networkRule(&written[i], ingress, namespace)
			if err != nil {
				return nil, err
			}
			r.path = fmt.Sprintf("spec.%s[%d]", directionName(ingress), i)
			rules = append(rules, r)
		}
		if len(written) == 0 && listed {
			rules = append(rules, &rule{ingress: ingress, peers: peers{nobody: true}})
		}
	}
	for _, r := range rules {
		r.tier, r.action, r.defaultDeny, r.namespace = tierNormal, actionAllow, true, namespace
		r.subject = w.PodSelector.compile(sourceK8s).with(sourceK8s, keyNamespace, opIn, namespace)
	}
	return rules, nil
}

// networkRule flattens one element. Missing peers are everyone, missing ports everything.
func (b *builder) networkRule(w *networkRule, ingress bool, namespace string) (*rule, error) {
	r := &rule{ingress: ingress, ports: everything}
	list := w.To
	if ingress {
		list = w.From
	}
	for i := range list {
		p, err := b.networkPeer(&list[i], namespace)
		if err != nil {
			return nil, err
		}
		r.peers.list = append(r.peers.list, p)
	}
	if len(w.Ports) > 0 {
		r.ports = nil
	}
	for _, port := range w.Ports {
		ports, err := b.networkPort(port)
		if err != nil {
			return nil, err
		}
		r.ports = append(r.ports, ports...)
	}
	return r, nil
}

// networkPeer is one peer: an address block, which is an ordinary CIDR, or pods of the local cluster.
func (b *builder) networkPeer(w *networkPeer, namespace string) (peer, error) {
	if w.IPBlock != nil {
		return w.IPBlock.compile(b.settings)
	}
	s := w.PodSelector.compile(sourceK8s)
	confined := b.confine(s)
	if w.NamespaceSelector == nil {
		return b.labelPeer(confined.with(sourceK8s, keyNamespace, opIn, namespace)), nil
	}
	return b.labelPeer(append(namespaceLabels(w.NamespaceSelector), confined...)), nil
}

// networkPort spells one port out. Without a port it is every port of its protocol. endPort came with 1.16.
func (b *builder) networkPort(w networkPort) ([]portMatch, error) {
	port := portProtocol{Port: "0", Protocol: orString(w.Protocol, "TCP")}
	if name := strings.ToUpper(port.Protocol); protocols[name] == 0 && name != "ANY" {
		return nil, &rejected{fmt.Sprintf("%q is not a protocol", w.Protocol)}
	}
	if w.Port != nil {
		port.Port = w.Port.String()
	}
	if b.settings.release.since(1, 16) {
		port.EndPort = w.EndPort
	}
	return port.compile(asWritten), nil
}

// lowerCase and asWritten are how names of ports are taken: only Cilium's own policies are normalised
// (pkg/policy/api/rule_validation.go, PortProtocol.sanitize).
func lowerCase(name string) string { return strings.ToLower(name) }
func asWritten(name string) string { return name }
