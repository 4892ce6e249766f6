package calico

import (
	"errors"
	"fmt"
	"slices"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	"github.com/projectcalico/calico/libcalico-go/lib/names"
	core "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// builtInTiers exist in every cluster: clientv3.EnsureInitialized makes them.
var builtInTiers = []string{
	names.DefaultTierName, names.AdminNetworkPolicyTierName, names.BaselineAdminNetworkPolicyTierName,
}

// refuseByDatastore takes out profiles, which the Kubernetes datastore does not hold besides those that
// Calico makes of namespaces and service accounts (libcalico-go/lib/backend/k8s/resources/profile.go),
// and the projectcalico.org/v3 policies whose tier does not exist; the API
// refuses to create them (clientv3/globalnetworkpolicy.go, Create). Raw objects are not held to it:
// Felix enforces them in a tier of its own making, after all others.
func (inv *inventory) refuseByDatastore(o options) {
	tiers := slices.Clone(builtInTiers)
	for _, r := range inv.resources {
		if r.document.kind == apiv3.KindTier {
			tiers = append(tiers, r.document.name)
		}
	}
	kept := inv.resources[:0]
	for _, r := range inv.resources {
		if r.document.kind == apiv3.KindProfile {
			inv.reject(r.document, errors.New("the Kubernetes datastore holds no profiles; hint: say it with a policy"))
			continue
		}
		if r.tier != "" && !slices.Contains(tiers, r.tier) && !o.withoutValidation {
			inv.reject(r.document, fmt.Errorf("tier %q does not exist; hint: give the Tier object as well", r.tier))
			continue
		}
		kept = append(kept, r)
	}
	inv.resources = kept
}

// completeNamespaces adds what a cluster always has, when the files leave it out: the namespace and the
// service account of a pod, the namespace's name label, and the unique identifiers that Calico's
// conversion insists on.
func (inv *inventory) completeNamespaces() {
	for _, pod := range inv.pods {
		placeInDefault(&pod.Namespace)
		if pod.Spec.ServiceAccountName == "" {
			pod.Spec.ServiceAccountName = "default" // the service account admission plugin
		}
		inv.addNamespace(pod.Namespace)
		inv.addServiceAccount(pod.Namespace, pod.Spec.ServiceAccountName)
	}
	for _, service := range inv.services {
		placeInDefault(&service.Namespace)
	}
	for _, slice := range inv.endpointSlices {
		placeInDefault(&slice.Namespace)
	}
	for name := range inv.namespaces {
		inv.addNamespace(name)
	}
	for key, account := range inv.serviceAccounts {
		account.UID = madeUID("ServiceAccount", key.Namespace, key.Name)
	}
}

func (inv *inventory) addNamespace(name string) {
	namespace := inv.namespaces[name]
	if namespace == nil {
		namespace = &core.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
		inv.namespaces[name] = namespace
	}
	if namespace.Labels == nil {
		namespace.Labels = map[string]string{}
	}
	namespace.Labels[core.LabelMetadataName] = name
	namespace.UID = madeUID("Namespace", "", name)
}

func (inv *inventory) addServiceAccount(namespace, name string) {
	key := types.NamespacedName{Namespace: namespace, Name: name}
	if inv.serviceAccounts[key] == nil {
		inv.serviceAccounts[key] = &core.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace}}
	}
}
