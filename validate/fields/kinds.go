package fields

import (
	"reflect"

	"github.com/cilium/cilium/pkg/policy/api"
	calicov3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/network-policy-api/apis/v1alpha1"
	"sigs.k8s.io/network-policy-api/apis/v1alpha2"
)

// Kind is a kind that belongs to a policy set.
type Kind struct {
	APIVersion, Kind string
	Namespaced       bool
	// Fields are those below spec and specs.
	Fields []Field
}

// String names the kind, so that the two kinds called NetworkPolicy have two names.
func (k Kind) String() string {
	if k.APIVersion == "networking.k8s.io/v1" {
		return "Kubernetes " + k.Kind
	}
	return k.Kind
}

// policy and cidrGroup have the fields of Cilium's kinds, to which a test holds them. The package in which Cilium defines
// the kinds themselves links much of its agent, and lint uses this one.
type (
	policy struct {
		Spec  *api.Rule
		Specs api.Rules
	}
	cidrGroup struct {
		Spec struct {
			ExternalCIDRs []api.CIDR `json:"externalCIDRs"`
		}
	}
)

// Kinds lists the kinds: Calico's, Cilium's, then the standard ones that both read.
func Kinds() []Kind {
	return []Kind{
		calico[calicov3.GlobalNetworkPolicySpec]("GlobalNetworkPolicy", false),
		calico[calicov3.NetworkPolicySpec]("NetworkPolicy", true),
		calico[calicov3.StagedGlobalNetworkPolicySpec]("StagedGlobalNetworkPolicy", false),
		calico[calicov3.StagedNetworkPolicySpec]("StagedNetworkPolicy", true),
		calico[calicov3.StagedKubernetesNetworkPolicySpec]("StagedKubernetesNetworkPolicy", true),
		calico[calicov3.GlobalNetworkSetSpec]("GlobalNetworkSet", false),
		calico[calicov3.NetworkSetSpec]("NetworkSet", true),
		calico[calicov3.TierSpec]("Tier", false),
		calico[calicov3.HostEndpointSpec]("HostEndpoint", false),
		calico[calicov3.ProfileSpec]("Profile", false),
		cilium[policy]("CiliumNetworkPolicy", true),
		cilium[policy]("CiliumClusterwideNetworkPolicy", false),
		cilium[cidrGroup]("CiliumCIDRGroup", false),
		standard[networkingv1.NetworkPolicySpec]("networking.k8s.io/v1", "NetworkPolicy", true),
		standard[v1alpha2.ClusterNetworkPolicySpec]("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", false),
		standard[v1alpha1.AdminNetworkPolicySpec]("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", false),
		standard[v1alpha1.BaselineAdminNetworkPolicySpec]("policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy", false),
	}
}

func calico[Spec any](kind string, namespaced bool) Kind {
	return standard[Spec]("projectcalico.org/v3", kind, namespaced)
}

func standard[Spec any](apiVersion, kind string, namespaced bool) Kind {
	return Kind{apiVersion, kind, namespaced, Of(reflect.TypeFor[Spec](), "spec")}
}

// cilium lists the fields of an object that has its rules under spec or specs.
func cilium[Object any](kind string, namespaced bool) Kind {
	out := Kind{APIVersion: "cilium.io/v2", Kind: kind, Namespaced: namespaced}
	for _, name := range []string{"Spec", "Specs"} {
		if f, ok := reflect.TypeFor[Object]().FieldByName(name); ok {
			path := map[string]string{"Spec": "spec", "Specs": "specs"}[name]
			out.Fields = append(out.Fields, Of(f.Type, path)...)
		}
	}
	return out
}
