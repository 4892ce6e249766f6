package replay

import (
	"encoding/json"
	"maps"
	"net/netip"
	"slices"
	"sync"

	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/fqdn"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/equiv"
	"github.com/policyferry/policyferry/validate/verdict"
)

// placer finds out who is at an end. It is safe for concurrent use; what it says depends on nothing but the end.
type placer struct {
	facts    *cluster.Facts
	classes  *equiv.Classes
	pods     map[string]*placed
	byName   map[string]map[string]*placed // the same by namespace and name
	owners   map[netip.Addr]*placed
	services map[netip.Addr]bool
	// byNamespace are the names of the pods that can be an end, sorted.
	byNamespace map[string][]string
	// podSet, serviceSet and nodeSet are their ranges.
	podSet, serviceSet, nodeSet cidr.Set
	sets                        map[string][]netip.Prefix
	// sources divides the source ports by protocol.
	sources map[uint8][]verdict.Interval
	// names are what is known of DNS names beside the logs.
	names *fqdn.Cache

	mu     sync.Mutex
	places map[string]*place
	// ghosts are pods that are gone, one of each kind, and taken the addresses that they have been given.
	ghosts map[string]*cluster.Pod
	taken  map[netip.Addr]bool
}

func newPlacer(facts *cluster.Facts, classes *equiv.Classes, names *fqdn.Cache, sides ...*equiv.Side) (*placer, error) {
	p := &placer{
		facts: facts, classes: classes, names: names,
		pods: map[string]*placed{}, byName: map[string]map[string]*placed{}, byNamespace: map[string][]string{},
		owners: map[netip.Addr]*placed{}, services: map[netip.Addr]bool{}, sets: map[string][]netip.Prefix{}, sources: map[uint8][]verdict.Interval{},
		podSet: facts.PodSet(), serviceSet: facts.ServiceSet(), nodeSet: facts.NodeSet(),
		places: map[string]*place{}, ghosts: map[string]*cluster.Pod{}, taken: map[netip.Addr]bool{},
	}
	p.inhabit()
	var cuts verdict.Cuts
	for _, s := range sides {
		if err := p.readSets(s.Documents); err != nil {
			return nil, err
		}
		if j, ok := s.Judge.(verdict.SourcePorts); ok {
			cuts.Add(j.SourceCuts())
		}
	}
	for _, protocol := range []uint8{6, 17, 132} {
		p.sources[protocol] = cuts.Intervals(protocol, true)
	}
	return p, nil
}

// inhabit places the nodes, pods and Services that the facts show.
func (p *placer) inhabit() {
	for _, name := range slices.Sorted(maps.Keys(p.facts.Nodes)) {
		n := p.node(name)
		for _, a := range p.facts.Nodes[name].Addresses {
			p.owners[a.Unmap()] = n
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.facts.Pods)) {
		pod := p.facts.Pods[name]
		p.pods[name] = p.pod(name, pod)
		if p.byName[pod.Namespace] == nil {
			p.byName[pod.Namespace] = map[string]*placed{}
		}
		p.byName[pod.Namespace][pod.Name] = p.pods[name]
		if pod.HostNetwork {
			continue // its addresses are those of its node
		}
		p.byNamespace[pod.Namespace] = append(p.byNamespace[pod.Namespace], name)
		for _, a := range pod.Addresses {
			if p.owners[a.Unmap()] == nil {
				p.owners[a.Unmap()] = p.pods[name]
			}
		}
	}
	for _, s := range p.facts.Services {
		for _, a := range s.Addresses {
			p.services[a.Unmap()] = true
		}
	}
}

// readSets takes in the network sets, which logs of Calico name instead of addresses.
func (p *placer) readSets(docs []*source.Document) error {
	for _, doc := range docs {
		if doc.Object.Kind != "NetworkSet" && doc.Object.Kind != "GlobalNetworkSet" {
			continue
		}
		text, err := doc.JSON()
		if err != nil {
			return err
		}
		var set struct {
			Spec struct {
				Nets []string `json:"nets"`
			} `json:"spec"`
		}
		if json.Unmarshal(text, &set) != nil {
			continue // the judge refuses it, and says so
		}
		key := doc.Object.Namespace + "/" + doc.Object.Name
		if doc.Object.Kind == "GlobalNetworkSet" {
			key = "/" + doc.Object.Name
		}
		for _, text := range set.Spec.Nets {
			if prefix, err := netip.ParsePrefix(text); err == nil {
				p.sets[key] = append(p.sets[key], prefix.Masked())
			} else if a, err := netip.ParseAddr(text); err == nil {
				p.sets[key] = append(p.sets[key], netip.PrefixFrom(a, a.BitLen()))
			}
		}
	}
	return nil
}
