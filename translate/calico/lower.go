package calico

import (
	"slices"
	"strings"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/env"
	"github.com/policyferry/policyferry/translate/model"
	"github.com/policyferry/policyferry/translate/selector"
	"github.com/policyferry/policyferry/translate/source"
)

// The API groups of Calico's objects: its API, and the custom resources in which it keeps them.
const (
	groupAPI = "projectcalico.org/"
	groupRaw = "crd.projectcalico.org/"
)

// lowering is the state of one call of Lower.
type lowering struct {
	env       *env.Env
	space     *space
	inventory *inventory
	tiers     []*tier
	policies  []*policy
	// named finds policies by namespace and name, as the datastore knows them.
	named map[string]*policy
	hosts map[string]*cluster.HostEndpoint
	// hostDocs are the documents of host endpoints, for findings about them.
	hostDocs map[string]*source.Document
	// hostSubjects is every host that some policy selects.
	hostSubjects selector.Selector
}

// Lower reads every Calico object of a set into the model, and puts the Kubernetes policies that share it into their
// tiers. The objects must be ones that Calico accepts. An object that cannot be read is reported and left out.
func Lower(docs []*source.Document, kube []*model.Policy, e *env.Env) *model.Set {
	l := &lowering{env: e, space: newSpace(e), inventory: &inventory{}, hosts: map[string]*cluster.HostEndpoint{}, hostDocs: map[string]*source.Document{}, named: map[string]*policy{}}
	l.tiers = builtinTiers(e.Source.Version)
	for _, doc := range sortedDocuments(docs) {
		l.read(doc)
	}
	l.inventory.addHosts(l.hosts, e)
	for _, p := range l.policies {
		l.place(p.tier, l.policy(p)...)
	}
	for _, p := range kube {
		l.placeKubernetes(p)
	}
	l.surroundings()
	set := l.set()
	for _, t := range l.tiers {
		reportEqualOrders(t, e)
	}
	return set
}

// sortedDocuments puts the documents into an order that depends only on what they are, so that findings and results
// do not depend on the order of the input.
func sortedDocuments(docs []*source.Document) []*source.Document {
	out := slices.Clone(docs)
	slices.SortStableFunc(out, func(a, b *source.Document) int {
		if c := strings.Compare(a.Object.Kind, b.Object.Kind); c != 0 {
			return c
		}
		if c := strings.Compare(a.Object.Namespace, b.Object.Namespace); c != 0 {
			return c
		}
		return strings.Compare(a.Object.Name, b.Object.Name)
	})
	return out
}

// read takes in one document; policies wait until the sets and host endpoints are known.
func (l *lowering) read(doc *source.Document) {
	switch doc.Object.Kind {
	case apiv3.KindNetworkPolicy, apiv3.KindGlobalNetworkPolicy:
		if p := l.readPolicy(doc); p != nil {
			l.policies = append(l.policies, p)
		}
	case apiv3.KindNetworkSet, apiv3.KindGlobalNetworkSet:
		l.readSet(doc)
	case apiv3.KindTier:
		l.readTier(doc)
	case apiv3.KindHostEndpoint:
		l.readHostEndpoint(doc)
	case apiv3.KindProfile:
		l.readProfile(doc)
	default:
		l.readStaged(doc)
	}
}
