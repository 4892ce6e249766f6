// Package kubernetes says what an API server asks of Kubernetes' own policies beyond their schema.
//
// k8s.io/kubernetes/pkg/apis/networking/validation, which says it for NetworkPolicy, cannot be linked; its rules are
// written down here, one a function.
package kubernetes

import (
	"encoding/json"
	"strconv"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
	netutils "k8s.io/utils/net"

	"github.com/policyferry/policyferry/validate/schema/problem"
)

// NetworkPolicy judges the spec of a NetworkPolicy that fits its schema.
func NetworkPolicy(object map[string]any) problem.List {
	var problems problem.List
	at := problem.Root("spec")
	raw, err := json.Marshal(object["spec"])
	if err != nil {
		problems.Wrong(at, "%v", err)
		return problems
	}
	var spec networkingv1.NetworkPolicySpec
	if err := json.Unmarshal(raw, &spec); err != nil {
		problems.Wrong(at, "%v", err)
		return problems
	}
	Selector(&problems, spec.PodSelector, at.Field("podSelector"))
	for i := range spec.Ingress {
		rule := at.Field("ingress").Item(i)
		ports(&problems, spec.Ingress[i].Ports, rule.Field("ports"))
		peers(&problems, spec.Ingress[i].From, rule.Field("from"))
	}
	for i := range spec.Egress {
		rule := at.Field("egress").Item(i)
		ports(&problems, spec.Egress[i].Ports, rule.Field("ports"))
		peers(&problems, spec.Egress[i].To, rule.Field("to"))
	}
	policyTypes(&problems, spec.PolicyTypes, at.Field("policyTypes"))
	return problems
}

func policyTypes(problems *problem.List, types []networkingv1.PolicyType, at *problem.Path) {
	if len(types) > 2 {
		problems.Wrong(at, "more than two policyTypes")
		return
	}
	for i, t := range types {
		if t != networkingv1.PolicyTypeIngress && t != networkingv1.PolicyTypeEgress {
			problems.Wrong(at.Item(i), "%q is neither Ingress nor Egress", t)
		}
	}
}

func ports(problems *problem.List, ports []networkingv1.NetworkPolicyPort, at *problem.Path) {
	for i := range ports {
		protocol(problems, &ports[i], at.Item(i))
		portNumber(problems, &ports[i], at.Item(i))
		portName(problems, &ports[i], at.Item(i))
		endPort(problems, &ports[i], at.Item(i))
	}
}

func protocol(problems *problem.List, port *networkingv1.NetworkPolicyPort, at *problem.Path) {
	if port.Protocol == nil {
		return
	}
	switch *port.Protocol {
	case "TCP", "UDP", "SCTP":
	default:
		problems.Wrong(at.Field("protocol"), "%q is none of TCP, UDP and SCTP", *port.Protocol)
	}
}

func portNumber(problems *problem.List, port *networkingv1.NetworkPolicyPort, at *problem.Path) {
	if port.Port != nil && port.Port.Type == intstr.Int {
		refuse(problems, at.Field("port"), port.Port.IntVal, validation.IsValidPortNum(int(port.Port.IntVal)))
	}
}

func portName(problems *problem.List, port *networkingv1.NetworkPolicyPort, at *problem.Path) {
	if port.Port != nil && port.Port.Type == intstr.String {
		refuse(problems, at.Field("port"), port.Port.StrVal, validation.IsValidPortName(port.Port.StrVal))
	}
}

func endPort(problems *problem.List, port *networkingv1.NetworkPolicyPort, at *problem.Path) {
	if port.EndPort == nil {
		return
	}
	at = at.Field("endPort")
	switch {
	case port.Port == nil:
		problems.Wrong(at, "endPort needs a port to begin with")
	case port.Port.Type == intstr.String:
		problems.Wrong(at, "endPort needs a port that is a number, not %q", port.Port.StrVal)
	case *port.EndPort < port.Port.IntVal:
		problems.Wrong(at, "the end %d is below the port %d", *port.EndPort, port.Port.IntVal)
	default:
		refuse(problems, at, *port.EndPort, validation.IsValidPortNum(int(*port.EndPort)))
	}
}

func peers(problems *problem.List, peers []networkingv1.NetworkPolicyPeer, at *problem.Path) {
	for i := range peers {
		peer, at := &peers[i], at.Item(i)
		oneKind(problems, peer, at)
		if peer.PodSelector != nil {
			Selector(problems, *peer.PodSelector, at.Field("podSelector"))
		}
		if peer.NamespaceSelector != nil {
			Selector(problems, *peer.NamespaceSelector, at.Field("namespaceSelector"))
		}
		if peer.IPBlock != nil {
			ipBlock(problems, peer.IPBlock, at.Field("ipBlock"))
		}
	}
}

func oneKind(problems *problem.List, peer *networkingv1.NetworkPolicyPeer, at *problem.Path) {
	selectors := peer.PodSelector != nil || peer.NamespaceSelector != nil
	switch {
	case peer.IPBlock == nil && !selectors:
		problems.Wrong(at, "a peer needs a podSelector, a namespaceSelector or an ipBlock")
	case peer.IPBlock != nil && selectors:
		problems.Wrong(at, "a peer with an ipBlock can have no selector")
	}
}

func ipBlock(problems *problem.List, block *networkingv1.IPBlock, at *problem.Path) {
	_, cidr, err := netutils.ParseCIDRSloppy(block.CIDR)
	if err != nil {
		problems.Wrong(at.Field("cidr"), "%q is not a CIDR", block.CIDR)
		return
	}
	length, _ := cidr.Mask.Size()
	for i, text := range block.Except {
		at := at.Field("except").Item(i)
		_, except, err := netutils.ParseCIDRSloppy(text)
		if err != nil {
			problems.Wrong(at, "%q is not a CIDR", text)
			continue
		}
		if within, _ := except.Mask.Size(); !cidr.Contains(except.IP) || within <= length {
			problems.Wrong(at, "%s is not a proper part of %s", text, block.CIDR)
		}
	}
}

// refuse reports what a validator of Kubernetes says against a value, without its examples.
func refuse(problems *problem.List, at *problem.Path, value any, messages []string) {
	if text, ok := value.(string); ok {
		value = strconv.Quote(text)
	}
	for _, message := range messages {
		message, _, _ = strings.Cut(message, " (e.g.")
		problems.Wrong(at, "%v: %s", value, message)
	}
}
