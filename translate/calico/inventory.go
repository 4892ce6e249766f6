package calico

import (
	"strings"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/env"
)

// inventory is what a selector can meet besides pods: network sets and host endpoints, each with its labels.
type inventory struct {
	sets  []networkSet
	hosts []hostEndpoint
	// autoHosts says that every node has a host endpoint with the node's labels and addresses.
	autoHosts bool
	relied    *cluster.Relied
}

// networkSet is a NetworkSet or GlobalNetworkSet: labels that stand for addresses.
type networkSet struct {
	label     func(string) labelState
	addresses cidr.Set
}

// addresses is the addresses of the network sets that match the expression, and of those that may match.
func (v *inventory) addresses(x *expression) (sure, maybe cidr.Set) {
	for _, t := range v.sets {
		switch x.match(t.label) {
		case yes:
			sure = sure.Union(t.addresses)
		case unknown:
			maybe = maybe.Union(t.addresses)
		}
	}
	return sure, maybe
}

// ownLabels is the labels of something that inherits none.
func ownLabels(labels map[string]string) func(string) labelState {
	return func(label string) labelState {
		v, ok := labels[label]
		return labelState{value: v, present: ok}
	}
}

// namespacedLabels is the labels of a network set: its own, its namespace, and what it inherits from the namespace's
// profile (libcalico-go/lib/backend/syncersv1/updateprocessors/networksetprocessor.go). Own labels win over
// inherited ones (felix/labelindex/named_port_index.go).
func namespacedLabels(namespace string, own map[string]string, e *env.Env) func(string) labelState {
	return func(label string) labelState {
		if label == labelNamespace {
			return labelState{value: namespace, present: true}
		}
		if v, ok := own[label]; ok {
			return labelState{value: v, present: true}
		}
		key, inherited := strings.CutPrefix(label, namespacePrefix)
		switch {
		case !inherited:
			return labelState{}
		case key == labelName || key == labelMetadataName:
			return labelState{value: namespace, present: true}
		}
		return namespaceLabel(namespace, key, e)
	}
}

func namespaceLabel(namespace, key string, e *env.Env) labelState {
	if e.Facts == nil || e.Facts.Namespaces[namespace] == nil {
		return labelState{unknown: true}
	}
	e.Relied.On(cluster.FactNamespaces)
	v, ok := e.Facts.Namespaces[namespace].Labels[key]
	return labelState{value: v, present: ok}
}
