package cilium

import (
	"fmt"
	"strconv"

	"github.com/policyferry/policyferry/translate/source"
)

// clusterPolicy is a ClusterNetworkPolicy (policy.networking.k8s.io/v1alpha2) as written.
type clusterPolicy struct {
	Tier     string        `json:"tier"`
	Priority int32         `json:"priority"`
	Subject  clusterPeer   `json:"subject"`
	Ingress  []clusterRule `json:"ingress"`
	Egress   []clusterRule `json:"egress"`
}

type clusterRule struct {
	Action    string        `json:"action"`
	From      []clusterPeer `json:"from"`
	To        []clusterPeer `json:"to"`
	Protocols []clusterPort `json:"protocols"`
}

type clusterPeer struct {
	Namespaces *labelSelector `json:"namespaces"`
	Pods       *struct {
		NamespaceSelector labelSelector `json:"namespaceSelector"`
		PodSelector       labelSelector `json:"podSelector"`
	} `json:"pods"`
	Nodes       *labelSelector `json:"nodes"`
	Networks    []string       `json:"networks"`
	DomainNames []string       `json:"domainNames"`
}

type clusterPort struct {
	TCP                  *destination `json:"tcp"`
	UDP                  *destination `json:"udp"`
	SCTP                 *destination `json:"sctp"`
	DestinationNamedPort string       `json:"destinationNamedPort"`
}

type destination struct {
	DestinationPort *struct {
		Number int32 `json:"number"`
		Range  *struct {
			Start int32 `json:"start"`
			End   int32 `json:"end"`
		} `json:"range"`
	} `json:"destinationPort"`
}

// clusterPolicy reads a ClusterNetworkPolicy (pkg/k8s/cluster_network_policy.go, ParseClusterNetworkPolicy). It
// isolates nobody. Its rules are one hundredth of a priority apart, so that priorities never overlap, and the rules
// of two objects with one priority interleave.
func (b *builder) clusterPolicy(doc *source.Document) ([]*rule, error) {
	var object struct {
		Spec clusterPolicy `json:"spec"`
	}
	if err := decode(doc, &object); err != nil {
		return nil, err
	}
	if !b.settings.clusterNetworkPolicy {
		return nil, &rejected{"cilium does not read ClusterNetworkPolicy: enable-k8s-cluster-network-policy is off"}
	}
	w := &object.Spec
	subject, err := b.clusterSubject(&w.Subject)
	if err != nil {
		return nil, err
	}
	at := tierAdmin
	if w.Tier == "Baseline" {
		at = tierBaseline
	}
	var rules []*rule
	for _, ingress := range []bool{true, false} {
		written := w.Egress
		if ingress {
			written = w.Ingress
		}
		for i := range written {
			compiled, err := b.clusterRule(&written[i], ingress)
			if err != nil {
				return nil, err
			}
			for _, r := range compiled {
				r.path = fmt.Sprintf("spec.%s[%d]", directionName(ingress), i)
				r.tier, r.priority, r.subject = at, float64(w.Priority)+float64(i)/100, subject
			}
			rules = append(rules, compiled...)
		}
	}
	return rules, nil
}

// clusterSubject are pods. Nobody adds the local cluster, there being no others to police.
func (b *builder) clusterSubject(w *clusterPeer) (selector, error) {
	switch {
	case w.Namespaces != nil:
		return namespaceLabels(w.Namespaces), nil
	case w.Pods != nil:
		return b.clusterPods(w), nil
	}
	return nil, &rejected{"the policy has no subject"}
}

func (b *builder) clusterPods(w *clusterPeer) selector {
	return append(namespaceLabels(&w.Pods.NamespaceSelector), w.Pods.PodSelector.compile(sourceK8s)...)
}

// clusterRule flattens one rule, into one rule for each peer.
func (b *builder) clusterRule(w *clusterRule, ingress bool) ([]*rule, error) {
	list := w.To
	if ingress {
		list = w.From
	}
	ports := everything
	if len(w.Protocols) > 0 {
		ports = nil
	}
	for i := range w.Protocols {
		ports = append(ports, w.Protocols[i].compile()...)
	}
	do := map[string]action{"Deny": actionDeny, "Pass": actionPass}[w.Action]
	if len(list) == 0 {
		return []*rule{{ingress: ingress, action: do, ports: ports}}, nil
	}
	var rules []*rule
	for i := range list {
		r := &rule{ingress: ingress, action: do, ports: ports}
		more, err := b.clusterPeer(r, &list[i])
		if err != nil {
			return nil, err
		}
		rules = append(append(rules, r), more...)
	}
	return rules, nil
}

// clusterPeer fills in one peer. Of a rule for namespaces, nobody
// confines the peers to the local cluster. A peer of an unknown kind makes an Accept match nobody and everything else
// a Deny for everyone.
func (b *builder) clusterPeer(r *rule, w *clusterPeer) (more []*rule, err error) {
	one := func(s selector) { r.peers.list = append(r.peers.list, b.labelPeer(s)) }
	switch {
	case w.Pods != nil:
		one(b.confine(b.clusterPods(w)))
	case w.Namespaces != nil:
		one(namespaceLabels(w.Namespaces))
	case w.Nodes != nil && !r.ingress:
		if !b.settings.nodeSelectorLabels {
			return nil, &rejected{"egress.to.nodes needs node selector labels"}
		}
		s := b.confine(w.Nodes.compile(sourceNode))
		one(s.with(sourceReserved, "host", opExists))
		one(s.with(sourceReserved, "remote-node", opExists))
	case w.Networks != nil && !r.ingress:
		for _, text := range w.Networks {
			c, err := cidrRule{CIDR: text}.compile(b.settings)
			if err != nil {
				return nil, err
			}
			r.peers.list = append(r.peers.list, c)
		}
	case w.DomainNames != nil && !r.ingress:
		if r.action != actionAllow || !b.settings.l7Proxy {
			return nil, &rejected{"egress.to.domainNames needs the L7 proxy and action Accept"}
		}
		for _, name := range w.DomainNames {
			r.peers.list = append(r.peers.list, namePeer(name))
		}
		return []*rule{b.nameLookups()}, nil
	case r.action == actionAllow:
		r.peers.nobody = true
	default:
		r.action = actionDeny
	}
	return nil, nil
}

// nameLookups is the rule that Cilium adds beside domainNames: to ask for these names at the ports named dns and
// dns-tcp of whoever is labelled k8s-app=kube-dns.
func (b *builder) nameLookups() *rule {
	lookups := &rule{ingress: false, action: actionAllow}
	lookups.peers.list = []peer{b.labelPeer(selector{}.with(sourceAny, "k8s-app", opIn, "kube-dns"))}
	for _, name := range []string{"dns", "dns-tcp"} {
		for _, m := range (portProtocol{Port: name}).compile(asWritten) {
			m.layer7 = &layer7{parser: parserDNS}
			lookups.ports = append(lookups.ports, m)
		}
	}
	return lookups
}

// compile spells one protocol out. A named port is looked for under every protocol.
func (w *clusterPort) compile() []portMatch {
	p := portProtocol{}
	var to *destination
	switch {
	case w.TCP != nil:
		p.Protocol, to = "TCP", w.TCP
	case w.UDP != nil:
		p.Protocol, to = "UDP", w.UDP
	case w.SCTP != nil:
		p.Protocol, to = "SCTP", w.SCTP
	}
	switch {
	case to != nil && to.DestinationPort != nil && to.DestinationPort.Range != nil:
		p.Port, p.EndPort = strconv.Itoa(int(to.DestinationPort.Range.Start)), to.DestinationPort.Range.End
	case to != nil && to.DestinationPort != nil:
		p.Port = strconv.Itoa(int(to.DestinationPort.Number))
	case w.DestinationNamedPort != "":
		p.Port, p.Protocol = w.DestinationNamedPort, "ANY"
	}
	return p.compile(asWritten)
}
