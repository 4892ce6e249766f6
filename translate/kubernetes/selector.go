package kubernetes

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/selector"
)

var namespaceName = selector.Key{Kind: selector.NamespaceName}

// metadataName is the label that the API server sets on every namespace to its name.
const metadataName = "kubernetes.io/metadata.name"

// podLabels turns a pod selector into the model's form.
func podLabels(s *metav1.LabelSelector) selector.Selector {
	return labelSelector(s, func(k string) selector.Key { return selector.Key{Kind: selector.PodLabel, Name: k} })
}

// calicoName is the label that Calico gives every namespace, with its name
// (libcalico-go/lib/backend/k8s/conversion/conversion.go, NamespaceToProfile). To Cilium it is a label like others.
const calicoName = "projectcalico.org/name"

// namespaceLabels turns a namespace selector into the model's form.
func (r Reading) namespaceLabels(s *metav1.LabelSelector) selector.Selector {
	return labelSelector(s, func(k string) selector.Key {
		if k == metadataName || k == calicoName && r.CNI == compat.Calico {
			return namespaceName
		}
		return selector.Key{Kind: selector.NamespaceLabel, Name: k}
	})
}

func inNamespace(name string) selector.Selector {
	return selector.Where(namespaceName, selector.In(name))
}

// labelSelector lowers a selector. Nothing has a label whose key the API server does not take, such as Cilium's
// k8s:app; the definitions of custom resources let a selector ask for one all the same.
func labelSelector(s *metav1.LabelSelector, key func(string) selector.Key) selector.Selector {
	out := selector.All()
	where := func(name string, v selector.Values) {
		switch {
		case len(validation.IsQualifiedName(name)) == 0:
			out = out.And(selector.Where(key(name), v))
		case !v.MayBeAbsent():
			out = selector.None()
		}
	}
	for _, k := range sortedKeys(s.MatchLabels) {
		where(k, selector.In(s.MatchLabels[k]))
	}
	for _, x := range s.MatchExpressions {
		where(x.Key, states(x))
	}
	return out
}

// onlyExcludes reports whether the labels of namespaces and pods together ask for nothing to be present, and for
// something to be absent.
func onlyExcludes(namespaces, pods *metav1.LabelSelector) bool {
	return excludes(namespaces) && !isEmpty(namespaces) && excludes(pods)
}

func isEmpty(s *metav1.LabelSelector) bool { return len(s.MatchLabels)+len(s.MatchExpressions) == 0 }

func excludes(s *metav1.LabelSelector) bool {
	if s == nil {
		return true
	}
	asks := func(x metav1.LabelSelectorRequirement) bool {
		return x.Operator != metav1.LabelSelectorOpNotIn && x.Operator != metav1.LabelSelectorOpDoesNotExist
	}
	return len(s.MatchLabels) == 0 && !slices.ContainsFunc(s.MatchExpressions, asks)
}

// states are the label states that an expression admits. An operator that does not exist admits none; such an
// object is rejected before it is lowered.
func states(x metav1.LabelSelectorRequirement) selector.Values {
	switch x.Operator {
	case metav1.LabelSelectorOpIn:
		return selector.In(x.Values...)
	case metav1.LabelSelectorOpNotIn:
		return selector.NotIn(x.Values...)
	case metav1.LabelSelectorOpExists:
		return selector.Exists()
	case metav1.LabelSelectorOpDoesNotExist:
		return selector.Absent()
	}
	return selector.Values{}
}

func sortedKeys(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
