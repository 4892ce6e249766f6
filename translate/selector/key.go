// Package selector is the algebra of "which endpoints": boolean expressions over labels, in one vocabulary for both
// CNIs.
//
// A Selector is a union of clauses, a Clause says for some keys which states they may have. Selectors are closed
// under And, Or, Not and Minus, exactly: no operation approximates. An expression that grows beyond a limit becomes
// TooComplex, which every caller has to treat as unknown.
package selector

import "strings"

// Kind says whose label a Key names.
type Kind uint8

// The kinds of keys.
const (
	// PodLabel is a label of the pod itself.
	PodLabel Kind = iota
	// NamespaceName is the name of the pod's namespace; every pod has one.
	NamespaceName
	// NamespaceLabel is a label of the pod's namespace.
	NamespaceLabel
	// ServiceAccountName is the name of the pod's service account; every pod has one.
	ServiceAccountName
	// ServiceAccountLabel is a label of the pod's service account.
	ServiceAccountLabel
	// Cluster is the name of the cluster in a mesh; every pod has one.
	Cluster
	// NodeName is the name of a node; every node has one.
	NodeName
	// NodeLabel is a label of a node, or of a host endpoint.
	NodeLabel
)

// Key names one label. Name is empty for the kinds that have only one.
type Key struct {
	Kind Kind
	Name string
}

// AlwaysPresent reports whether every endpoint has a value for the key.
func (k Key) AlwaysPresent() bool {
	switch k.Kind {
	case NamespaceName, ServiceAccountName, Cluster, NodeName:
		return true
	}
	return false
}

// Compare orders keys by kind and name.
func (k Key) Compare(l Key) int {
	if k.Kind != l.Kind {
		return int(k.Kind) - int(l.Kind)
	}
	return strings.Compare(k.Name, l.Name)
}

// String names the key for messages.
func (k Key) String() string {
	switch k.Kind {
	case NamespaceName:
		return "namespace name"
	case NamespaceLabel:
		return "namespace label " + k.Name
	case ServiceAccountName:
		return "service account name"
	case ServiceAccountLabel:
		return "service account label " + k.Name
	case Cluster:
		return "cluster name"
	case NodeName:
		return "node name"
	case NodeLabel:
		return "node label " + k.Name
	}
	return "label " + k.Name
}
