package snapshot

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
)

// export is a cluster as kubectl writes it, with all that a snapshot must leave out.
const export = `
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Pod
  metadata:
    name: web-0
    namespace: shop
    uid: 11111111-2222-3333-4444-555555555555
    resourceVersion: "77"
    labels: {app: web}
    annotations: {cni.projectcalico.org/containerID: abc, kubectl.kubernetes.io/last-applied-configuration: "{}", vault/token: hidden-1}
    managedFields: [{manager: kubelet}]
    ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: web, uid: x}]
  spec:
    nodeName: alpha
    serviceAccountName: cashier
    containers:
    - name: c
      image: registry.example/web:1
      command: [run, hidden-2]
      env: [{name: PASSWORD, value: hidden-3}]
      ports: [{name: http, containerPort: 8080}]
    volumes: [{name: v, secret: {secretName: hidden-4}}]
  status: {phase: Running, podIP: 10.244.1.10, podIPs: [{ip: 10.244.1.10}], startTime: "2026-01-01T00:00:00Z"}
- apiVersion: v1
  kind: Secret
  metadata: {name: s, namespace: shop}
  data: {password: hidden-5}
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: app, namespace: shop}
  data: {password: hidden-6}
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: cilium-config, namespace: kube-system}
  data: {enable-policy: always, cluster-pool-ipv4-cidr: 10.244.0.0/16}
- apiVersion: v1
  kind: Node
  metadata: {name: alpha, annotations: {projectcalico.org/IPv4VXLANTunnelAddr: 10.244.1.1, csi.example/secret: hidden-7}}
  spec: {podCIDRs: [10.244.1.0/24], providerID: hidden-8}
  status: {addresses: [{type: InternalIP, address: 192.168.10.1}], nodeInfo: {machineID: hidden-9}}
- apiVersion: crd.projectcalico.org/v1
  kind: HostEndpoint
  metadata: {name: alpha, annotations: {projectcalico.org/metadata: '{"uid":"hidden-10","labels":{"role":"edge"}}'}}
  spec: {node: alpha, interfaceName: "*"}
- apiVersion: projectcalico.org/v3
  kind: FelixConfiguration
  metadata: {name: default}
  spec: {bpfEnabled: false, nftablesMode: Enabled, defaultEndpointToHostAction: Drop}
- apiVersion: apps/v1
  kind: DaemonSet
  metadata: {name: cilium, namespace: kube-system}
  spec: {template: {spec: {containers: [{name: cilium-agent, image: "quay.io/cilium/cilium:v1.20.1@sha256:` + digest + `", env: [{name: A, value: hidden-11}]}]}}}
- apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata: {name: closed, namespace: shop}
  spec: {podSelector: {}, policyTypes: [Ingress], ingress: []}
`

const digest = "0123456789012345678901234567890123456789012345678901234567890123"

func fromText(t *testing.T, text string) *Snapshot {
	t.Helper()
	path := filepath.Join(t.TempDir(), "export.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := FromFiles([]string{path}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// contents reads every file below a directory.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		below, _ := filepath.Rel(dir, path)
		out[filepath.ToSlash(below)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWhatIsKept(t *testing.T) {
	s := fromText(t, export)
	dir := filepath.Join(t.TempDir(), "out")
	if err := s.Write(dir, false); err != nil {
		t.Fatal(err)
	}
	files := contents(t, dir)
	for path, text := range files {
		for _, word := range []string{"hidden", "resourceVersion", "uid", "managedFields", "ownerReferences", "image", "containerID", "startTime"} {
			if strings.Contains(text, word) {
				t.Errorf("%s holds %s:\n%s", path, word, text)
			}
		}
	}
	want := `apiVersion: v1
kind: Pod
metadata:
  name: web-0
  namespace: shop
  labels:
    app: web
spec:
  containers:
    - name: c
      ports:
        - name: http
          containerPort: 8080
  nodeName: alpha
  serviceAccountName: cashier
status:
  phase: Running
  podIP: 10.244.1.10
  podIPs:
    - ip: 10.244.1.10
`
	if got := files["namespaces/shop/pods.yaml"]; got != want {
		t.Errorf("pod:\n%s", got)
	}
	if got := files["namespaces/shop/networkpolicies.networking.k8s.io.yaml"]; !strings.Contains(got, "podSelector: {}") || !strings.Contains(got, "ingress: []") {
		t.Errorf("what is empty in a policy means something:\n%s", got)
	}
	if s.PassedOver["Secret"] != 1 || s.PassedOver["ConfigMap"] != 1 {
		t.Errorf("passed over: %v", s.PassedOver)
	}
}

// TestFactsOfASnapshot: the directory, index and all, is what --cluster takes.
func TestFactsOfASnapshot(t *testing.T) {
	s := fromText(t, export)
	s.Spec.Complete = true
	dir := filepath.Join(t.TempDir(), "out")
	if err := s.Write(dir, false); err != nil {
		t.Fatal(err)
	}
	set, problems := source.Read([]string{dir}, nil, source.Options{})
	facts, findings := cluster.Load(set.Documents)
	problems.Append(findings)
	if problems.Len() > 0 {
		t.Fatal(problems.All())
	}
	for fact, want := range map[cluster.Fact]string{
		cluster.FactCiliumVersion: "1.20.1", cluster.FactComplete: "true", cluster.FactPods: "1", cluster.FactPodCIDRs: "10.244.0.0/16",
		cluster.FactDataplane: "nftables", cluster.FactEndpointToHost: "Drop", cluster.FactEnforcementMode: "always",
		cluster.FactNodeCIDRs: "10.244.1.1/32, 192.168.10.1/32", cluster.FactHostEndpoints: "1",
	} {
		if got := facts.Text(fact); got != want {
			t.Errorf("%s: %q, want %q", fact, got, want)
		}
	}
	if facts.HostEndpoints["alpha"].Labels["role"] != "edge" {
		t.Error("the host endpoint lost its labels")
	}
}

// TestSameFiles: neither the order of the objects nor a second pass through a snapshot changes a byte.
func TestSameFiles(t *testing.T) {
	first, second := filepath.Join(t.TempDir(), "out"), filepath.Join(t.TempDir(), "out")
	if err := fromText(t, export).Write(first, false); err != nil {
		t.Fatal(err)
	}
	again, err := FromFiles([]string{first}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Write(second, false); err != nil {
		t.Fatal(err)
	}
	a, b := contents(t, first), contents(t, second)
	if len(a) != len(b) {
		t.Errorf("%d files, then %d", len(a), len(b))
	}
	for path, text := range a {
		if b[path] != text {
			t.Errorf("%s:\n%s\nthen\n%s", path, text, b[path])
		}
	}
}

// TestVersionThatIsStated: a ClusterFacts document tells a CNI's version where no object of the cluster does, and only there.
func TestVersionThatIsStated(t *testing.T) {
	const facts = "apiVersion: policyferry.io/v1alpha1\nkind: ClusterFacts\nspec: {cilium: {version: 1.19.4}}\n---\n"
	const policy = "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: a, namespace: shop}\nspec: {endpointSelector: {}, ingress: [{}]}\n---\n"
	const agent = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: cilium, namespace: kube-system}\n" +
		"spec: {template: {spec: {containers: [{name: cilium-agent, image: 'quay.io/cilium/cilium:v1.20.1'}]}}}\n---\n"
	for text, want := range map[string]CNI{facts + policy: {Version: "1.19.4", From: "ClusterFacts"}, facts + policy + agent: {Version: "1.20.1", From: "DaemonSet kube-system/cilium"}} {
		s := fromText(t, text)
		if got := s.Spec.Cilium; got == nil || got.Version != want.Version || got.From != want.From || len(got.Others) > 0 || s.Findings.Len() > 0 {
			t.Errorf("%+v, %v, want %+v", got, s.Findings.All(), want)
		}
	}
}

func TestTwoVersionsOfOneObject(t *testing.T) {
	ns := "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {a: %q}}\n---\n"
	same := fromText(t, strings.ReplaceAll(ns, "%q", "x")+strings.ReplaceAll(ns, "%q", "x"))
	if same.Findings.Len() > 0 || len(same.Objects) != 1 {
		t.Errorf("%v, %d objects", same.Findings.All(), len(same.Objects))
	}
	differ := fromText(t, strings.ReplaceAll(ns, "%q", "x")+strings.ReplaceAll(ns, "%q", "y"))
	if all := differ.Findings.All(); len(all) != 1 || all[0].Code.ID != "PF1012" {
		t.Errorf("%v", all)
	}
}

// TestAPartIsNotComplete: of a snapshot that has everything, a part is refused, since what is not there would be taken not to
// exist.
func TestAPartIsNotComplete(t *testing.T) {
	s := fromText(t, export)
	s.Spec.Complete = true
	dir := filepath.Join(t.TempDir(), "out")
	if err := s.Write(dir, false); err != nil {
		t.Fatal(err)
	}
	for name, paths := range map[string][]string{"whole": {dir}, "part": {filepath.Join(dir, IndexFile), filepath.Join(dir, "cluster")}} {
		want := 0
		if name == "part" {
			want = 1 // the pods
		}
		set, _ := source.Read(paths, nil, source.Options{})
		_, findings := cluster.Load(set.Documents)
		again, err := FromFiles(paths, nil)
		if err != nil {
			t.Fatal(err)
		}
		for from, list := range map[string]diag.List{"facts": findings, "snapshot": again.Findings} {
			n := 0
			for _, f := range list.All() {
				if f.Code == diag.BadFacts && strings.Contains(f.Message, "all pods, which were 1 when it was taken, and 0 are given") {
					n++
				}
			}
			if n != want {
				t.Errorf("%s, %s: %v", name, from, list.All())
			}
		}
	}
}
