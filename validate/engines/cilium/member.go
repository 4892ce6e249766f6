package cilium

import (
	"context"
	"fmt"
	"maps"

	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/ipcache"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/option"
	"github.com/cilium/cilium/pkg/source"
	ciliumtypes "github.com/cilium/cilium/pkg/types"
)

// member is what an agent knows of a pod: its identity, its named ports and which map it is policed by.
type member struct {
	identity *identity.Identity
	ports    ciliumtypes.NamedPortMap
	key      mapKey
}

// cidrLabels are the labels that a pod's addresses add to its identity where CIDR rules match pods
// (pkg/endpoint/endpoint.go, computeCIDRLabelsRLocked).
func (a *agent) cidrLabels(p *pod) labels.Labels {
	found := labels.Labels{}
	if !option.Config.PolicyCIDRMatchesPods() || !a.opts.do(cidrLabelsOfPods) {
		return found
	}
	for _, address := range p.addresses {
		hasCIDR := false
		for _, label := range a.ipcache.GetMetadataLabels(address) {
			if label.Source != labels.LabelSourceCIDR && label.Source != labels.LabelSourceCIDRGroup {
				continue
			}
			found[label.GetExtendedKey()] = label
			hasCIDR = hasCIDR || label.Source == labels.LabelSourceCIDR
		}
		if hasCIDR {
			continue
		}
		wildcard := "cidr:0.0.0.0/0"
		if address.Is6() {
			wildcard = "cidr:::/0"
		}
		label := labels.ParseLabel(wildcard)
		found[label.GetExtendedKey()] = label
	}
	return found
}

// addPods allocates the identities of pods and maps their addresses to them.
func (a *agent) addPods() error {
	added := identity.IdentityMap{}
	for _, p := range a.cluster.pods {
		if p.hostNetwork() || p.finished() {
			continue
		}
		ports, formed := p.identity(a.cluster.namespace(p.object.Namespace), a.opts)
		maps.Copy(formed, a.cidrLabels(p))
		id, _, err := a.allocator.AllocateIdentity(context.Background(), formed, false, identity.InvalidIdentity)
		if err != nil {
			return fmt.Errorf("identity of pod %s: %w", p.name(), err)
		}
		added[id.ID] = id.LabelArray
		a.members[p] = member{id, ports, mapKey{identity: id.ID, ports: spell(ports)}}
		for _, address := range p.addresses {
			metadata := &ipcache.K8sMetadata{Namespace: p.object.Namespace, PodName: p.object.Name, NamedPorts: ports}
			entry := ipcache.Identity{ID: id.ID, Source: source.CustomResource}
			// Of two pods with one address the first keeps it; each is still judged by its own name.
			if owner := a.cluster.owner[address]; !p.synthetic && owner.pod != p {
				continue
			}
			if _, err := a.ipcache.Upsert(address.String(), nil, 0, metadata, entry); err != nil {
				return fmt.Errorf("address %s of pod %s: %w", address, p.name(), err)
			}
		}
	}
	a.UpdateIdentities(added, nil)
	return nil
}
