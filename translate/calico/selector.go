package calico

import (
	"strings"

	"github.com/policyferry/policyferry/translate/selector"
)

// Labels and prefixes that Calico gives to what it polices
// (libcalico-go/lib/backend/k8s/conversion/constants.go, api/pkg/apis/projectcalico/v3/constants.go).
const (
	labelNamespace      = "projectcalico.org/namespace"
	labelServiceAccount = "projectcalico.org/serviceaccount"
	labelOrchestrator   = "projectcalico.org/orchestrator"
	labelName           = "projectcalico.org/name"
	labelCreatedBy      = "projectcalico.org/created-by"
	labelMetadataName   = "kubernetes.io/metadata.name"

	namespacePrefix      = "pcns."
	serviceAccountPrefix = "pcsa."

	orchestratorKubernetes = "k8s"
	createdByControllers   = "calico-kube-controllers"
)

// podKey is the key under which the model knows a label of a pod as Calico sees it. It does not know the
// orchestrator, which is the same for every pod.
//
// Pods cannot imitate the inherited labels: Calico drops their own labels that bear one of the prefixes
// (libcalico-go/lib/backend/syncersv1/updateprocessors/workloadendpointprocessor.go).
func podKey(label string) selector.Key {
	switch label {
	case labelNamespace, namespacePrefix + labelName, namespacePrefix + labelMetadataName:
		return selector.Key{Kind: selector.NamespaceName}
	case labelServiceAccount, serviceAccountPrefix + labelName:
		return selector.Key{Kind: selector.ServiceAccountName}
	}
	if name, ok := strings.CutPrefix(label, namespacePrefix); ok {
		return selector.Key{Kind: selector.NamespaceLabel, Name: name}
	}
	if name, ok := strings.CutPrefix(label, serviceAccountPrefix); ok {
		return selector.Key{Kind: selector.ServiceAccountLabel, Name: name}
	}
	return selector.Key{Kind: selector.PodLabel, Name: label}
}

// ofPods reports whether Calico itself gives the label to pods.
func ofPods(label string) bool {
	switch label {
	case labelNamespace, labelServiceAccount, labelOrchestrator:
		return true
	}
	return strings.HasPrefix(label, namespacePrefix) || strings.HasPrefix(label, serviceAccountPrefix)
}

// pods is which pods the expression matches.
func (x *expression) pods() selector.Selector {
	return x.selector(func(label string) (selector.Key, labelState) {
		if label == labelOrchestrator {
			return selector.Key{}, labelState{value: orchestratorKubernetes, present: true}
		}
		return podKey(label), labelState{unknown: true}
	})
}

// nodes is which automatic host endpoints the expression matches, by the labels of their nodes: they have all of
// these, and one more (kube-controllers/pkg/controllers/node/hostendpoints.go). The labels that Calico gives to pods
// they have not.
func (x *expression) nodes() selector.Selector {
	return x.selector(func(label string) (selector.Key, labelState) {
		switch {
		case label == labelCreatedBy:
			return selector.Key{}, labelState{value: createdByControllers, present: true}
		case ofPods(label):
			return selector.Key{}, labelState{}
		}
		return selector.Key{Kind: selector.NodeLabel, Name: label}, labelState{unknown: true}
	})
}

// selector turns the expression into the algebra. The function says for each label what is known of it, and the key
// that stands for it where nothing is.
func (x *expression) selector(key func(string) (selector.Key, labelState)) selector.Selector {
	switch x.op {
	case opAll, opGlobal:
		return selector.All()
	case opNot:
		return x.operands[0].selector(key).Not()
	case opAnd:
		out := selector.All()
		for _, o := range x.operands {
			out = out.And(o.selector(key))
		}
		return out
	case opOr:
		out := selector.None()
		for _, o := range x.operands {
			out = out.Or(o.selector(key))
		}
		return out
	}
	k, state := key(x.label)
	if !state.unknown {
		if x.holds(state.value, state.present) {
			return selector.All()
		}
		return selector.None()
	}
	return x.atom(k)
}

// atom is a node that asks for one label.
func (x *expression) atom(k selector.Key) selector.Selector {
	switch x.op {
	case opHas:
		return selector.Where(k, selector.Exists())
	case opEqual, opIn:
		return selector.Where(k, selector.In(x.values...))
	case opNotEqual, opNotIn:
		return selector.Where(k, selector.NotIn(x.values...))
	}
	op := map[operator]selector.Operator{
		opContains: selector.Contains, opStartsWith: selector.StartsWith, opEndsWith: selector.EndsWith,
	}[x.op]
	return selector.WhereText(selector.Text{Key: k, Op: op, Arg: x.values[0]})
}
