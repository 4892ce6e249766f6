package cilium

import (
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/policyferry/policyferry/translate/selector"
)

// The labels that Cilium adds to the identity of a pod (pkg/k8s/utils/utils.go, pkg/k8s/apis/cilium.io/const.go).
const (
	labelNamespace      = "io.kubernetes.pod.namespace"
	labelNamespaceLabel = "io.cilium.k8s.namespace.labels."
	labelServiceAccount = "io.cilium.k8s.policy.serviceaccount"
	labelCluster        = "io.cilium.k8s.policy.cluster"
	labelReserved       = "reserved:"
	// labelMetadataName is the label of a namespace that always holds its name.
	labelMetadataName = "kubernetes.io/metadata.name"
)

// podNamespaceKey is the key under which a namespace is written. The prefix keeps it what it is in selectors where
// the same key without prefix would be added to, and not replace, the namespace of the policy.
const podNamespaceKey = "k8s:" + labelNamespace

// reservedNames are keys that identities without pods bear under the source "reserved": a selector without source
// would match both (pkg/labels/labels.go).
var reservedNames = map[string]bool{
	"host": true, "world": true, "world-ipv4": true, "world-ipv6": true, "health": true, "init": true,
	"remote-node": true, "kube-apiserver": true, "ingress": true, "unmanaged": true, "none": true, "all": true,
}

// writtenKey is the key of a label as people write it in a Cilium selector.
func writtenKey(k selector.Key) string {
	switch k.Kind {
	case selector.NamespaceName:
		return podNamespaceKey
	case selector.NamespaceLabel:
		return "k8s:" + labelNamespaceLabel + k.Name
	case selector.ServiceAccountName:
		return "k8s:" + labelServiceAccount
	case selector.Cluster:
		return "k8s:" + labelCluster
	}
	if reservedNames[k.Name] {
		return "k8s:" + k.Name
	}
	return k.Name
}

// keyIsValid reports whether Cilium accepts the key in a selector (pkg/labels/validation.go).
func keyIsValid(k selector.Key) bool {
	_, key, _ := strings.Cut(writtenKey(k), "k8s:")
	if key == "" {
		key = writtenKey(k)
	}
	return len(validation.IsQualifiedName(key)) == 0
}
