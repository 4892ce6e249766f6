package schema

import (
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/validate/schema/calico"
	"github.com/policyferry/policyferry/validate/schema/cilium"
	"github.com/policyferry/policyferry/validate/schema/crd"
	"github.com/policyferry/policyferry/validate/schema/definitions"
	"github.com/policyferry/policyferry/validate/schema/kubernetes"
	"github.com/policyferry/policyferry/validate/schema/problem"
)

// identity is what an object says that it is.
type identity struct{ apiVersion, kind string }

// kind is how objects of one kind are judged.
type kind struct {
	source *crd.Source
	// cni is the only CNI that reads the kind, or empty.
	cni        compat.CNI
	namespaced bool
	// freeName says that the CNI and not Kubernetes judges the name.
	freeName bool
	// until takes out what an older release had and the definitions have no more, or is nil.
	until func(object map[string]any, minor int) map[string]any
	// judge says what stands against a stored object beyond its schema. The text of its spec may be nil.
	judge func(stored map[string]any, spec []byte, target Target) problem.List
}

var kinds = allKinds()

// known reports whether a kind of this name exists in some API version.
func known(name string) bool {
	for id := range kinds {
		if id.kind == name {
			return true
		}
	}
	return false
}

func allKinds() map[identity]*kind {
	out := map[identity]*kind{}
	library := definitions.Open()
	addCalico(out, library)
	addCilium(out, library)
	addKubernetes(out, library)
	return out
}

func addCalico(out map[identity]*kind, library *crd.Library) {
	for _, k := range []struct {
		name, plural string
		namespaced   bool
	}{
		{"NetworkPolicy", "networkpolicies", true},
		{"GlobalNetworkPolicy", "globalnetworkpolicies", false},
		{"StagedNetworkPolicy", "stagednetworkpolicies", true},
		{"StagedGlobalNetworkPolicy", "stagedglobalnetworkpolicies", false},
		{"StagedKubernetesNetworkPolicy", "stagedkubernetesnetworkpolicies", true},
		{"NetworkSet", "networksets", true},
		{"GlobalNetworkSet", "globalnetworksets", false},
		{"HostEndpoint", "hostendpoints", false},
		{"Tier", "tiers", false},
	} {
		source := library.Source(k.plural + ".crd.projectcalico.org/v1")
		for apiVersion, raw := range map[string]bool{"projectcalico.org/v3": false, "crd.projectcalico.org/v1": true} {
			out[identity{apiVersion, k.name}] = &kind{
				source: source, cni: compat.Calico, namespaced: k.namespaced, freeName: !raw,
				judge: func(stored map[string]any, spec []byte, target Target) problem.List {
					return judgeCalico(k.name, raw, stored, spec, target)
				},
			}
		}
	}
}

func judgeCalico(name string, raw bool, stored map[string]any, spec []byte, target Target) problem.List {
	meta, _ := stored["metadata"].(map[string]any)
	objectName, _ := meta["name"].(string)
	problems := calico.Judge(calico.Object{
		Kind: name, Name: objectName, Release: calico.Release(target.Release.Version.Minor), Raw: raw, Content: stored, Spec: spec,
	})
	if name == "StagedKubernetesNetworkPolicy" && !raw {
		problems = append(problems, kubernetes.NetworkPolicy(stored)...)
	}
	return problems
}

func addCilium(out map[identity]*kind, library *crd.Library) {
	source := func(plural, version string) *crd.Source { return library.Source(plural + ".cilium.io/" + version) }
	policy := func(clusterwide bool) func(map[string]any, []byte, Target) problem.List {
		return func(stored map[string]any, spec []byte, target Target) problem.List {
			problems := cilium.Policy(stored, spec, clusterwide, target.Cilium)
			return append(problems, cilium.Since(stored, target.Release.Version.Minor)...)
		}
	}
	out[identity{"cilium.io/v2", "CiliumNetworkPolicy"}] = &kind{
		source: source("ciliumnetworkpolicies", "v2"), cni: compat.Cilium, namespaced: true, until: cilium.Until, judge: policy(false),
	}
	out[identity{"cilium.io/v2", "CiliumClusterwideNetworkPolicy"}] = &kind{
		source: source("ciliumclusterwidenetworkpolicies", "v2"), cni: compat.Cilium, until: cilium.Until, judge: policy(true),
	}
	for _, version := range []string{"v2", "v2alpha1"} {
		out[identity{"cilium.io/" + version, "CiliumCIDRGroup"}] = &kind{
			source: source("ciliumcidrgroups", version), cni: compat.Cilium,
			judge: func(stored map[string]any, _ []byte, target Target) problem.List {
				return cilium.CIDRGroup(stored, target.Release.Version.Minor)
			},
		}
	}
}

func addKubernetes(out map[identity]*kind, library *crd.Library) {
	out[identity{"networking.k8s.io/v1", "NetworkPolicy"}] = &kind{
		source: library.Source("networkpolicies.networking.k8s.io/v1"), namespaced: true,
		judge: func(stored map[string]any, _ []byte, _ Target) problem.List { return kubernetes.NetworkPolicy(stored) },
	}
	for _, name := range []string{"AdminNetworkPolicy", "BaselineAdminNetworkPolicy"} {
		plural := map[string]string{"AdminNetworkPolicy": "adminnetworkpolicies", "BaselineAdminNetworkPolicy": "baselineadminnetworkpolicies"}[name]
		out[identity{"policy.networking.k8s.io/v1alpha1", name}] = &kind{
			source: library.Source(plural + ".policy.networking.k8s.io/v1alpha1"),
			judge: func(stored map[string]any, _ []byte, _ Target) problem.List {
				return kubernetes.ClusterPolicy(stored, false)
			},
		}
	}
	out[identity{"policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy"}] = &kind{
		source: library.Source("clusternetworkpolicies.policy.networking.k8s.io/v1alpha2"),
		judge:  judgeClusterPolicy,
	}
}

func judgeClusterPolicy(stored map[string]any, _ []byte, target Target) problem.List {
	isCilium := target.Release.CNI == compat.Cilium
	problems := kubernetes.ClusterPolicy(stored, isCilium)
	if isCilium {
		problems = append(problems, cilium.ClusterNetworkPolicy(stored, target.Cilium)...)
	}
	return problems
}
