package cilium

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/cilium/cilium/pkg/k8s"
	v2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"
	slim_corev1 "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/core/v1"
	slim_metav1 "github.com/cilium/cilium/pkg/k8s/slim/k8s/apis/meta/v1"
)

// metadataName is the label with its own name that the API server puts on every namespace.
const metadataName = "kubernetes.io/metadata.name"

// Cluster is what policies are asked about: its pods, nodes, services and facts.
type Cluster struct {
	facts      Facts
	enabled    families
	namespaces map[string]*slim_corev1.Namespace
	pods       []*pod
	podByName  map[string]*pod
	nodes      []*node
	nodeByName map[string]*node
	services   []*slim_corev1.Service
	slices     []*k8s.Endpoints
	mirrored   []*k8s.Endpoints
	groups     []*v2.CiliumCIDRGroup
	apiServers []netip.Addr
	owner      map[netip.Addr]endpoint
}

// NewCluster reads the objects of a cluster; documents of other kinds are passed over.
func NewCluster(docs []Document) (*Cluster, error) {
	c := &Cluster{
		namespaces: map[string]*slim_corev1.Namespace{},
		podByName:  map[string]*pod{},
		nodeByName: map[string]*node{},
		owner:      map[netip.Addr]endpoint{},
	}
	var err error
	if c.facts, err = decodeFacts(docs); err != nil {
		return nil, err
	}
	if err := c.readAll(docs); err != nil {
		return nil, err
	}
	return c, c.complete()
}

// complete puts the objects in order and derives what follows from several of them.
func (c *Cluster) complete() error {
	slices.SortFunc(c.pods, func(a, b *pod) int { return cmp.Compare(a.name(), b.name()) })
	slices.SortFunc(c.groups, func(a, b *v2.CiliumCIDRGroup) int { return cmp.Compare(a.Name, b.Name) })
	for _, p := range c.pods {
		c.namespace(p.object.Namespace)
		c.place(p)
	}
	for _, n := range c.nodeByName {
		n.add(n.published...)
		c.nodes = append(c.nodes, n)
	}
	slices.SortFunc(c.nodes, func(a, b *node) int { return cmp.Compare(a.name, b.name) })
	c.mirrorEndpoints()
	if err := c.findAPIServers(); err != nil {
		return err
	}
	if err := c.findFamilies(); err != nil {
		return err
	}
	c.giveAddresses()
	c.findOwners()
	return nil
}

// namespace returns the namespace, which exists when something lies in it.
func (c *Cluster) namespace(name string) *slim_corev1.Namespace {
	ns, ok := c.namespaces[name]
	if !ok {
		ns = &slim_corev1.Namespace{ObjectMeta: slim_metav1.ObjectMeta{Name: name}}
		c.namespaces[name] = ns
	}
	if ns.Labels == nil {
		ns.Labels = map[string]string{}
	}
	ns.Labels[metadataName] = name
	return ns
}

// place puts a pod on its node. Pods tell the address of a node whose object is missing.
func (c *Cluster) place(p *pod) {
	name := p.object.Spec.NodeName
	if name == "" {
		return
	}
	n := c.node(name)
	if host, err := netip.ParseAddr(p.object.Status.HostIP); err == nil {
		n.add(host)
	}
	if p.hostNetwork() {
		n.add(p.addresses...)
	}
}

// node returns the named node, which exists when something names it.
func (c *Cluster) node(name string) *node {
	n, ok := c.nodeByName[name]
	if !ok {
		n = &node{name: name}
		c.nodeByName[name] = n
	}
	return n
}

// findAPIServers collects the backends of Service default/kubernetes: those stated, or those of its slices
// (pkg/ipcache/cell/apiserver_watcher.go).
func (c *Cluster) findAPIServers() error {
	known, err := c.facts.apiServerAddresses()
	if err != nil {
		return err
	}
	for _, slice := range c.slices {
		if c.facts.APIServers != nil || slice.ServiceName.String() != "default/kubernetes" {
			continue
		}
		for backend := range slice.Backends {
			known = append(known, backend.Addr().Unmap())
		}
	}
	slices.SortFunc(known, netip.Addr.Compare)
	c.apiServers = slices.Compact(known)
	for _, n := range c.nodes {
		n.apiServer = slices.ContainsFunc(c.apiServers, n.has)
	}
	return nil
}

// findFamilies tells from cilium-config, or else from the addresses in use, which families Cilium runs with;
// IPv4 alone is Helm's default.
func (c *Cluster) findFamilies() error {
	ipv6, err := c.facts.hasIPv6()
	if err != nil {
		return err
	}
	c.enabled.ipv6 = ipv6
	note := func(address netip.Addr) {
		c.enabled.ipv4 = c.enabled.ipv4 || address.Is4()
		c.enabled.ipv6 = c.enabled.ipv6 || address.Is6()
	}
	for _, p := range c.pods {
		for _, address := range p.addresses {
			note(address)
		}
	}
	for _, n := range c.nodes {
		for _, address := range n.addresses {
			note(address)
		}
	}
	c.enabled.ipv4 = c.enabled.ipv4 || !c.enabled.ipv6
	if set := c.facts.Settings.ipv4; set != nil {
		c.enabled.ipv4 = *set
	}
	if set := c.facts.Settings.ipv6; set != nil {
		c.enabled.ipv6 = *set
	}
	return nil
}

// giveAddresses gives pods that have no address yet one from 240.0.0.0/4, which no cluster routes, so that
// the ipcache can hold their named ports. It never reaches a verdict otherwise.
func (c *Cluster) giveAddresses() {
	next := netip.MustParseAddr("240.0.0.0")
	for _, p := range c.pods {
		if len(p.addresses) == 0 && !p.finished() && !p.hostNetwork() {
			next = next.Next()
			p.addresses, p.synthetic = []netip.Addr{next}, true
		}
	}
}

// findOwners indexes the addresses of pods and nodes.
func (c *Cluster) findOwners() {
	for _, n := range c.nodes {
		for _, address := range n.addresses {
			c.own(address, endpoint{node: n})
		}
	}
	for _, p := range c.pods {
		if p.hostNetwork() || p.synthetic {
			continue
		}
		for _, address := range p.addresses {
			c.own(address, endpoint{pod: p})
		}
	}
}

func (c *Cluster) own(address netip.Addr, e endpoint) {
	if _, taken := c.owner[address]; !taken {
		c.owner[address] = e
	}
}
