package rehearse

import (
	"strings"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// moving is a kind, or a setting in an object of a kind, that is not policy and must move.
type moving struct {
	kind string
	// path is the setting; empty for the object as a whole. A setting counts if its value is none of unset.
	path, unset string
	topic       string
	counterpart string
	lost        string
}

// fromCalico are those of Calico (api/pkg/apis/projectcalico/v3), with what Cilium has for them
// (pkg/k8s/apis/cilium.io/v2, install/kubernetes/cilium/values.yaml).
var fromCalico = []moving{
	{kind: "BGPConfiguration", topic: "bgp", counterpart: "CiliumBGPClusterConfig (localASN) and CiliumBGPAdvertisement, with bgpControlPlane.enabled",
		lost: "the mesh between nodes, and communities and aggregates of prefixAdvertisements in part"},
	{kind: "BGPPeer", topic: "bgp", counterpart: "a peer in CiliumBGPClusterConfig and CiliumBGPPeerConfig, one ClusterConfig for each set of nodes",
		lost: "route reflectors in the cluster: Cilium's control plane does not program routes that it learns"},
	{kind: "BGPFilter", topic: "bgp", counterpart: "selectors and attributes of CiliumBGPAdvertisement", lost: "import filters"},
	{kind: "IPPool", topic: "address-pools", counterpart: "cluster-pool IPAM, or CiliumPodIPPool with ipam.mode=multi-pool: a range that is not in use",
		lost: "nodeSelector; encapsulation and natOutgoing of one pool are settings of the whole cluster; pods get new addresses"},
	{kind: "IPReservation", topic: "address-pools", lost: "addresses that are never given to pods: choose pools without them"},
	{kind: "HostEndpoint", topic: "host-endpoints", counterpart: "hostFirewall.enabled and policies with nodeSelector, for all interfaces of a node",
		lost: "policy for one interface, and Calico's failsafe ports: nothing keeps SSH or the API server open but policy"},
	{kind: "FelixConfiguration", path: "spec.wireguardEnabled", unset: "false", topic: "encryption", counterpart: "encryption.enabled with type wireguard"},
	{kind: "FelixConfiguration", path: "spec.wireguardEnabledV6", unset: "false", topic: "encryption", counterpart: "encryption.enabled with type wireguard"},
	{kind: "FelixConfiguration", path: "spec.wireguardHostEncryptionEnabled", unset: "false", topic: "encryption", counterpart: "encryption.nodeEncryption"},
	{kind: "FelixConfiguration", path: "spec.bpfEnabled", unset: "false", topic: "kube-proxy", counterpart: "kubeProxyReplacement"},
	{kind: "FelixConfiguration", path: "spec.failsafeInboundHostPorts", topic: "host-endpoints", lost: "failsafe ports: allow them in a policy with nodeSelector"},
	{kind: "FelixConfiguration", path: "spec.failsafeOutboundHostPorts", topic: "host-endpoints", lost: "failsafe ports: allow them in a policy with nodeSelector"},
	{kind: "FelixConfiguration", path: "spec.flowLogsFlushInterval", topic: "other", counterpart: "Hubble"},
	{kind: "EgressGatewayPolicy", topic: "egress-gateway", counterpart: "CiliumEgressGatewayPolicy, with egressGateway.enabled"},
}

// fromCilium are those of Cilium, with what Calico's open source has for them.
var fromCilium = []moving{
	{kind: "CiliumBGPClusterConfig", topic: "bgp", counterpart: "BGPConfiguration (asNumber) and one BGPPeer for each peer"},
	{kind: "CiliumBGPPeerConfig", topic: "bgp", counterpart: "fields of BGPPeer (password, maxRestartTime)", lost: "timers of one peer but keepaliveTime"},
	{kind: "CiliumBGPAdvertisement", topic: "bgp", counterpart: "serviceClusterIPs, serviceExternalIPs and serviceLoadBalancerIPs of BGPConfiguration, BGPFilter",
		lost: "advertising by labels of Services"},
	{kind: "CiliumBGPNodeConfigOverride", topic: "bgp", counterpart: "BGPConfiguration and BGPPeer of the node"},
	{kind: "CiliumBGPPeeringPolicy", topic: "bgp", counterpart: "BGPConfiguration and BGPPeer"},
	{kind: "CiliumLoadBalancerIPPool", topic: "load-balancer", counterpart: "IPPool with allowedUses [LoadBalancer] (Calico 3.30), announced by BGP",
		lost: "pools by labels of Services: an annotation chooses the pool"},
	{kind: "CiliumL2AnnouncementPolicy", topic: "load-balancer", lost: "announcing by ARP: Calico announces by BGP only, so another load balancer is needed"},
	{kind: "CiliumEgressGatewayPolicy", topic: "egress-gateway",
		lost: "a fixed address for what leaves: Calico's open source has no egress gateway, so whoever admits the address must be told another"},
	{kind: "CiliumLocalRedirectPolicy", topic: "other", lost: "redirecting to a pod of the node: for DNS, NodeLocal DNSCache with its own rules does it"},
	{kind: "CiliumPodIPPool", topic: "address-pools", counterpart: "IPPool: a range that is not in use", lost: "pods get new addresses"},
	{kind: "CiliumEnvoyConfig", topic: "other", lost: "Envoy as configured here: an ingress or gateway controller takes its place"},
	{kind: "CiliumClusterwideEnvoyConfig", topic: "other", lost: "Envoy as configured here: an ingress or gateway controller takes its place"},
	{kind: "CiliumNodeConfig", topic: "other", counterpart: "FelixConfiguration node.NAME"},
	{kind: "ConfigMap", path: "data.enable-wireguard", unset: "false", topic: "encryption", counterpart: "wireguardEnabled in FelixConfiguration"},
	{kind: "ConfigMap", path: "data.enable-ipsec", unset: "false", topic: "encryption", counterpart: "wireguardEnabled in FelixConfiguration", lost: "IPsec"},
	{kind: "ConfigMap", path: "data.encrypt-node", unset: "false", topic: "encryption", counterpart: "wireguardHostEncryptionEnabled in FelixConfiguration"},
	{kind: "ConfigMap", path: "data.kube-proxy-replacement", unset: "false", topic: "kube-proxy",
		counterpart: "kube-proxy on every node before Cilium goes, or Calico's eBPF dataplane (bpfEnabled)", lost: "Services, from the moment when neither runs"},
	{kind: "ConfigMap", path: "data.enable-host-firewall", unset: "false", topic: "host-endpoints", counterpart: "automatic host endpoints (KubeControllersConfiguration)"},
	{kind: "ConfigMap", path: "data.cluster-pool-ipv4-cidr", topic: "address-pools", counterpart: "IPPool: a range that is not in use", lost: "pods get new addresses"},
	{kind: "ConfigMap", path: "data.cluster-pool-ipv6-cidr", topic: "address-pools", counterpart: "IPPool: a range that is not in use", lost: "pods get new addresses"},
	{kind: "ConfigMap", path: "data.enable-gateway-api", unset: "false", topic: "other", lost: "Gateway API by Cilium: another controller takes its place"},
	{kind: "ConfigMap", path: "data.enable-ingress-controller", unset: "false", topic: "other", lost: "Ingress by Cilium: another controller takes its place"},
	{kind: "ConfigMap", path: "data.cluster-id", unset: "0", topic: "mesh", lost: "ClusterMesh: Calico's open source joins no clusters"},
	{kind: "ConfigMap", path: "data.enable-hubble", unset: "false", topic: "other", counterpart: "Goldmane and Whisker (Calico 3.30), or Felix's flow logs"},
}

// moves lists what is not policy and must move, in the order in which it stands in the snapshot.
func (e *estate) moves() {
	table, group := fromCalico, "projectcalico.org/"
	if e.opt.To == compat.Calico {
		table, group = fromCilium, "cilium.io/"
	}
	seen := map[diag.Object]bool{}
	for _, d := range e.cluster {
		ours := strings.HasPrefix(strings.TrimPrefix(d.Object.APIVersion, "crd."), group) ||
			d.Object.Kind == "ConfigMap" && d.Object.Name == "cilium-config" && e.opt.To == compat.Calico
		if !ours || seen[d.Object] {
			continue
		}
		seen[d.Object] = true
		for _, m := range table {
			if m.kind == d.Object.Kind && m.set(d) {
				e.Moves = append(e.Moves, m.move(d))
			}
		}
	}
}

// set reports whether a document has the setting.
func (m *moving) set(d *source.Document) bool {
	if m.path == "" {
		return true
	}
	if text, scalar := d.Scalar(m.path); scalar {
		return text != "" && !strings.EqualFold(text, m.unset)
	}
	return d.Has(m.path)
}

func (m *moving) move(d *source.Document) Move {
	out := Move{Topic: m.topic, What: d.Object.String(), Position: d.Position(m.path), Counterpart: m.counterpart, Lost: m.lost}
	if m.path != "" {
		out.What += " " + m.path
		if text, scalar := d.Scalar(m.path); scalar {
			out.What += ": " + text
		}
	}
	return out
}
