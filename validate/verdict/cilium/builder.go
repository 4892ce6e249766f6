package cilium

import (
	"errors"
	"fmt"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/verdict"
)

// builder turns documents into rules.
type builder struct {
	settings *settings
	facts    *cluster.Facts
	rules    []*rule
	groups   []cidrGroup
	// groupDocuments are those that the groups are read from.
	groupDocuments []*source.Document
	seen           map[string]bool
	// rejections are the objects that are not enforced.
	rejections []verdict.Rejection
}

// add takes in one document. Kinds that carry no policy for Cilium are passed over; so are objects that an agent
// rejects, since nothing enforces them.
func (b *builder) add(doc *source.Document) error {
	var rules []*rule
	var err error
	switch kindOf(doc) {
	case "cilium.io/CiliumNetworkPolicy":
		rules, err = b.ciliumPolicy(doc, orString(doc.Object.Namespace, "default"))
	case "cilium.io/CiliumClusterwideNetworkPolicy":
		rules, err = b.ciliumPolicy(doc, "")
	case "networking.k8s.io/NetworkPolicy":
		rules, err = b.kubernetesPolicy(doc)
	case "policy.networking.k8s.io/ClusterNetworkPolicy":
		rules, err = b.clusterPolicy(doc)
	case "cilium.io/CiliumCIDRGroup":
		err = b.cidrGroup(doc)
	default:
		return nil
	}
	name := policyName(doc)
	var why *rejected
	if errors.As(err, &why) {
		b.rejections = append(b.rejections, verdict.Rejection{Object: name, Reason: why.reason})
	} else if err != nil {
		return fmt.Errorf("%s: %s: %w", doc.Pos, name, err)
	}
	if b.seen[name] {
		return fmt.Errorf("%s: %s is given twice", doc.Pos, name)
	}
	b.seen[name] = true
	for _, r := range rules {
		r.policy, r.resource, r.doc = name, resourceName(doc), doc
	}
	b.rules = append(b.rules, rules...)
	return nil
}

// cidrGroup takes in a CIDR group. Whether a policy refers to it makes no difference.
func (b *builder) cidrGroup(doc *source.Document) error {
	var object struct {
		Metadata struct {
			Name   string            `json:"name"`
			Labels map[string]string `json:"labels"`
		} `json:"metadata"`
		Spec struct {
			ExternalCIDRs []string `json:"externalCIDRs"`
		} `json:"spec"`
	}
	if err := decode(doc, &object); err != nil {
		return err
	}
	b.groupDocuments = append(b.groupDocuments, doc)
	b.groups = append(b.groups, newCIDRGroup(object.Metadata.Name, object.Metadata.Labels, object.Spec.ExternalCIDRs))
	return nil
}

func (b *builder) labelPeer(s selector) peer { return newLabelPeer(s, b.settings.release) }

// confine limits a selector to the local cluster, unless it speaks of clusters itself or the setting is off
// (pkg/k8s/apis/cilium.io/utils/utils.go, addClusterFilterByDefault).
func (b *builder) confine(s selector) selector {
	if !b.settings.localCluster || s.hasKey(keyCluster) {
		return s
	}
	return s.with(sourceK8s, keyCluster, opIn, b.settings.clusterName)
}

// namespaceLabels turns a selector over namespaces into one over the labels that pods have from their namespace. An
// empty one asks for a namespace, so that it means pods (pkg/k8s/network_policy.go, processNamespaceSelector).
func namespaceLabels(w *labelSelector) selector {
	s := w.compile(sourceK8s)
	for i := range s {
		s[i].key = keyNamespaceLabels + "." + s[i].key
	}
	if len(s) == 0 {
		return s.with(sourceK8s, keyNamespace, opExists)
	}
	return s
}
