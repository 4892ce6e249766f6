package cluster

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

func read(t *testing.T, text string) []*source.Document {
	t.Helper()
	docs, findings := source.ReadBytes("cluster.yaml", []byte(text), source.Options{})
	for _, f := range findings.All() {
		t.Fatalf("the test's own YAML: %s", f.String())
	}
	return docs
}

// load reads facts that must be free of findings.
func load(t *testing.T, text string) *Facts {
	t.Helper()
	f, findings := Load(read(t, text))
	for _, f := range findings.All() {
		t.Errorf("unexpected finding: %s", f.String())
	}
	return f
}

const shop = `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: shop}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: shop, labels: {role: front}}
---
apiVersion: v1
kind: Pod
metadata: {name: web-0, namespace: shop, labels: {app: web}}
spec:
  serviceAccountName: web
  nodeName: worker-1
  containers:
  - name: web
    ports: [{name: http, containerPort: 8080}, {containerPort: 9000}]
  initContainers:
  - name: proxy
    ports: [{name: dns, containerPort: 53, protocol: UDP}]
status: {podIP: 10.244.1.5, podIPs: [{ip: 10.244.1.5}, {ip: "fd00:10::5"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: done, namespace: shop}
status: {phase: Succeeded, podIP: 10.244.1.5}
---
apiVersion: v1
kind: Pod
metadata: {name: agent, namespace: kube-system}
spec: {hostNetwork: true, nodeName: worker-1, serviceAccount: agent}
status: {podIP: 192.168.10.11}
---
apiVersion: v1
kind: Pod
metadata:
  name: early
  annotations: {cni.projectcalico.org/podIPs: "10.244.1.6/32,fd00:10::6/128"}
---
apiVersion: v1
kind: Node
metadata:
  name: worker-1
  labels: {zone: a}
  annotations:
    projectcalico.org/IPv4Address: 192.168.10.11/24
    projectcalico.org/IPv4IPIPTunnelAddr: 10.244.1.0
    projectcalico.org/IPv4WireguardInterfaceAddr: 10.244.1.1
    network.cilium.io/ipv4-cilium-host: 10.0.0.77
spec: {podCIDRs: [10.244.1.0/24, "fd00:10::/64"]}
status:
  addresses:
  - {type: Hostname, address: worker-1}
  - {type: ExternalIP, address: 203.0.113.11}
  - {type: InternalIP, address: 192.168.10.11}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  clusterIP: 10.96.0.7
  externalIPs: [198.51.100.80]
  ports: [{name: http, port: 80, targetPort: http}, {name: dns, port: 53, protocol: UDP}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-abc, namespace: shop, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
endpoints:
- {addresses: [10.244.1.5], conditions: {ready: false}, targetRef: {kind: Pod, name: web-0, namespace: shop}}
ports: [{name: http, port: 8080}, {name: any}]
---
apiVersion: v1
kind: Endpoints
metadata: {name: web, namespace: shop}
subsets: [{addresses: [{ip: 10.244.1.99}], ports: [{port: 1}]}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: kubernetes, namespace: default, labels: {kubernetes.io/service-name: kubernetes}}
addressType: IPv4
endpoints: [{addresses: [192.168.10.3, 192.168.10.2]}]
ports: [{name: https, port: 6443, protocol: TCP}]
---
apiVersion: v1
kind: Endpoints
metadata: {name: outside, namespace: shop}
subsets: [{notReadyAddresses: [{ip: 198.51.100.7}], ports: [{port: 5432, protocol: TCP}]}]
`

func TestInventory(t *testing.T) {
	f := load(t, shop)
	if got := f.Namespaces["shop"].Labels; !reflect.DeepEqual(got, map[string]string{"team": "shop", nameLabel: "shop"}) {
		t.Errorf("namespace labels: %v", got)
	}
	web := f.Pods["shop/web-0"]
	wantWeb := &Pod{
		Namespace: "shop", Name: "web-0", Labels: map[string]string{"app": "web"}, ServiceAccount: "web", Node: "worker-1",
		Addresses: []netip.Addr{netip.MustParseAddr("10.244.1.5"), netip.MustParseAddr("fd00:10::5")},
		Ports:     []NamedPort{{Name: "http", Protocol: "TCP", Port: 8080}, {Name: "dns", Protocol: "UDP", Port: 53, Init: true}},
	}
	wantWeb.Pos = web.Pos
	if !reflect.DeepEqual(web, wantWeb) || web.Pos.File == "" || web.Pos.Line == 0 {
		t.Errorf("pod\ngot  %+v\nwant %+v", web, wantWeb)
	}
	if f.Pods["shop/done"] != nil {
		t.Error("a finished pod is kept")
	}
	if agent := f.Pods["kube-system/agent"]; !agent.HostNetwork || agent.ServiceAccount != "agent" {
		t.Errorf("host network pod: %+v", agent)
	}
	if early := f.Pods["default/early"]; len(early.Addresses) != 2 || early.ServiceAccount != "default" {
		t.Errorf("pod with annotated addresses: %+v", early)
	}
	if got := fmt.Sprint(f.Nodes["worker-1"].Addresses); got != "[192.168.10.11 203.0.113.11 10.244.1.0 10.244.1.1 10.0.0.77]" {
		t.Errorf("node addresses: %v", got)
	}
	svc := f.Service("shop", "web")
	wantBackends := []Backend{{Addr: netip.MustParseAddr("10.244.1.5"), Protocol: "TCP", Port: 8080, Pod: "shop/web-0"}}
	if !reflect.DeepEqual(svc.Backends, wantBackends) {
		t.Errorf("backends: %+v; Endpoints must not count beside a slice, and a slice port without number not at all", svc.Backends)
	}
	wantPorts := []ServicePort{{"http", "TCP", 80, "http"}, {"dns", "UDP", 53, "53"}}
	if !reflect.DeepEqual(svc.Ports, wantPorts) {
		t.Errorf("service ports: %+v", svc.Ports)
	}
	if got := fmt.Sprint(svc.Addresses); got != "[10.96.0.7 198.51.100.80]" {
		t.Errorf("service addresses: %v", got)
	}
	if out := f.Service("shop", "outside"); len(out.Backends) != 1 || out.Selector != nil {
		t.Errorf("service of Endpoints alone: %+v", out)
	}
	if got := f.Text(FactAPIServers); got != "192.168.10.2:6443, 192.168.10.3:6443" {
		t.Errorf("api servers: %v", got)
	}
	if got := f.Text(FactPodCIDRs); got != "10.244.1.0/24, fd00:10::/64" {
		t.Errorf("pod ranges from the node: %v", got)
	}
	if got := f.Text(FactNodeCIDRs); !strings.Contains(got, "192.168.10.11/32") || !strings.Contains(got, "203.0.113.11/32") {
		t.Errorf("node ranges: %v", got)
	}
}

func TestPodOutsideItsRanges(t *testing.T) {
	_, findings := Load(read(t, strings.Replace(shop, "podCIDRs: [10.244.1.0/24, ", "podCIDRs: [10.244.2.0/24, ", 1)))
	if findings.Len() == 0 {
		t.Fatal("pods outside the ranges of pods are not reported")
	}
	for _, f := range findings.All() {
		if f.Code != diag.BadFacts || !strings.Contains(f.Message, "outside the pods' ranges 10.244.2.0/24, fd00:10::/64") {
			t.Errorf("got %s", f.String())
		}
	}
}

func TestNodeOutsideItsRanges(t *testing.T) {
	statement := "---\napiVersion: policyferry.io/v1alpha1\nkind: ClusterFacts\nspec: {nodeCIDRs: [192.168.0.0/16]}\n"
	_, findings := Load(read(t, shop+statement))
	all := findings.All()
	// Neither the tunnel addresses nor a family that the ranges leave out count against them.
	if len(all) != 1 || !strings.Contains(all[0].Message, "203.0.113.11, which lies outside the nodes' ranges 192.168.0.0/16") {
		t.Errorf("got %v", all)
	}
}

func TestOtherConfigMapsArePassedOver(t *testing.T) {
	load(t, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {b: c}\n")
}

func TestNothingIsKnownOfNothing(t *testing.T) {
	f := load(t, "apiVersion: v1\nkind: Secret\nmetadata: {name: passed-over}\n")
	if !reflect.DeepEqual(f, &Facts{}) {
		t.Errorf("got %+v", f)
	}
	for _, fact := range AllFacts() {
		if f.Knows(fact) {
			t.Errorf("%s is known as %q", fact, f.Text(fact))
		}
		if fact.Hint() == "" {
			t.Errorf("%s has no hint", fact)
		}
	}
}

// Law 5: the order of the documents must not show.
func TestOrderOfDocumentsIsIrrelevant(t *testing.T) {
	docs := read(t, shop+pools+settings)
	want, _ := Load(docs)
	r := rand.New(rand.NewPCG(7, 7))
	for range 30 {
		r.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
		if got, _ := Load(docs); !reflect.DeepEqual(got, want) {
			t.Fatalf("order matters\ngot  %+v\nwant %+v", got, want)
		}
	}
}

func TestSameObjectTwice(t *testing.T) {
	one := "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: a}}\n"
	load(t, one+"---\n"+one)
	_, findings := Load(read(t, one+"---\n"+strings.Replace(one, "team: a", "team: b", 1)))
	all := findings.All()
	if len(all) != 1 || all[0].Code != diag.BadFacts || !strings.Contains(all[0].Hint, "cluster.yaml:1") {
		t.Errorf("two versions of one object: %v", all)
	}
}

func TestUnusableObjects(t *testing.T) {
	for name, tt := range map[string]struct{ text, message, path string }{
		"pod address": {
			"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nstatus: {podIP: ten}\n",
			`"ten" is not an IP address`, "status.podIP",
		},
		"pool": {
			"apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: a}\nspec: {cidr: 10.0.0.0/64}\n",
			`"10.0.0.0/64" is not a prefix`, "spec.cidr",
		},
		"wrong type": {
			"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {hostNetwork: perhaps}\n",
			"spec.hostNetwork", "spec.hostNetwork",
		},
		"annotation": {
			"apiVersion: crd.projectcalico.org/v1\nkind: HostEndpoint\nmetadata: {name: a, annotations: {projectcalico.org/metadata: '{'}}\n",
			"not the JSON that Calico writes", "metadata.annotations",
		},
		"config map": {
			"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cilium-config}\ndata: {enable-host-firewall: maybe}\n",
			`enable-host-firewall: "maybe", which is not true or false`, "data.enable-host-firewall",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, findings := Load(read(t, tt.text))
			all := findings.All()
			if len(all) != 1 || all[0].Code != diag.BadFacts || !strings.Contains(all[0].Message, tt.message) || all[0].Path != tt.path {
				t.Errorf("got %+v", all)
			}
		})
	}
}

func TestRelied(t *testing.T) {
	var nowhere *Relied
	nowhere.On(FactPods)
	if nowhere.List() != nil {
		t.Error("a nil Relied remembers")
	}
	var r, s Relied
	r.On(FactPods, FactPodCIDRs)
	s.On(FactCalicoVersion, FactPods)
	r.Add(&s)
	if got := r.List(); !slices.Equal(got, []Fact{FactCalicoVersion, FactPodCIDRs, FactPods}) {
		t.Errorf("got %v", got)
	}
}

// TestSameObjectInOtherWords: an object that is given twice counts once if both say the same, whichever of Calico's forms
// they have and however they are written.
func TestSameObjectInOtherWords(t *testing.T) {
	const api = "apiVersion: projectcalico.org/v3\nkind: HostEndpoint\nmetadata: {name: alpha, labels: {role: edge}}\nspec: {node: alpha, interfaceName: eth0}\n---\n"
	const stored = "apiVersion: crd.projectcalico.org/v1\nkind: HostEndpoint\nmetadata: {name: alpha, annotations: {projectcalico.org/metadata: '{\"labels\":{\"role\":\"edge\"}}', a: b}}\nspec: {interfaceName: eth0, node: alpha}\n---\n"
	f := load(t, api+stored)
	if len(f.HostEndpoints) != 1 || f.HostEndpoints["alpha"].Labels["role"] != "edge" {
		t.Errorf("%v", f.HostEndpoints)
	}
	pod := "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\nstatus: {phase: Running, podIP: %s}\n---\n"
	for text, same := range map[string]bool{
		api + strings.Replace(stored, "edge", "core", 1):                                                    false,
		api + strings.Replace(stored, "eth0", "eth1", 1):                                                    false,
		strings.Replace(pod, "%s", "10.0.0.1", 1) + strings.Replace(pod, "%s", "10.0.0.2", 1):               false,
		strings.Replace(pod, "%s", "10.0.0.1", 1) + strings.Replace(pod, "%s", "10.0.0.1, hostIP: null", 1): true,
	} {
		if _, findings := Load(read(t, text)); (findings.Len() == 0) != same {
			t.Errorf("%s\n%v", text, findings.All())
		}
	}
}
