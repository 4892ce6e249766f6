package calico

import (
	"strings"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	"github.com/projectcalico/calico/libcalico-go/lib/backend/k8s/resources"
	"github.com/projectcalico/calico/libcalico-go/lib/names"
	calicoresources "github.com/projectcalico/calico/libcalico-go/lib/resources"
	"k8s.io/apimachinery/pkg/types"
)

// A calicoObject is a Calico API object with metadata.
type calicoObject = resources.Resource

// newCalicoObject gives an empty object of a kind that takes part in policy, or nil.
func newCalicoObject(kind string) calicoObject {
	switch kind {
	case apiv3.KindNetworkPolicy:
		return apiv3.NewNetworkPolicy()
	case apiv3.KindGlobalNetworkPolicy:
		return apiv3.NewGlobalNetworkPolicy()
	case apiv3.KindStagedNetworkPolicy:
		return apiv3.NewStagedNetworkPolicy()
	case apiv3.KindStagedGlobalNetworkPolicy:
		return apiv3.NewStagedGlobalNetworkPolicy()
	case apiv3.KindStagedKubernetesNetworkPolicy:
		return apiv3.NewStagedKubernetesNetworkPolicy()
	case apiv3.KindNetworkSet:
		return apiv3.NewNetworkSet()
	case apiv3.KindGlobalNetworkSet:
		return apiv3.NewGlobalNetworkSet()
	case apiv3.KindTier:
		return apiv3.NewTier()
	case apiv3.KindHostEndpoint:
		return apiv3.NewHostEndpoint()
	case apiv3.KindProfile:
		return apiv3.NewProfile()
	}
	return nil
}

// namespacedKinds are the Calico kinds that live in a namespace; kubectl puts them into "default" when
// the document does not say which.
var namespacedKinds = map[string]bool{
	apiv3.KindNetworkPolicy: true, apiv3.KindStagedNetworkPolicy: true,
	apiv3.KindStagedKubernetesNetworkPolicy: true, apiv3.KindNetworkSet: true,
}

// isTiered says whether objects of the kind are stored under a name with their tier in front.
func isTiered(kind string) bool {
	switch kind {
	case apiv3.KindNetworkPolicy, apiv3.KindGlobalNetworkPolicy,
		apiv3.KindStagedNetworkPolicy, apiv3.KindStagedGlobalNetworkPolicy:
		return true
	}
	return false
}

// isCopy recognises the copies of Kubernetes policies that kube-controllers keeps with the etcd
// datastore. With the Kubernetes datastore the originals are read, so that a copy would count twice.
func isCopy(d *document) bool {
	return d.kind == apiv3.KindNetworkPolicy && strings.HasPrefix(d.name, names.K8sNetworkPolicyNamePrefix)
}

// decodeRaw reads a crd.projectcalico.org/v1 object as Felix's syncer does: labels and annotations hide
// in an annotation, nothing is validated, and only tiers get defaults
// (libcalico-go/lib/backend/k8s/resources/customresource.go, tiers.go).
func decodeRaw(d *document, object calicoObject, o options) error {
	if err := refuseNulls(d); err != nil {
		return err
	}
	if err := decodeStrict(d, object); err != nil {
		return err
	}
	metadata := object.GetObjectMeta()
	metadata.SetUID(types.UID(""))
	if metadata.GetNamespace() == "" && namespacedKinds[d.kind] {
		metadata.SetNamespace(defaultNamespace)
	}
	if tier, ok := object.(*apiv3.Tier); ok {
		calicoresources.DefaultTierFields(tier)
	}
	object.GetObjectKind().SetGroupVersionKind(apiv3.SchemeGroupVersion.WithKind(d.kind))
	if o.withoutMetadataAnnotation {
		return nil
	}
	return resources.ConvertK8sResourceToCalicoResource(object)
}
