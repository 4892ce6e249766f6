package translate

import (
	"strings"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/source"
)

// role says what a document is to a translation.
type role int

const (
	// other: a kind that neither is policy nor says anything that a translation needs.
	other role = iota
	// fact: a kind that feeds the cluster facts and nothing else.
	fact
	// calicoPolicy and ciliumPolicy belong to one CNI's policy set, standardPolicy to either's.
	calicoPolicy
	ciliumPolicy
	standardPolicy
	// foreign: a Calico or Cilium kind that is no policy, such as BGPPeer.
	foreign
	// legacy: a form of policy that no supported release reads.
	legacy
)

const (
	calicoV3  = "projectcalico.org/v3"
	calicoRaw = "crd.projectcalico.org/v1"
)

var calicoKinds = map[string]role{
	"GlobalNetworkPolicy": calicoPolicy, "NetworkPolicy": calicoPolicy,
	"StagedGlobalNetworkPolicy": calicoPolicy, "StagedNetworkPolicy": calicoPolicy, "StagedKubernetesNetworkPolicy": calicoPolicy,
	"GlobalNetworkSet": calicoPolicy, "NetworkSet": calicoPolicy,
	"Tier": calicoPolicy, "HostEndpoint": calicoPolicy, "Profile": calicoPolicy,
	"IPPool": fact, "FelixConfiguration": fact, "KubeControllersConfiguration": fact, "ClusterInformation": fact,
}

var ciliumKinds = map[string]role{
	"CiliumNetworkPolicy": ciliumPolicy, "CiliumClusterwideNetworkPolicy": ciliumPolicy, "CiliumCIDRGroup": ciliumPolicy,
	"CiliumPodIPPool": fact,
}

var standardKinds = map[string]role{
	"networking.k8s.io/v1 NetworkPolicy":                           standardPolicy,
	"policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy":       standardPolicy,
	"policy.networking.k8s.io/v1alpha1 AdminNetworkPolicy":         standardPolicy,
	"policy.networking.k8s.io/v1alpha1 BaselineAdminNetworkPolicy": standardPolicy,
	"extensions/v1beta1 NetworkPolicy":                             legacy,
	"v1 Namespace":                                                 fact, "v1 Pod": fact, "v1 ServiceAccount": fact, "v1 Service": fact, "v1 Endpoints": fact, "v1 Node": fact,
	"discovery.k8s.io/v1 EndpointSlice": fact, "networking.k8s.io/v1 ServiceCIDR": fact,
	"policyferry.io/v1alpha1 ClusterFacts": fact, "policyferry.io/v1alpha1 Snapshot": fact,
	"v1 policy": legacy, "v1 profile": legacy, "v1 hostEndpoint": legacy,
}

// roleOf classifies a document by its API version and kind.
func roleOf(doc *source.Document) role {
	o := doc.Object
	group, version, _ := strings.Cut(o.APIVersion, "/")
	switch group {
	case "projectcalico.org", "crd.projectcalico.org":
		if o.APIVersion != calicoV3 && o.APIVersion != calicoRaw {
			return legacy
		}
		return known(calicoKinds, o.Kind)
	case "cilium.io":
		if version == "v1" {
			return legacy
		}
		return known(ciliumKinds, o.Kind)
	}
	if o.APIVersion == "v1" && o.Kind == "ConfigMap" && o.Name == "cilium-config" {
		return fact
	}
	return standardKinds[o.APIVersion+" "+o.Kind]
}

func known(kinds map[string]role, kind string) role {
	if r, ok := kinds[kind]; ok {
		return r
	}
	return foreign
}

// belongsTo says to which CNI's set a policy document belongs, if that is evident.
func (r role) belongsTo() (compat.CNI, bool) {
	switch r {
	case calicoPolicy:
		return compat.Calico, true
	case ciliumPolicy:
		return compat.Cilium, true
	}
	return "", false
}

// IsPolicy reports whether a document belongs to a policy set, of either CNI or of both, in whatever form. What is none
// describes the cluster, or is nothing to a translation.
func IsPolicy(doc *source.Document) bool {
	switch roleOf(doc) {
	case calicoPolicy, ciliumPolicy, standardPolicy, legacy:
		return true
	}
	return false
}

// Owner is the CNI to whose set a document belongs; empty for a standard policy and for what is no policy.
func Owner(doc *source.Document) compat.CNI {
	cni, _ := roleOf(doc).belongsTo()
	return cni
}
