package cilium

import (
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/traffic"
)

// clusterPolicy is a ClusterNetworkPolicy to be written. Its peers are pods only.
type clusterPolicy struct {
	APIVersion string      `json:"apiVersion"`
	Kind       string      `json:"kind"`
	Metadata   metadata    `json:"metadata"`
	Spec       clusterSpec `json:"spec"`
}

type clusterSpec struct {
	Tier     string        `json:"tier"`
	Priority int           `json:"priority"`
	Subject  clusterPeer   `json:"subject"`
	Ingress  []clusterRule `json:"ingress,omitempty"`
	Egress   []clusterRule `json:"egress,omitempty"`
}

// clusterPeer is a peer or a subject.
type clusterPeer struct {
	Pods namespacedPod `json:"pods"`
}

type namespacedPod struct {
	NamespaceSelector labelSelector `json:"namespaceSelector"`
	PodSelector       labelSelector `json:"podSelector"`
}

type clusterRule struct {
	Action    string            `json:"action"`
	From      []clusterPeer     `json:"from,omitempty"`
	To        []clusterPeer     `json:"to,omitempty"`
	Protocols []clusterProtocol `json:"protocols,omitempty"`
}

// clusterProtocol is one of its fields.
type clusterProtocol struct {
	TCP       *clusterPort `json:"tcp,omitempty"`
	UDP       *clusterPort `json:"udp,omitempty"`
	SCTP      *clusterPort `json:"sctp,omitempty"`
	NamedPort string       `json:"destinationNamedPort,omitempty"`
}

type clusterPort struct {
	DestinationPort struct {
		Number uint16        `json:"number,omitempty"`
		Range  *clusterRange `json:"range,omitempty"`
	} `json:"destinationPort"`
}

type clusterRange struct {
	Start uint16 `json:"start"`
	End   uint16 `json:"end"`
}

// namesNamespaces reports whether selectors see the label of a namespace that holds its name.
func (d *dialect) namesNamespaces() bool {
	return d.filter.sees(selector.Key{Kind: selector.NamespaceLabel, Name: labelMetadataName})
}

// namespacedPods writes pods as pairs of selectors, whose union they are; false if the API has no words for them. The
// name of a service account goes by the label that Cilium adds to identities (pkg/k8s/apis/cilium.io/const.go).
func namespacedPods(s selector.Selector) ([]namespacedPod, bool) {
	if s.TooComplex() {
		return nil, false
	}
	var out []namespacedPod
	for _, c := range s.Clauses() {
		if len(c.Texts()) > 0 {
			return nil, false
		}
		pairs := []namespacedPod{{}}
		for _, r := range c.Requirements() {
			key, namespace := r.Key.Name, true
			switch r.Key.Kind {
			case selector.NamespaceName:
				key = labelMetadataName
			case selector.NamespaceLabel:
			case selector.ServiceAccountName:
				key, namespace = labelServiceAccount, false
			case selector.PodLabel:
				namespace = false
			default:
				return nil, false
			}
			pairs = narrowed(pairs, states(key, r.Values), namespace)
		}
		for _, p := range pairs {
			p.NamespaceSelector = inSomeNamespace(p.NamespaceSelector)
			out = append(out, p)
		}
	}
	return out, len(out) > 0
}

// narrowed adds one requirement, of the namespace or of the pod, to every pair.
func narrowed(pairs []namespacedPod, alternatives []conjunction, namespace bool) []namespacedPod {
	var out []namespacedPod
	for _, a := range alternatives {
		for _, p := range pairs {
			if namespace {
				p.NamespaceSelector = a.onto(p.NamespaceSelector)
			} else {
				p.PodSelector = a.onto(p.PodSelector)
			}
			out = append(out, p)
		}
	}
	return out
}

// inSomeNamespace asks for the name of the namespace, without which a selector that only excludes would also select
// what is no pod (pkg/policy/types/requirements.go).
func inSomeNamespace(s labelSelector) labelSelector {
	if onlyExcludes(s) {
		s.MatchExpressions = append([]expression{{Key: labelMetadataName, Operator: "Exists"}}, s.MatchExpressions...)
	}
	return s
}

// clusterProtocols writes the traffic of a rule, nothing for all of it; false if the API has no words for it.
func clusterProtocols(b model.Box) ([]clusterProtocol, bool) {
	var out []clusterProtocol
	if len(b.Named) > 0 {
		seen := map[string]bool{}
		for _, n := range b.Named {
			if !seen[n.Name] {
				out = append(out, clusterProtocol{NamedPort: n.Name})
			}
			seen[n.Name] = true
		}
		return out, true
	}
	if b.Traffic.IsAll() {
		return nil, true
	}
	for _, proto := range []uint8{traffic.ProtoTCP, traffic.ProtoUDP, traffic.ProtoSCTP} {
		for _, r := range b.Traffic.Ports(proto).Ranges() {
			out = append(out, clusterProtocolOf(proto, r))
		}
	}
	words := traffic.Protocol(traffic.ProtoTCP, traffic.ProtoUDP, traffic.ProtoSCTP)
	return out, words.Covers(b.Traffic)
}

func clusterProtocolOf(proto uint8, r traffic.Range) clusterProtocol {
	port := &clusterPort{}
	if r.First == r.Last {
		port.DestinationPort.Number = r.First
	} else {
		port.DestinationPort.Range = &clusterRange{r.First, r.Last}
	}
	switch proto {
	case traffic.ProtoTCP:
		return clusterProtocol{TCP: port}
	case traffic.ProtoUDP:
		return clusterProtocol{UDP: port}
	}
	return clusterProtocol{SCTP: port}
}
