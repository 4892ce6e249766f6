package calico

import (
	"errors"
	"maps"
	"slices"

	apiv3 "github.com/projectcalico/api/pkg/apis/projectcalico/v3"
	"github.com/projectcalico/calico/libcalico-go/lib/backend/k8s/conversion"
	"github.com/projectcalico/calico/libcalico-go/lib/backend/model"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// convert turns the inventory into the updates of Felix's syncer.
func (inv *inventory) convert(o options) (*updates, error) {
	u := newUpdates()
	converter := conversion.NewConverter()
	if err := u.addBuiltIn(o); err != nil {
		return nil, err
	}
	if err := inv.convertProfiles(u, converter, o); err != nil {
		return nil, err
	}
	if err := inv.convertPods(u, converter, o); err != nil {
		return nil, err
	}
	if err := inv.convertServices(u, converter, o); err != nil {
		return nil, err
	}
	return u, inv.convertResources(u, o)
}

func (inv *inventory) convertProfiles(u *updates, converter conversion.Converter, o options) error {
	for _, name := range slices.Sorted(maps.Keys(inv.namespaces)) {
		if o.withoutNamespaceProfiles {
			break
		}
		profile, err := converter.NamespaceToProfile(inv.namespaces[name])
		if err != nil {
			return err
		}
		if err := u.add(profile, nil); err != nil {
			return err
		}
	}
	for _, account := range inv.serviceAccounts {
		if o.withoutServiceAccounts {
			break
		}
		profile, err := converter.ServiceAccountToProfile(account)
		if err != nil {
			return err
		}
		if err := u.add(profile, nil); err != nil {
			return err
		}
	}
	return nil
}

// convertPods makes the workload endpoints. A pod that has an address but names no node counts as
// scheduled: such a pod does not exist in a cluster, only in files that leave the node out.
func (inv *inventory) convertPods(u *updates, converter conversion.Converter, o options) error {
	for _, pod := range inv.pods {
		local := pod.DeepCopy()
		local.Spec.NodeName = graphHost
		if !converter.IsReadyCalicoPod(local) {
			continue
		}
		if o.withoutFinishedPods {
			local.Status.Phase = core.PodRunning
		}
		endpoints, err := converter.PodToWorkloadEndpoints(local)
		if err != nil {
			return errors.Join(errors.New("Pod "+pod.Namespace+"/"+pod.Name), err)
		}
		for _, endpoint := range endpoints {
			if err := u.add(endpoint, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

func (inv *inventory) convertServices(u *updates, converter conversion.Converter, o options) error {
	if o.withoutServices {
		return nil
	}
	for _, service := range inv.services {
		stored, err := converter.ServiceToKVP(service)
		if err != nil {
			return err
		}
		if err := u.put(*stored, nil); err != nil {
			return err
		}
	}
	for _, endpointSlice := range inv.endpointSlices {
		stored, err := converter.EndpointSliceToKVP(endpointSlice)
		if err != nil {
			return err
		}
		if err := u.put(*stored, nil); err != nil {
			return err
		}
	}
	return nil
}

func (inv *inventory) convertResources(u *updates, o options) error {
	for _, r := range inv.resources {
		stored := r.stored
		switch object := stored.Value.(type) {
		case *apiv3.HostEndpoint:
			if o.withoutHostEndpoints {
				continue
			}
			local := object.DeepCopy()
			local.Spec.Node = graphHost
			stored = &model.KVPair{Key: stored.Key, Value: local}
		case *apiv3.NetworkSet, *apiv3.GlobalNetworkSet:
			if o.withoutNetworkSets {
				continue
			}
		case *apiv3.Tier:
			if o.withoutTierOrder {
				object.Spec.Order = nil
			}
		}
		var conflict conflictError
		var crash crashError
		switch err := u.add(stored, r.document); {
		case errors.As(err, &conflict), errors.As(err, &crash):
			return err
		case err != nil:
			inv.reject(r.document, err)
		}
	}
	return nil
}

// podKey names a pod as the workload endpoint of Felix's model does.
func podKey(pod types.NamespacedName) string {
	return pod.Namespace + "/" + pod.Name
}
