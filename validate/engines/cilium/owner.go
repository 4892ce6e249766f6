package cilium

import (
	"github.com/cilium/cilium/pkg/endpoint/regeneration"
	"github.com/cilium/cilium/pkg/policy"
	ciliumtypes "github.com/cilium/cilium/pkg/types"
	"github.com/cilium/cilium/pkg/u8proto"
)

// owner is the endpoint that a policy map is computed for.
type owner struct {
	ports ciliumtypes.NamedPortMap
	host  bool
}

// GetID returns a number that is no endpoint's: redirects are found by policy.FallbackRedirectID.
func (o *owner) GetID() uint64 { return 1 }

// GetIngressNamedPort resolves a name by the endpoint's own container ports.
func (o *owner) GetIngressNamedPort(name string, proto u8proto.U8proto) uint16 {
	port, err := o.ports.GetNamedPort(name, proto)
	if err != nil {
		return 0
	}
	return port
}

// PolicyDebug drops Cilium's debug messages.
func (o *owner) PolicyDebug(string, ...any) {}

// IsHost tells whether the endpoint is the node itself.
func (o *owner) IsHost() bool { return o.host }

// PreviousMapState is nil: every map is computed from nothing.
func (o *owner) PreviousMapState() *policy.MapState { return nil }

// RegenerateIfAlive has nothing to do: identities do not change once an agent is built.
func (o *owner) RegenerateIfAlive(*regeneration.ExternalRegenerationMetadata) <-chan bool {
	done := make(chan bool)
	close(done)
	return done
}
