package cilium

import (
	"maps"
	"slices"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
)

// Cilium looks for two of its own labels without asking for their source, so that a pod with a label of that name is
// taken for something else: for an endpoint that is not ready, which is isolated, or for the host
// (pkg/policy/repository.go, computePolicyEnforcementAndRules).
const (
	dangerInit = "init"
	dangerHost = "host"
)

// dangerLabels says what such labels of the pods that are known do.
func (l *lowerer) dangerLabels(normal *model.Tier) {
	if p := l.podWith(dangerInit); p != nil {
		l.env.Relied.On(cluster.FactPods)
		isolated := &model.Policy{Subject: where(selector.Key{Kind: selector.PodLabel, Name: dangerInit}, selector.Exists())}
		isolated.Object = diag.Object{APIVersion: "cilium.io/v2", Kind: "CiliumClusterwideNetworkPolicy", Name: "label-init"}
		isolated.Pos = p.Pos
		isolated.Sections = [2]*model.Section{{Isolates: true}, {Isolates: true}}
		l.note(podOrigin(p), diag.DefaultDenyAdded, "give the pod another label", "Cilium isolates pods that have a label named init")
		normal.Policies = append(normal.Policies, isolated)
	}
	// 1.20.2 looks at the identity instead (cilium/cilium#48027).
	if p := l.podWith(dangerHost); p != nil && !l.hostFirewall() && !l.fixesLabelHost() {
		l.env.Relied.On(cluster.FactPods)
		l.note(podOrigin(p), diag.IdentitySpecial, "give the pod another label, and look who reaches it",
			"Cilium up to 1.20.1 applies no policy to pods that have a label named host; the output applies it")
	}
}

func (l *lowerer) fixesLabelHost() bool {
	return l.v.AtLeast(1, 21) || l.v.AtLeast(1, 20) && l.v.Patch >= 2
}

// podWith is the first pod of its own network that has the label in its identity.
func (l *lowerer) podWith(label string) *cluster.Pod {
	if !l.filter.sees(selector.Key{Kind: selector.PodLabel, Name: label}) {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(l.facts.Pods)) {
		p := l.facts.Pods[name]
		if _, has := p.Labels[label]; has && !p.HostNetwork {
			return p
		}
	}
	return nil
}

func podOrigin(p *cluster.Pod) model.Origin {
	return model.Origin{Object: diag.Object{APIVersion: "v1", Kind: "Pod", Namespace: p.Namespace, Name: p.Name}, Pos: p.Pos, Path: "metadata.labels"}
}

// ownNodeKeptOut reports pods that Cilium isolates although no policy selects them for ingress: since 1.20 not even
// their own node gets in (cilium/cilium#48444), and Calico always lets it in.
func (l *lowerer) ownNodeKeptOut(set *model.Set) {
	if !l.v.AtLeast(1, 20) {
		return
	}
	var alone, others []*model.Policy
	for _, t := range set.Tiers {
		for _, p := range t.Policies {
			switch s := p.Sections[model.Ingress]; {
			case p.Class != model.PodSubjects || s == nil:
			case p.Doc == nil:
				alone = append(alone, p)
			default:
				others = append(others, p)
			}
		}
	}
	if len(alone) == 0 {
		return // the usual case: no enforcement mode isolates pods by itself
	}
	selected := selector.None()
	for _, p := range others {
		selected = selected.Or(p.Subject)
	}
	for _, p := range alone {
		if !selected.Covers(p.Subject) {
			l.note(p.Origin, diag.LocalHost, "accept it, because the kubelet's probes need it",
				"Cilium 1.20 keeps even a pod's own node out of isolated pods that no policy selects for ingress, and Calico lets it in").Override = diag.Opens
		}
	}
}
