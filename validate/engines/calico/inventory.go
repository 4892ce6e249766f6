package calico

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	core "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/types"
)

const defaultNamespace = "default"

// An inventory is everything read: the policy set and the cluster, before Calico sees it.
type inventory struct {
	resources       []*resource
	pods            []*core.Pod
	namespaces      map[string]*core.Namespace
	serviceAccounts map[types.NamespacedName]*core.ServiceAccount
	services        []*core.Service
	endpointSlices  []*discovery.EndpointSlice
	nodes           []*core.Node
	facts           Facts
	felix           felixConfigurations
	autoHosts       bool // kube-controllers makes a host endpoint for every node
	rejections      []Rejection
	warnings        []string
}

// takeInventory decodes documents; the order in which they come does not matter.
func takeInventory(documents []document, o options) (*inventory, error) {
	inv := &inventory{
		namespaces:      map[string]*core.Namespace{},
		serviceAccounts: map[types.NamespacedName]*core.ServiceAccount{},
		felix:           felixConfigurations{},
	}
	documents, err := distinct(documents)
	if err != nil {
		return nil, err
	}
	reader := newPolicyReader(o)
	for i := range documents {
		d := &documents[i]
		if err := inv.readClusterObject(d); err != nil {
			return nil, err
		}
		read, err := reader.read(d)
		if err != nil {
			inv.reject(d, err)
		} else if read == nil {
			inv.warnPassedOver(d)
		} else {
			inv.warnings = append(inv.warnings, read.warnings...)
			inv.resources = append(inv.resources, read)
		}
	}
	inv.refuseByDatastore(o)
	inv.completeNamespaces()
	inv.addAutomaticHostEndpoints()
	return inv, nil
}

// warnPassedOver tells of policies that this release of Calico does not know, in versions or kinds of the
// groups that it reads: ClusterNetworkPolicy, or an API that has gone.
func (inv *inventory) warnPassedOver(d *document) {
	group, _, _ := strings.Cut(d.apiVersion, "/")
	switch group {
	case "networking.k8s.io", "policy.networking.k8s.io", "extensions", "projectcalico.org", "crd.projectcalico.org":
		if strings.HasSuffix(d.kind, "NetworkPolicy") && !isCopy(d) {
			inv.warnings = append(inv.warnings, fmt.Sprintf("%s: Calico %s does not read %s of %s, it is not enforced", d, Version, d.kind, d.apiVersion))
		}
	}
}

func (inv *inventory) reject(d *document, err error) {
	inv.rejections = append(inv.rejections, rejectionOf(d, err))
}

// distinct sorts documents and drops repetitions. Two different documents for one object are an error:
// which of them the cluster holds cannot be known, and it must not depend on the order of files.
// Calico's own kinds are compared later, when two spellings of one object can be told.
func distinct(documents []document) ([]document, error) {
	for i := range documents {
		documents[i].namespace = placedNamespace(&documents[i])
	}
	slices.SortStableFunc(documents, func(a, b document) int {
		return cmp.Or(
			cmp.Compare(a.apiVersion, b.apiVersion), cmp.Compare(a.kind, b.kind),
			cmp.Compare(a.namespace, b.namespace), cmp.Compare(a.name, b.name),
			cmp.Compare(string(a.json), string(b.json)))
	})
	kept := documents[:0]
	for _, d := range documents {
		if len(kept) > 0 {
			last := kept[len(kept)-1]
			same := last.apiVersion == d.apiVersion && last.kind == d.kind &&
				last.namespace == d.namespace && last.name == d.name
			if same && sameObject(&last, &d) {
				continue
			}
			if same && isUsed(&d) {
				return nil, differError(&last, &d)
			}
		}
		kept = append(kept, d)
	}
	return kept, nil
}

func differError(a, b *document) error {
	return fmt.Errorf("%s is given twice and differs: %s; %s\nhint: keep the one that the cluster holds", b, a.origin, b.origin)
}

// placedNamespace is the namespace into which kubectl puts an object: none for kinds of the whole
// cluster, "default" when the document does not say.
func placedNamespace(d *document) string {
	switch {
	case clusterKinds[d.kind]:
		return ""
	case d.namespace == "" && isUsed(d):
		return defaultNamespace
	}
	return d.namespace
}

// clusterKinds are the kinds read here that live in no namespace.
var clusterKinds = map[string]bool{
	"Node": true, "Namespace": true, "ClusterFacts": true,
	"AdminNetworkPolicy": true, "BaselineAdminNetworkPolicy": true,
	apiv3.KindGlobalNetworkPolicy: true, apiv3.KindStagedGlobalNetworkPolicy: true,
	apiv3.KindGlobalNetworkSet: true, apiv3.KindTier: true, apiv3.KindHostEndpoint: true,
	apiv3.KindProfile: true, kindFelixConfiguration: true, kindKubeControllersConfiguration: true,
}

// isUsed says whether any document of this kind is read at all.
func isUsed(d *document) bool {
	switch d.apiVersion {
	case groupCalico, groupCalicoRaw:
		return newCalicoObject(d.kind) != nil || d.kind == kindFelixConfiguration || d.kind == kindKubeControllersConfiguration
	}
	return usedKinds[d.apiVersion+" "+d.kind]
}

// usedKinds are the kinds besides Calico's, and whether they are read.
var usedKinds = map[string]bool{
	"v1 Pod": true, "v1 Service": true, "v1 Node": true, "v1 Namespace": true, "v1 ServiceAccount": true,
	"discovery.k8s.io/v1 EndpointSlice":                            true,
	"networking.k8s.io/v1 NetworkPolicy":                           true,
	"policy.networking.k8s.io/v1alpha1 AdminNetworkPolicy":         true,
	"policy.networking.k8s.io/v1alpha1 BaselineAdminNetworkPolicy": true,
	groupFacts + " ClusterFacts":                                   true,
}

func (inv *inventory) readClusterObject(d *document) error {
	switch d.apiVersion + " " + d.kind {
	case "v1 Pod":
		return decodeInto(d, &inv.pods)
	case "v1 Service":
		return decodeInto(d, &inv.services)
	case "v1 Node":
		return decodeInto(d, &inv.nodes)
	case "discovery.k8s.io/v1 EndpointSlice":
		return decodeInto(d, &inv.endpointSlices)
	case "v1 Namespace":
		namespace := &core.Namespace{}
		inv.namespaces[d.name] = namespace
		return decodeLoose(d, namespace)
	case "v1 ServiceAccount":
		account := &core.ServiceAccount{}
		if err := decodeLoose(d, account); err != nil {
			return err
		}
		placeInDefault(&account.Namespace)
		inv.serviceAccounts[types.NamespacedName{Namespace: account.Namespace, Name: account.Name}] = account
	case groupFacts + " ClusterFacts":
		return inv.facts.read(d)
	case groupCalico + " " + kindFelixConfiguration, groupCalicoRaw + " " + kindFelixConfiguration:
		return inv.felix.read(d)
	case groupCalico + " " + kindKubeControllersConfiguration, groupCalicoRaw + " " + kindKubeControllersConfiguration:
		return inv.readKubeControllers(d)
	}
	return nil
}

func decodeInto[T any](d *document, list *[]*T) error {
	object := new(T)
	if err := decodeLoose(d, object); err != nil {
		return err
	}
	*list = append(*list, object)
	return nil
}

func placeInDefault(namespace *string) {
	if *namespace == "" {
		*namespace = defaultNamespace
	}
}
