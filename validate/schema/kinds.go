package schema

import (
	ciliumv2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/client/crds/v2"
	calicoconfig "github.com/projectcalico/calico/libcalico-go/config"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/validate/schema/calico"
	"github.com/policyferry/policyferry/validate/schema/cilium"
	"github.com/policyferry/policyferry/validate/schema/crd"
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
	// judge says what stands against a stored object beyond its schema.
	judge func(stored map[string]any, target Target) problem.List
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
	addCalico(out)
	addCilium(out)
	addKubernetes(out)
	return out
}

// calicoFile reads a definition of Calico's.
func calicoFile(name string) func() ([]byte, error) {
	return func() ([]byte, error) { return calicoconfig.CRDFiles.ReadFile("crd/" + name + ".yaml") }
}

func addCalico(out map[identity]*kind) {
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
		source := &crd.Source{Read: calicoFile("crd.projectcalico.org_" + k.plural), Version: "v1"}
		for apiVersion, raw := range map[string]bool{"projectcalico.org/v3": false, "crd.projectcalico.org/v1": true} {
			out[identity{apiVersion, k.name}] = &kind{
				source: source, cni: compat.Calico, namespaced: k.namespaced, freeName: !raw,
				judge: func(stored map[string]any, target Target) problem.List {
					return judgeCalico(k.name, raw, stored, target)
				},
			}
		}
	}
}

func judgeCalico(name string, raw bool, stored map[string]any, target Target) problem.List {
	meta, _ := stored["metadata"].(map[string]any)
	objectName, _ := meta["name"].(string)
	problems := calico.Judge(calico.Object{
		Kind: name, Name: objectName, Release: calico.Release(target.Release.Version.Minor), Raw: raw, Content: stored,
	})
	if name == "StagedKubernetesNetworkPolicy" && !raw {
		problems = append(problems, kubernetes.NetworkPolicy(stored)...)
	}
	return problems
}

func addCilium(out map[identity]*kind) {
	source := func(plural, version string) *crd.Source {
		return &crd.Source{Version: version, Read: func() ([]byte, error) { return ciliumv2.EmbedFS.ReadFile(plural + ".yaml") }}
	}
	policy := func(clusterwide bool) func(map[string]any, Target) problem.List {
		return func(stored map[string]any, target Target) problem.List {
			problems := cilium.Policy(stored, clusterwide, target.Cilium)
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
			judge: func(stored map[string]any, target Target) problem.List {
				return cilium.CIDRGroup(stored, target.Release.Version.Minor)
			},
		}
	}
}

func addKubernetes(out map[identity]*kind) {
	// Calico's staged form has the schema of a NetworkPolicy, which Kubernetes publishes in no Go package.
	staged := &crd.Source{Read: calicoFile("crd.projectcalico.org_stagedkubernetesnetworkpolicies"), Version: "v1", Adjust: unstaged}
	out[identity{"networking.k8s.io/v1", "NetworkPolicy"}] = &kind{
		source: staged, namespaced: true,
		judge: func(stored map[string]any, _ Target) problem.List { return kubernetes.NetworkPolicy(stored) },
	}
	for _, name := range []string{"AdminNetworkPolicy", "BaselineAdminNetworkPolicy"} {
		plural := map[string]string{"AdminNetworkPolicy": "adminnetworkpolicies", "BaselineAdminNetworkPolicy": "baselineadminnetworkpolicies"}[name]
		out[identity{"policy.networking.k8s.io/v1alpha1", name}] = &kind{
			source: &crd.Source{Read: calicoFile("policy.networking.k8s.io_" + plural), Version: "v1alpha1"},
			judge:  func(stored map[string]any, _ Target) problem.List { return kubernetes.ClusterPolicy(stored, false) },
		}
	}
	out[identity{"policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy"}] = &kind{
		source: &crd.Source{Version: "v1alpha2", Read: func() ([]byte, error) { return kubernetes.ClusterNetworkPolicyDefinition, nil }},
		judge:  judgeClusterPolicy,
	}
}

func judgeClusterPolicy(stored map[string]any, target Target) problem.List {
	isCilium := target.Release.CNI == compat.Cilium
	problems := kubernetes.ClusterPolicy(stored, isCilium)
	if isCilium {
		problems = append(problems, cilium.ClusterNetworkPolicy(stored, target.Cilium)...)
	}
	return problems
}

// unstaged takes away what a StagedKubernetesNetworkPolicy has beyond a NetworkPolicy.
func unstaged(props *apiextensions.JSONSchemaProps) {
	delete(props.Properties["spec"].Properties, "stagedAction")
}
