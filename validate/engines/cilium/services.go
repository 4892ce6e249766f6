package cilium

import (
	"github.com/cilium/cilium/pkg/clustermesh/types"
	"github.com/cilium/cilium/pkg/k8s"
	v2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"
	slim_corev1 "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/core/v1"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/loadbalancer"
	policyk8s "github.com/cilium/cilium/pkg/policy/k8s"
	"github.com/cilium/cilium/pkg/source"
	"github.com/cilium/statedb"
)

// serviceTables hold the services and backends that toServices is resolved against.
type serviceTables struct {
	db       *statedb.DB
	services statedb.RWTable[*loadbalancer.Service]
	backends statedb.RWTable[*loadbalancer.Backend]
}

// newServiceTables fills the tables as Cilium's reflector does (pkg/loadbalancer/reflectors/conversions.go),
// with the fields that policies read.
func newServiceTables(c *Cluster, opts Options) (*serviceTables, error) {
	t := &serviceTables{db: statedb.New()}
	var err error
	if t.services, err = loadbalancer.NewServicesTable(loadbalancer.DefaultConfig, t.db); err != nil {
		return nil, err
	}
	if t.backends, err = loadbalancer.NewBackendsTable(t.db); err != nil {
		return nil, err
	}
	if !opts.do(services) {
		return t, nil
	}
	txn := t.db.WriteTxn(t.services, t.backends)
	defer txn.Abort()
	for _, service := range c.services {
		if _, _, err := t.services.Insert(txn, newService(service)); err != nil {
			return nil, err
		}
	}
	for _, slice := range c.slices {
		for address, backend := range slice.Backends {
			for _, b := range backendsAt(slice.ServiceName, address, backend, c.enabled) {
				if _, _, err := t.backends.Insert(txn, b); err != nil {
					return nil, err
				}
			}
		}
	}
	txn.Commit()
	return t, nil
}

func newService(object *slim_corev1.Service) *loadbalancer.Service {
	return &loadbalancer.Service{
		Name:     loadbalancer.NewServiceName(object.Namespace, object.Name),
		Source:   source.Kubernetes,
		Labels:   labels.Map2Labels(object.Labels, string(source.Kubernetes)),
		Selector: object.Spec.Selector,
	}
}

// backendsAt are the backends at one address, one for each port: an address without ports is none.
func backendsAt(name loadbalancer.ServiceName, address types.AddrCluster, b *k8s.Backend, enabled families) []*loadbalancer.Backend {
	if address.Is6() && !enabled.ipv6 || address.Is4() && !enabled.ipv4 {
		return nil
	}
	var backends []*loadbalancer.Backend
	for port := range b.Ports {
		backends = append(backends, &loadbalancer.Backend{
			ServiceName: name,
			Address:     loadbalancer.NewL3n4Addr(port.Protocol, address, port.Port, loadbalancer.ScopeExternal),
			Source:      source.Kubernetes,
		})
	}
	return backends
}

// resolve replaces toServices by what it stands for. A reference to nothing leaves no peer behind, which
// with toPorts means every peer (pkg/policy/k8s/service.go, upstream issue 20067).
func (t *serviceTables) resolve(policy *v2.CiliumNetworkPolicy) {
	policyk8s.ResolveToServices(t.db.ReadTxn(), t.services, t.backends, policy)
}
