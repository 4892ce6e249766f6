package calico

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	libapiv3 "github.com/projectcalico/calico/libcalico-go/lib/apis/v3"
	"github.com/projectcalico/calico/libcalico-go/lib/backend/api"
	"github.com/projectcalico/calico/libcalico-go/lib/backend/model"
	"github.com/projectcalico/calico/libcalico-go/lib/backend/syncersv1/updateprocessors"
	"github.com/projectcalico/calico/libcalico-go/lib/backend/watchersyncer"
	"github.com/projectcalico/calico/libcalico-go/lib/names"
	calicoresources "github.com/projectcalico/calico/libcalico-go/lib/resources"
)

// graphHost is the node as which the calculation graph runs. Felix computes policy for its own node's
// endpoints only, so that every endpoint is given to it as local; the real node is kept beside.
const graphHost = "policyferry"

// updates collects what Felix's syncer would send, each with the document it comes from.
type updates struct {
	processors map[string]watchersyncer.SyncerUpdateProcessor
	values     map[string]*update // by the key's path
}

type update struct {
	kv       model.KVPair
	document *document // nil for what Calico makes itself
}

func newUpdates() *updates {
	return &updates{
		values: map[string]*update{},
		processors: map[string]watchersyncer.SyncerUpdateProcessor{
			apiv3.KindNetworkPolicy:                 updateprocessors.NewNetworkPolicyUpdateProcessor(),
			apiv3.KindGlobalNetworkPolicy:           updateprocessors.NewGlobalNetworkPolicyUpdateProcessor(),
			apiv3.KindStagedNetworkPolicy:           updateprocessors.NewStagedNetworkPolicyUpdateProcessor(),
			apiv3.KindStagedGlobalNetworkPolicy:     updateprocessors.NewStagedGlobalNetworkPolicyUpdateProcessor(),
			apiv3.KindStagedKubernetesNetworkPolicy: updateprocessors.NewStagedKubernetesNetworkPolicyUpdateProcessor(),
			apiv3.KindNetworkSet:                    updateprocessors.NewNetworkSetUpdateProcessor(),
			apiv3.KindGlobalNetworkSet:              updateprocessors.NewGlobalNetworkSetUpdateProcessor(),
			apiv3.KindTier:                          updateprocessors.NewTierUpdateProcessor(),
			apiv3.KindHostEndpoint:                  updateprocessors.NewHostEndpointUpdateProcessor(),
			apiv3.KindProfile:                       updateprocessors.NewProfileUpdateProcessor(),
			libapiv3.KindWorkloadEndpoint:           updateprocessors.NewWorkloadEndpointUpdateProcessor(),
		},
	}
}

// add puts one stored object through its update processor. A processor can panic on what only
// validation keeps out (networksetprocessor.go, an unparseable net); so does Felix, on every node.
func (u *updates) add(stored *model.KVPair, d *document) (err error) {
	key := stored.Key.(model.ResourceKey)
	processor := u.processors[key.Kind]
	if processor == nil {
		return u.put(*stored, d)
	}
	defer func() {
		if caught := recover(); caught != nil {
			err = crashError{fmt.Errorf("felix crashes on it: %v", caught)}
		}
	}()
	processed, err := processor.Process(stored)
	if err != nil {
		return err
	}
	for _, kv := range processed {
		if kv.Value == nil {
			continue
		}
		if err := u.put(*kv, d); err != nil {
			return err
		}
	}
	return nil
}

// A crashError says that Felix itself does not survive an object.
type crashError struct{ error }

// A conflictError says that two documents claim one key of the datastore and differ.
type conflictError struct{ error }

func (u *updates) put(kv model.KVPair, d *document) error {
	path, err := model.KeyToDefaultPath(kv.Key)
	if err != nil {
		path = kv.Key.String()
	}
	if previous := u.values[path]; previous != nil {
		if reflect.DeepEqual(previous.kv.Value, kv.Value) {
			return nil
		}
		if previous.document != nil && d != nil {
			return conflictError{differError(previous.document, d)}
		}
	}
	kv.Revision = ""
	u.values[path] = &update{kv: kv, document: d}
	return nil
}

// sorted gives the updates in an order that depends on their keys only.
func (u *updates) sorted() []*update {
	list := make([]*update, 0, len(u.values))
	paths := make(map[*update]string, len(u.values))
	for path, one := range u.values {
		list = append(list, one)
		paths[one] = path
	}
	slices.SortFunc(list, func(a, b *update) int { return cmp.Compare(paths[a], paths[b]) })
	return list
}

func asUpdates(list []*update) []api.Update {
	result := make([]api.Update, 0, len(list))
	for _, one := range list {
		result = append(result, api.Update{KVPair: one.kv, UpdateType: api.UpdateTypeKVNew})
	}
	return result
}

// addBuiltIn adds what Calico has in every cluster: its tiers (clientv3/client.go, EnsureInitialized)
// and the profile that automatic host endpoints use. Documents of the same name replace them.
func (u *updates) addBuiltIn(o options) error {
	type builtIn struct {
		name   string
		order  float64
		action apiv3.Action
	}
	tiers := []builtIn{{names.DefaultTierName, apiv3.DefaultTierOrder, apiv3.Deny}}
	if o.withoutDefaultTier {
		tiers = nil
	}
	if !o.withoutAdminTiers {
		tiers = append(tiers,
			builtIn{names.AdminNetworkPolicyTierName, apiv3.AdminNetworkPolicyTierOrder, apiv3.Pass},
			builtIn{names.BaselineAdminNetworkPolicyTierName, apiv3.BaselineAdminNetworkPolicyTierOrder, apiv3.Pass})
	}
	for _, t := range tiers {
		tier := apiv3.NewTier()
		tier.Name = t.name
		tier.Spec.Order = &t.order
		tier.Spec.DefaultAction = &t.action
		key := model.ResourceKey{Kind: apiv3.KindTier, Name: t.name}
		if err := u.add(&model.KVPair{Key: key, Value: tier}, nil); err != nil {
			return err
		}
	}
	return u.add(calicoresources.DefaultAllowProfile(), nil)
}
