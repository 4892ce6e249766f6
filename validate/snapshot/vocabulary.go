package snapshot

import (
	"regexp"
	"strings"
)

// words are the texts that are kept: they are the API's and not the user's, and policy depends on some of them.
var words = wordSet(`* true false None default kube-system kube-public kube-node-lease kubernetes kube-dns coredns k8s linux windows amd64 arm64
	adminnetworkpolicy baselineadminnetworkpolicy kube-admin kube-baseline projectcalico-default-allow calico-kube-controllers
	Allow Deny Log Pass Accept Drop Return Reject Ingress Egress In NotIn Exists DoesNotExist
	Enabled Disabled Auto Always Never CrossSubnet IfNotPresent Workload Tunnel LoadBalancer ClusterIP NodePort ExternalName Cluster Local
	SingleStack PreferDualStack RequireDualStack IPv4 IPv6 Running Pending Unknown Succeeded Failed Pod Node Hostname InternalIP ExternalIP
	CiliumInternalIP TCP UDP SCTP ICMP ICMPv6 UDPLite ANY`)

// verbatim are fields whose texts are words of the API, or numbers, whatever they say.
var verbatim = wordSet(`apiVersion kind action protocol notProtocol type types policyTypes operator phase family addressType defaultAction
	fromEntities toEntities ipFamilies ipFamilyPolicy method methods mode mismatch l7proto externalTrafficPolicy internalTrafficPolicy restartPolicy
	calicoVersion clusterType variant version dataplane defaultEndpointToHostAction policyEnforcementMode policyCIDRMatchMode
	failsafeInboundHostPorts failsafeOutboundHostPorts scope stagedAction`)

// forgotten are fields that say something to people only.
var forgotten = wordSet(`description generateName externalName`)

// keptKeys are keys of labels that are kept whole.
var keptKeys = wordSet(`k8s-app pod-template-hash pod-template-generation controller-revision-hash controller-uid etcd_node
	kubernetes.io/metadata.name kubernetes.io/hostname kubernetes.io/os kubernetes.io/arch kubernetes.io/service-name
	topology.kubernetes.io/zone topology.kubernetes.io/region node-role.kubernetes.io/control-plane node-role.kubernetes.io/master
	app.kubernetes.io/name app.kubernetes.io/instance app.kubernetes.io/component app.kubernetes.io/part-of app.kubernetes.io/version
	app.kubernetes.io/managed-by statefulset.kubernetes.io/pod-name apps.kubernetes.io/pod-index batch.kubernetes.io/job-completion-index
	batch.kubernetes.io/controller-uid batch.kubernetes.io/job-name endpointslice.kubernetes.io/managed-by
	projectcalico.org/namespace projectcalico.org/orchestrator projectcalico.org/serviceaccount projectcalico.org/name projectcalico.org/created-by
	io.kubernetes.pod.namespace io.cilium.k8s.policy.cluster io.cilium.k8s.policy.serviceaccount`)

// keptSettings are values of cilium-config that are words.
var keptSettings = wordSet(`default always never nodes pods kubernetes cluster-pool multi-pool crd eni azure vxlan geneve native tunnel disabled strict partial
	probe snat dsr hybrid iptables ipsec wireguard delegated-plugin maglev random`)

func wordSet(text string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(text) {
		out[w] = true
	}
	return out
}

// heads are what stands before a key inside of another key.
var heads = []string{"io.cilium.k8s.namespace.labels.", "io.cilium.policy.cidrgroupname/", "pcns.", "pcsa.", "annotation"}

// known are the domains whose keys a CNI may treat apart, so a key keeps its domain.
var known = regexp.MustCompile(`^([a-z0-9.-]+\.)?(kubernetes\.io|k8s\.io|cilium\.io|projectcalico\.org)/`)

// sourced is a key with the source that Cilium's selectors write before it.
var sourced = regexp.MustCompile(`^(k8s|any|reserved|cidr|cidrgroup|node|container|unspec|gen|cni|fqdn|all-source):(.*)$`)

// labelKey renames a label's key.
func (a *anonymiser) labelKey(key string) string {
	if m := sourced.FindStringSubmatch(key); m != nil {
		if m[1] == "reserved" {
			return key
		}
		return m[1] + ":" + a.labelKey(m[2])
	}
	if keptKeys[key] || key == "" {
		return key
	}
	for _, head := range heads {
		if rest, ok := strings.CutPrefix(key, head); ok && rest != "" {
			return head + a.labelKey(rest)
		}
	}
	if renamed, ok := a.addresses(key); ok { // cidr:10.0.0.0/8
		return renamed
	}
	if domain := known.FindString(key); domain != "" {
		return domain + a.labelled(key[len(domain):])
	}
	if domain, name, ok := strings.Cut(key, "/"); ok && domain != "" && name != "" {
		return a.word(domain) + "/" + a.labelled(name)
	}
	return a.labelled(key)
}
