package cluster

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/diag"
)

const pools = `
---
apiVersion: projectcalico.org/v3
kind: IPPool
metadata: {name: main}
spec: {cidr: 10.244.0.0/16}
---
apiVersion: crd.projectcalico.org/v1
kind: IPPool
metadata: {name: six}
spec: {cidr: "fd00:10::/64", allowedUses: [Workload]}
---
apiVersion: projectcalico.org/v3
kind: IPPool
metadata: {name: tunnels}
spec: {cidr: 10.99.0.0/16, allowedUses: [Tunnel]}
---
apiVersion: projectcalico.org/v3
kind: IPPool
metadata: {name: retired}
spec: {cidr: 10.98.0.0/16, disabled: true}
---
apiVersion: networking.k8s.io/v1
kind: ServiceCIDR
metadata: {name: kubernetes}
spec: {cidrs: [10.96.0.0/12]}
`

const settings = `
---
apiVersion: projectcalico.org/v3
kind: FelixConfiguration
metadata: {name: default}
spec:
  defaultEndpointToHostAction: RETURN
  bpfEnabled: false
  vxlanPort: 4790
  allowIPIPPacketsFromWorkloads: true
  failsafeInboundHostPorts:
  - {protocol: TCP, port: 22, net: 10.0.0.0/8}
  - {port: 10250, net: 0.0.0.0/0}
  failsafeOutboundHostPorts: []
---
apiVersion: projectcalico.org/v3
kind: KubeControllersConfiguration
metadata: {name: default}
spec: {controllers: {node: {hostEndpoint: {autoCreate: Enabled}}}}
---
apiVersion: projectcalico.org/v3
kind: ClusterInformation
metadata: {name: default}
spec: {calicoVersion: v3.30.2}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: cilium-config, namespace: kube-system}
data:
  enable-policy: always
  policy-cidr-match-mode: "pods nodes"
  enable-host-firewall: "true"
  enable-l7-proxy: "false"
  cluster-name: blue
  labels: "k8s:app !k8s:pod-template-hash"
  ipam: kubernetes
  cluster-pool-ipv4-cidr: 10.1.0.0/16
`

func TestPools(t *testing.T) {
	f := load(t, pools[5:])
	if got := f.Text(FactPodCIDRs); got != "10.244.0.0/16, fd00:10::/64" {
		t.Errorf("pod ranges: %v", got)
	}
	if got := f.Text(FactServiceCIDRs); got != "10.96.0.0/12" {
		t.Errorf("service ranges: %v", got)
	}
	if versions, known := f.Families(); !known || !reflect.DeepEqual(versions, []int{4, 6}) {
		t.Errorf("families: %v %v", versions, known)
	}
}

// A disabled pool still counts while a pod has one of its addresses.
func TestRetiredPoolInUse(t *testing.T) {
	f := load(t, "apiVersion: v1\nkind: Pod\nmetadata: {name: old}\nstatus: {podIP: 10.98.3.4}\n"+pools)
	if got := f.Text(FactPodCIDRs); got != "10.98.0.0/16, 10.244.0.0/16, fd00:10::/64" {
		t.Errorf("pod ranges: %v", got)
	}
}

func TestCiliumPools(t *testing.T) {
	f := load(t, `
apiVersion: v1
kind: ConfigMap
metadata: {name: cilium-config, namespace: kube-system}
data: {ipam: cluster-pool, cluster-pool-ipv4-cidr: "10.1.0.0/16 10.2.0.0/16", cluster-pool-ipv6-cidr: "fd00:1::/104"}
---
apiVersion: cilium.io/v2alpha1
kind: CiliumPodIPPool
metadata: {name: extra}
spec: {ipv4: {cidrs: [10.3.0.0/16], maskSize: 24}}
---
apiVersion: cilium.io/v2
kind: CiliumNode
metadata: {name: worker-1}
spec:
  addresses: [{type: InternalIP, ip: 192.168.10.11}, {type: CiliumInternalIP, ip: 10.1.0.9}, {type: Other, ip: none}]
  ipam: {podCIDRs: [10.1.0.0/24]}
`)
	if got := f.Text(FactPodCIDRs); got != "10.1.0.0/16, 10.2.0.0/15, fd00:1::/104" {
		t.Errorf("pod ranges: %v", got)
	}
	if got := f.Text(FactNodeCIDRs); got != "10.1.0.9/32, 192.168.10.11/32" {
		t.Errorf("node ranges: %v", got)
	}
}

func TestSettings(t *testing.T) {
	f := load(t, settings[5:])
	for fact, want := range map[Fact]string{
		FactCalicoVersion:        "3.30.2",
		FactDataplane:            "iptables",
		FactEndpointToHost:       "Return",
		FactFailsafeInbound:      "tcp/10250, tcp/22@10.0.0.0/8",
		FactFailsafeOutbound:     "none",
		FactAutoHostEndpoints:    "true",
		FactEnforcementMode:      "always",
		FactCIDRMatchMode:        "nodes, pods",
		FactHostFirewall:         "true",
		FactL7Proxy:              "false",
		FactSCTP:                 "false",
		FactNonDefaultDeny:       "true",
		FactClusterName:          "blue",
		FactIdentityLabels:       "k8s:app !k8s:pod-template-hash",
		FactDefaultLocalCluster:  "",
		FactPodCIDRs:             "",
		FactClusterNetworkPolicy: "false",
	} {
		if got := f.Text(fact); got != want {
			t.Errorf("%s: got %q, want %q", fact, got, want)
		}
	}
}

func TestTunnelSettings(t *testing.T) {
	c := load(t, settings[5:]).Calico
	if c.VXLANPort != 4790 || c.AllowVXLANFromPods || !c.AllowIPIPFromPods {
		t.Errorf("got %+v", c)
	}
}

func TestDefaultLocalClusterFollowsTheVersion(t *testing.T) {
	config := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cilium-config}\ndata: {}\n"
	for version, want := range map[string]string{"1.18.9": "false", "1.19.0": "true", "v1.20.1": "true", "2.0.0": "true"} {
		f := load(t, config+"---\napiVersion: policyferry.io/v1alpha1\nkind: ClusterFacts\nspec: {cilium: {version: "+version+"}}\n")
		if got := f.Text(FactDefaultLocalCluster); got != want {
			t.Errorf("%s: got %q, want %q", version, got, want)
		}
	}
}

func TestAutomaticHostEndpoints(t *testing.T) {
	f := load(t, shop+settings)
	h := f.HostEndpoints["worker-1-auto-hep"]
	if h == nil {
		t.Fatal("no automatic host endpoint")
	}
	var ips []string
	for _, a := range h.ExpectedIPs {
		ips = append(ips, a.String())
	}
	// The external address is not among them (kube-controllers, getExpectedIPs).
	if got := strings.Join(ips, " "); got != "192.168.10.11 10.244.1.0 10.244.1.1" {
		t.Errorf("expected addresses: %v", got)
	}
	if h.InterfaceName != "*" || h.Labels["zone"] != "a" || h.Labels["projectcalico.org/created-by"] != "calico-kube-controllers" {
		t.Errorf("got %+v", h)
	}
	if got := f.HostEndpointsOf("worker-1"); len(got) != 1 || got[0] != h {
		t.Errorf("host endpoints of the node: %v", got)
	}
}

func TestHostEndpointLabelsInAnnotation(t *testing.T) {
	f := load(t, `
apiVersion: crd.projectcalico.org/v1
kind: HostEndpoint
metadata:
  name: eth0
  labels: {kept: "yes"}
  annotations: {projectcalico.org/metadata: '{"labels":{"role":"edge"},"creationTimestamp":null}'}
spec: {node: worker-1, interfaceName: eth0, expectedIPs: [192.168.10.11], ports: [{name: ssh, protocol: TCP, port: 22}]}
`)
	h := f.HostEndpoints["eth0"]
	if !reflect.DeepEqual(h.Labels, map[string]string{"kept": "yes", "role": "edge"}) {
		t.Errorf("labels: %v", h.Labels)
	}
	if !reflect.DeepEqual(h.Ports, []NamedPort{{Name: "ssh", Protocol: "TCP", Port: 22}}) {
		t.Errorf("ports: %v", h.Ports)
	}
}

func TestNodesThatDiffer(t *testing.T) {
	own := `
---
apiVersion: projectcalico.org/v3
kind: FelixConfiguration
metadata: {name: node.worker-1}
spec: {defaultEndpointToHostAction: Drop, bpfEnabled: true, failsafeInboundHostPorts: [], failsafeOutboundHostPorts: []}
`
	_, findings := Load(read(t, settings[5:]+own))
	var paths []string
	for _, f := range findings.All() {
		paths = append(paths, f.Path)
	}
	want := "spec.defaultEndpointToHostAction spec.bpfEnabled spec.failsafeInboundHostPorts"
	if got := strings.Join(paths, " "); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	_, findings = Load(read(t, settings[5:]+strings.Replace(own, "bpfEnabled: true", "allowVXLANPacketsFromWorkloads: true, allowIPIPPacketsFromWorkloads: true, vxlanPort: 4789", 1)))
	paths = nil
	for _, f := range findings.All() {
		paths = append(paths, f.Path)
	}
	if got := strings.Join(paths, " "); !strings.Contains(got, "spec.vxlanPort spec.allowVXLANPacketsFromWorkloads") || strings.Contains(got, "IPIP") {
		t.Errorf("tunnel settings: got %q", got)
	}
	load(t, settings[5:]+own+`
---
apiVersion: policyferry.io/v1alpha1
kind: ClusterFacts
spec: {calico: {defaultEndpointToHostAction: Drop, dataplane: ebpf, failsafeInboundHostPorts: [tcp/22]}}
`)
}

func TestStatementWins(t *testing.T) {
	f := load(t, shop+pools+settings+`
---
apiVersion: policyferry.io/v1alpha1
kind: ClusterFacts
spec:
  podCIDRs: [10.244.0.0/17, 10.244.128.0/17, "fd00:10::/64"]
  serviceCIDRs: []
  nodeCIDRs: [192.168.10.0/24, 203.0.113.0/24, 10.0.0.0/24]
  apiServers: ["192.168.10.9:6443"]
  complete: true
  cilium:
    version: v1.20.1
    clusterName: green
    policyEnforcementMode: never
    policyCIDRMatchMode: []
    hostFirewall: false
    clusterNetworkPolicy: true
    nodeSelectorLabels: true
    defaultLocalCluster: false
    labels: ""
    sctp: true
    extendedProtocols: true
    l7Proxy: true
  calico:
    version: 3.31.0
    dataplane: nftables
    defaultEndpointToHostAction: Drop
    applicationLayerPolicy: false
    failsafeInboundHostPorts: ["tcp/22"]
    failsafeOutboundHostPorts: ["udp/53", "tcp/443"]
`)
	for fact, want := range map[Fact]string{
		FactPodCIDRs:     "10.244.0.0/16, fd00:10::/64",
		FactServiceCIDRs: "none",
		FactNodeCIDRs:    "10.0.0.0/24, 192.168.10.0/24, 203.0.113.0/24",
		FactAPIServers:   "192.168.10.9:6443",
		FactComplete:     "true",

		FactCiliumVersion:        "1.20.1",
		FactClusterName:          "green",
		FactEnforcementMode:      "never",
		FactCIDRMatchMode:        "none",
		FactIdentityLabels:       "",
		FactHostFirewall:         "false",
		FactClusterNetworkPolicy: "true",
		FactNodeSelectorLabels:   "true",
		FactDefaultLocalCluster:  "false",
		FactSCTP:                 "true",
		FactExtendedProtocols:    "true",
		FactL7Proxy:              "true",
		FactNonDefaultDeny:       "true",

		FactCalicoVersion:          "3.31.0",
		FactDataplane:              "nftables",
		FactEndpointToHost:         "Drop",
		FactApplicationLayerPolicy: "false",
		FactAutoHostEndpoints:      "true",
		FactFailsafeInbound:        "tcp/22",
		FactFailsafeOutbound:       "tcp/443, udp/53",

		FactNamespaces:      "1",
		FactServiceAccounts: "1",
		FactPods:            "3",
		FactNodes:           "1",
		FactServices:        "3",
		FactHostEndpoints:   "1",
	} {
		if got := f.Text(fact); got != want {
			t.Errorf("%s: got %q, want %q", fact, got, want)
		}
	}
	if !f.KnowsPods() || !f.KnowsNamespaces() {
		t.Error("the inventory is complete")
	}
	if s := f.NodeSet(); !s.ContainsAddr(f.Nodes["worker-1"].Addresses[2]) {
		t.Errorf("the tunnel address is no node address: %v", s)
	}
}

func TestStatementIsStrict(t *testing.T) {
	for text, want := range map[string]string{
		"{podCidrs: []}":                                            `3:8: error: unknown key "podCidrs" in spec`,
		"{cilium: {hostfirewall: true}}":                            `3:17: error: unknown key "hostfirewall" in spec.cilium`,
		"{cilium: {version: 1.20}}":                                 `3:17: error: spec.cilium.version is "1.20"`,
		"{calico: {version: latest}}":                               `3:17: error: spec.calico.version is "latest"`,
		"{podCIDRs: 10.0.0.0/8}":                                    "3:8: error: spec.podCIDRs is not a list",
		"{podCIDRs: [10.0.0.0/8, pods]}":                            `3:31: error: "pods" is neither an address nor a prefix`,
		"{podCIDRs: [[a]]}":                                         "3:19: error: spec.podCIDRs[0] is not a text",
		"{complete: maybe}":                                         "3:8: error: spec.complete is neither true nor false",
		"{complete: }":                                              "3:8: error: spec.complete has no value",
		"{calico: {dataplane: bpf}}":                                `3:17: error: spec.calico.dataplane is "bpf"`,
		"{calico: [a]}":                                             "3:8: error: spec.calico is not a mapping",
		"{cilium: {policyCIDRMatchMode: [node]}}":                   `3:39: error: spec.cilium.policyCIDRMatchMode[0] is "node"`,
		"{calico: {failsafeInboundHostPorts: [22]}}":                `"22" is not a failsafe port`,
		"{calico: {failsafeInboundHostPorts: [tcp/22@10.0.0.0/8]}}": `"tcp/22@10.0.0.0/8" is not a failsafe port`,
		"{apiServers: [192.168.0.1]}":                               `"192.168.0.1" is not an address with a port`,
	} {
		_, findings := Load(read(t, "apiVersion: policyferry.io/v1alpha1\nkind: ClusterFacts\nspec: "+text+"\n"))
		all := findings.All()
		if len(all) == 0 {
			t.Errorf("%s: no finding", text)
			continue
		}
		if got := all[0].String(); !strings.Contains(got, want) || all[0].Code != diag.BadFacts {
			t.Errorf("%s:\ngot  %s\nwant %s", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"apiVersion: policyferry.io/v1\nkind: ClusterFacts\nspec: {}\n":                                                                                "ClusterFacts of policyferry.io/v1",
		"apiVersion: policyferry.io/v1alpha1\nkind: ClusterFacts\nstatus: {}\n":                                                                        `unknown key "status" in ClusterFacts`,
		"apiVersion: policyferry.io/v1alpha1\nkind: ClusterFacts\n---\napiVersion: policyferry.io/v1alpha1\nkind: ClusterFacts\nmetadata: {name: b}\n": "a second ClusterFacts document",
	} {
		_, findings := Load(read(t, text))
		if all := findings.All(); len(all) != 1 || !strings.Contains(all[0].Message, want) {
			t.Errorf("%s\ngot %v\nwant %s", text, all, want)
		}
	}
}

// The page for users shows a document with every key; it must be readable as it stands.
func TestDocumentedStatement(t *testing.T) {
	page, err := os.ReadFile("../../docs/cluster-facts.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(page), "```yaml\n")
	if !found {
		t.Fatal("docs/cluster-facts.md shows no document")
	}
	text, _, _ := strings.Cut(rest, "```")
	f := load(t, text)
	for _, fact := range AllFacts() {
		if fact.stated() && fact != FactIdentityLabels && !f.Knows(fact) {
			t.Errorf("docs/cluster-facts.md does not show %s", fact)
		}
	}
}
