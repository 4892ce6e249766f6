package calico

import (
	"fmt"
	"reflect"

	"github.com/projectcalico/calico/felix/calc"
	"github.com/projectcalico/calico/felix/config"
	"github.com/projectcalico/calico/felix/proto"
	"github.com/projectcalico/calico/libcalico-go/lib/backend/api"
	"github.com/projectcalico/calico/libcalico-go/lib/backend/model"
	v1validator "github.com/projectcalico/calico/libcalico-go/lib/validator/v1"
)

// computed is what the calculation graph sends to Felix's dataplane.
type computed struct {
	sets          map[string]*proto.IPSetUpdate
	policies      map[string]*proto.Policy
	profiles      map[string]*proto.Profile
	workloads     map[string]*proto.WorkloadEndpoint // by NAMESPACE/POD
	hostEndpoints map[string]*proto.HostEndpoint     // by name
}

// compute runs Felix's calculation graph over the updates, synchronously, the way felix/daemon wires it
// up, and keeps its messages. A panic in there is one of Felix, which restarts into it on every node.
func compute(list []api.Update, o options) (result *computed, err error) {
	defer func() {
		if caught := recover(); caught != nil {
			err = crashError{fmt.Errorf("felix crashes on these objects: %v", caught)}
		}
	}()
	conf := config.New()
	conf.FelixHostname = graphHost
	result = &computed{
		sets: map[string]*proto.IPSetUpdate{}, policies: map[string]*proto.Policy{},
		profiles: map[string]*proto.Profile{}, workloads: map[string]*proto.WorkloadEndpoint{},
		hostEndpoints: map[string]*proto.HostEndpoint{},
	}
	var failure error
	sequencer := calc.NewEventSequencer(conf)
	sequencer.Callback = func(message any) {
		if err := result.take(message); err != nil && failure == nil {
			failure = err
		}
	}
	graph := calc.NewCalculationGraph(sequencer, nil, conf, func() {})
	var sink api.SyncerCallbacks = graph
	if !o.withoutFelixFilter {
		sink = calc.NewValidationFilter(graph, conf)
	}
	sink.OnUpdates(list)
	sink.OnStatusUpdated(api.InSync)
	graph.Flush()
	sequencer.Flush()
	return result, failure
}

// take keeps one message. All updates come before the only flush, so that a set is sent whole.
func (c *computed) take(message any) error {
	switch m := message.(type) {
	case *proto.IPSetUpdate:
		c.sets[m.Id] = m
	case *proto.IPSetDeltaUpdate:
		return fmt.Errorf("the calculation graph sent a change of IP set %s instead of the set", m.Id)
	case *proto.ActivePolicyUpdate:
		c.policies[m.Id.Name] = m.Policy
	case *proto.ActiveProfileUpdate:
		c.profiles[m.Id.Name] = m.Profile
	case *proto.WorkloadEndpointUpdate:
		c.workloads[m.Id.WorkloadId] = m.Endpoint
	case *proto.HostEndpointUpdate:
		c.hostEndpoints[m.Id.EndpointId] = m.Endpoint
	}
	return nil
}

// felixRefuses says why Felix treats an update as missing (felix/calc/validation_filter.go). The filter
// itself only logs it.
func felixRefuses(kv model.KVPair) error {
	value := reflect.ValueOf(kv.Value)
	if _, resource := kv.Key.(model.ResourceKey); resource || value.Kind() != reflect.Pointer {
		return nil
	}
	if elem := value.Elem(); elem.Kind() == reflect.Struct {
		return v1validator.Validate(elem.Interface())
	}
	return nil
}
