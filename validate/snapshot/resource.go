package snapshot

import "slices"

// Role says what the objects of a kind are to a snapshot.
type Role int

// The roles.
const (
	// Policy: what a CNI enforces, and what its policies refer to.
	Policy Role = iota
	// Fact: what policy depends on.
	Fact
	// Moves: no policy, and still something that the other CNI has to be given in another form.
	Moves
)

// Resource is one kind of object that a snapshot holds.
type Resource struct {
	// Group is the API group, empty for the core group.
	Group string
	// Versions are those that are read, the preferred one first.
	Versions []string
	// Name is the plural by which the API serves the kind.
	Name, Kind string
	Namespaced bool
	Role       Role
}

const (
	calicoGroup = "projectcalico.org"
	// calicoStore is the group of the custom resources in which Calico keeps its objects.
	calicoStore = "crd.projectcalico.org"
	ciliumGroup = "cilium.io"
)

// resources lists every kind that a snapshot holds, the ones that others need first: namespaces before what is in them.
var resources = slices.Concat(kubernetesResources, calicoResources(), ciliumResources)

var kubernetesResources = []*Resource{
	{"", []string{"v1"}, "namespaces", "Namespace", false, Fact},
	{"", []string{"v1"}, "nodes", "Node", false, Fact},
	{"", []string{"v1"}, "serviceaccounts", "ServiceAccount", true, Fact},
	{"", []string{"v1"}, "pods", "Pod", true, Fact},
	{"", []string{"v1"}, "services", "Service", true, Fact},
	{"discovery.k8s.io", []string{"v1"}, "endpointslices", "EndpointSlice", true, Fact},
	{"networking.k8s.io", []string{"v1"}, "networkpolicies", "NetworkPolicy", true, Policy},
	{"networking.k8s.io", []string{"v1", "v1beta1"}, "servicecidrs", "ServiceCIDR", false, Fact},
	{"policy.networking.k8s.io", []string{"v1alpha2"}, "clusternetworkpolicies", "ClusterNetworkPolicy", false, Policy},
	{"policy.networking.k8s.io", []string{"v1alpha1"}, "adminnetworkpolicies", "AdminNetworkPolicy", false, Policy},
	{"policy.networking.k8s.io", []string{"v1alpha1"}, "baselineadminnetworkpolicies", "BaselineAdminNetworkPolicy", false, Policy},
	{"operator.tigera.io", []string{"v1"}, "installations", "Installation", false, Moves},
}

// calicoResources are Calico's kinds, each in both of its groups: that of the API, and that of the custom resources
// behind it. live.go chooses one of them.
func calicoResources() []*Resource {
	var out []*Resource
	for _, r := range []Resource{
		{Name: "tiers", Kind: "Tier"},
		{Name: "networkpolicies", Kind: "NetworkPolicy", Namespaced: true},
		{Name: "globalnetworkpolicies", Kind: "GlobalNetworkPolicy"},
		{Name: "stagednetworkpolicies", Kind: "StagedNetworkPolicy", Namespaced: true},
		{Name: "stagedglobalnetworkpolicies", Kind: "StagedGlobalNetworkPolicy"},
		{Name: "stagedkubernetesnetworkpolicies", Kind: "StagedKubernetesNetworkPolicy", Namespaced: true},
		{Name: "networksets", Kind: "NetworkSet", Namespaced: true},
		{Name: "globalnetworksets", Kind: "GlobalNetworkSet"},
		{Name: "hostendpoints", Kind: "HostEndpoint"},
		{Name: "ippools", Kind: "IPPool", Role: Fact},
		{Name: "felixconfigurations", Kind: "FelixConfiguration", Role: Fact},
		{Name: "kubecontrollersconfigurations", Kind: "KubeControllersConfiguration", Role: Fact},
		{Name: "clusterinformations", Kind: "ClusterInformation", Role: Fact},
		{Name: "bgppeers", Kind: "BGPPeer", Role: Moves},
		{Name: "bgpconfigurations", Kind: "BGPConfiguration", Role: Moves},
		{Name: "bgpfilters", Kind: "BGPFilter", Role: Moves},
		{Name: "ipreservations", Kind: "IPReservation", Role: Moves},
	} {
		store, api := r, r
		store.Group, store.Versions = calicoStore, []string{"v1"}
		api.Group, api.Versions = calicoGroup, []string{"v3"}
		out = append(out, &store, &api)
	}
	return out
}

var ciliumResources = []*Resource{
	{ciliumGroup, []string{"v2"}, "ciliumnetworkpolicies", "CiliumNetworkPolicy", true, Policy},
	{ciliumGroup, []string{"v2"}, "ciliumclusterwidenetworkpolicies", "CiliumClusterwideNetworkPolicy", false, Policy},
	{ciliumGroup, []string{"v2", "v2alpha1"}, "ciliumcidrgroups", "CiliumCIDRGroup", false, Policy},
	{ciliumGroup, []string{"v2"}, "ciliumnodes", "CiliumNode", false, Fact},
	{ciliumGroup, []string{"v2", "v2alpha1"}, "ciliumpodippools", "CiliumPodIPPool", false, Fact},
	{ciliumGroup, []string{"v2"}, "ciliumegressgatewaypolicies", "CiliumEgressGatewayPolicy", false, Moves},
	{ciliumGroup, []string{"v2", "v2alpha1"}, "ciliumbgpclusterconfigs", "CiliumBGPClusterConfig", false, Moves},
	{ciliumGroup, []string{"v2", "v2alpha1"}, "ciliumbgppeerconfigs", "CiliumBGPPeerConfig", false, Moves},
	{ciliumGroup, []string{"v2", "v2alpha1"}, "ciliumbgpadvertisements", "CiliumBGPAdvertisement", false, Moves},
	{ciliumGroup, []string{"v2", "v2alpha1"}, "ciliumbgpnodeconfigoverrides", "CiliumBGPNodeConfigOverride", false, Moves},
	{ciliumGroup, []string{"v2alpha1"}, "ciliumbgppeeringpolicies", "CiliumBGPPeeringPolicy", false, Moves},
	{ciliumGroup, []string{"v2", "v2alpha1"}, "ciliumloadbalancerippools", "CiliumLoadBalancerIPPool", false, Moves},
	{ciliumGroup, []string{"v2", "v2alpha1"}, "ciliuml2announcementpolicies", "CiliumL2AnnouncementPolicy", false, Moves},
	{ciliumGroup, []string{"v2"}, "ciliumlocalredirectpolicies", "CiliumLocalRedirectPolicy", true, Moves},
	{ciliumGroup, []string{"v2"}, "ciliumenvoyconfigs", "CiliumEnvoyConfig", true, Moves},
	{ciliumGroup, []string{"v2"}, "ciliumclusterwideenvoyconfigs", "CiliumClusterwideEnvoyConfig", false, Moves},
	{ciliumGroup, []string{"v2", "v2alpha1"}, "ciliumnodeconfigs", "CiliumNodeConfig", true, Moves},
}

// kept are kinds that a snapshot keeps and never lists: they come from files, or one object is asked for by name.
var kept = []*Resource{
	{"", []string{"v1"}, "endpoints", "Endpoints", true, Fact},
	{"", []string{"v1"}, "configmaps", "ConfigMap", true, Fact},
	{calicoGroup, []string{"v3"}, "profiles", "Profile", false, Policy},
	{"policyferry.io", []string{"v1alpha1"}, "clusterfacts", "ClusterFacts", false, Fact},
}

// configMapName is the only ConfigMap that is read.
const configMapName = "cilium-config"

// FullName is the plural with its group, as kubectl and CRDs write it: networkpolicies.crd.projectcalico.org.
func (r *Resource) FullName() string {
	if r.Group == "" {
		return r.Name
	}
	return r.Name + "." + r.Group
}

// apiVersion writes a version of the resource's group.
func (r *Resource) apiVersion(version string) string {
	if r.Group == "" {
		return version
	}
	return r.Group + "/" + version
}

// resourceOf finds the resource of an object, whatever version it has; nil for a kind that a snapshot does not hold.
func resourceOf(apiVersion, kind string) *Resource {
	group := groupOf(apiVersion)
	for _, list := range [][]*Resource{resources, kept} {
		for _, r := range list {
			if r.Group == group && r.Kind == kind {
				return r
			}
		}
	}
	return nil
}

// Resources lists the kinds that a snapshot asks a cluster for.
func Resources() []*Resource { return slices.Clone(resources) }
