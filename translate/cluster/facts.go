// Package cluster holds what a translation may know about a cluster beside its policies.
//
// Facts come from ordinary `kubectl get -o yaml` output and an optional ClusterFacts document (docs/cluster-facts.md).
// What is not given is unknown, never assumed silently: Knows says whether a fact is known, and a Relied value, which
// travels beside the facts, remembers which of them a result was built on, so that a report can list them.
package cluster

import (
	"net/netip"

	"github.com/policyferry/policyferry/translate/diag"
)

// Facts is everything known about one cluster. The zero value knows nothing. It must not be changed after Load.
type Facts struct {
	// Namespaces by name. Nil if no namespace was given.
	Namespaces map[string]*Namespace
	// ServiceAccounts by "namespace/name".
	ServiceAccounts map[string]*ServiceAccount
	// Pods by "namespace/name". Finished pods (Succeeded, Failed) are left out; hostNetwork pods are kept and marked.
	Pods map[string]*Pod
	// Nodes by name.
	Nodes map[string]*Node
	// Services by "namespace/name".
	Services map[string]*Service
	// HostEndpoints are Calico's, by name.
	HostEndpoints map[string]*HostEndpoint

	// PodCIDRs, ServiceCIDRs and NodeCIDRs are the ranges that addresses of pods, services and nodes are taken
	// from. Nil means unknown. They are sorted and free of overlap.
	PodCIDRs, ServiceCIDRs, NodeCIDRs []netip.Prefix
	// APIServers are the backends of Service default/kubernetes. Nil means unknown.
	APIServers []netip.AddrPort
	// Complete says that the namespaces, pods and service accounts given are all there are.
	Complete bool

	Calico CalicoSettings
	Cilium CiliumSettings
}

// Namespace is a namespace and its labels.
type Namespace struct {
	Name   string
	Labels map[string]string
}

// ServiceAccount is a service account and its labels.
type ServiceAccount struct {
	Namespace, Name string
	Labels          map[string]string
}

// Pod is a pod as policy sees it.
type Pod struct {
	Namespace, Name string
	// Pos is where the pod was read.
	Pos            diag.Position
	Labels         map[string]string
	ServiceAccount string
	Node           string
	Addresses      []netip.Addr
	Ports          []NamedPort
	HostNetwork    bool
}

// NamedPort is a container port (or host endpoint port) that has a name.
type NamedPort struct {
	Name     string
	Protocol string // TCP, UDP or SCTP
	Port     uint16
	// Init says that it belongs to an init container. Calico knows such names, Cilium does not.
	Init bool
}

// Node is a node, its labels and every address that it is known by.
type Node struct {
	Name      string
	Labels    map[string]string
	Addresses []netip.Addr
}

// Service is a Service and the backends that its EndpointSlices name.
type Service struct {
	Namespace, Name string
	Labels          map[string]string
	// Addresses are those that stand for the Service: cluster, external and load balancer addresses. Policy never
	// sees them, only the backend behind them.
	Addresses []netip.Addr
	// Selector is nil for a Service without one.
	Selector map[string]string
	Ports    []ServicePort
	Backends []Backend
	// BackendsKnown says whether an EndpointSlice or Endpoints object of the Service was given.
	BackendsKnown bool
}

// ServicePort is one port of a Service.
type ServicePort struct {
	Name       string
	Protocol   string
	Port       uint16
	TargetPort string // number or name
}

// Backend is one address and port behind a Service.
type Backend struct {
	Addr     netip.Addr
	Protocol string
	Port     uint16
	// Pod is "namespace/name" when the backend is a pod.
	Pod string
}

// HostEndpoint is a Calico host endpoint.
type HostEndpoint struct {
	Name          string
	Node          string
	InterfaceName string
	Labels        map[string]string
	ExpectedIPs   []netip.Addr
	Profiles      []string
	Ports         []NamedPort
}

// CalicoSettings are the settings of Calico that change verdicts. The pointers are nil when unknown.
type CalicoSettings struct {
	// Version is major.minor.patch without a leading v, or empty when unknown.
	Version string
	// Dataplane is iptables, nftables, ebpf or windows; empty when unknown.
	Dataplane string
	// DefaultEndpointToHostAction is Drop, Return or Accept; empty when unknown.
	DefaultEndpointToHostAction string
	// ApplicationLayerPolicy says whether http matches are enforced.
	ApplicationLayerPolicy *bool
	// FailsafeInbound and FailsafeOutbound are "protocol/port" or "protocol/port@CIDR", as ParseFailsafe reads them;
	// nil means Calico's default list.
	FailsafeInbound, FailsafeOutbound []string
	// VXLANPort is the UDP port of Calico's own tunnels; 0 means 4789.
	VXLANPort uint16
	// AllowVXLANFromPods and AllowIPIPFromPods say that pods may send tunnel packets, which Calico drops otherwise.
	AllowVXLANFromPods, AllowIPIPFromPods bool
	// AutoHostEndpoints says whether every node has an automatic host endpoint.
	AutoHostEndpoints *bool
}

// CiliumSettings are the settings of Cilium that change verdicts. The pointers are nil when unknown.
type CiliumSettings struct {
	// Version is major.minor.patch without a leading v, or empty when unknown.
	Version string
	// ClusterName is the name of the local cluster; empty means "default".
	ClusterName string
	// EnforcementMode is default, always or never; empty means unknown (default).
	EnforcementMode string
	// EnforcementModeAt is where that is said.
	EnforcementModeAt diag.Position
	// CIDRMatchMode holds "nodes" and "pods" as configured. CIDRMatchModeKnown says whether it was given.
	CIDRMatchMode      []string
	CIDRMatchModeKnown bool
	// IdentityLabels is the label filter as in cilium-config; empty means the default filter.
	IdentityLabels string

	HostFirewall         *bool
	ClusterNetworkPolicy *bool
	NodeSelectorLabels   *bool
	DefaultLocalCluster  *bool
	SCTP                 *bool
	ExtendedProtocols    *bool
	L7Proxy              *bool
	NonDefaultDeny       *bool
}
