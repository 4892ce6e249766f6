package snapshot_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/validate/snapshot"
	"github.com/policyferry/policyferry/validate/snapshot/fakeapi"
)

// everything is one object of many kinds, and what no snapshot may hold.
const everything = `
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
{apiVersion: v1, kind: Namespace, metadata: {name: pay}}
{apiVersion: v1, kind: Node, metadata: {name: alpha}, status: {addresses: [{type: InternalIP, address: 192.168.10.1}]}}
{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: shop}}
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}, spec: {containers: [{name: c, env: [{name: A, value: hidden}]}]}, status: {phase: Running, podIP: 10.244.1.10}}
{apiVersion: v1, kind: Pod, metadata: {name: api, namespace: pay}, spec: {containers: [{name: c}]}, status: {phase: Running, podIP: 10.244.1.11}}
{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {clusterIP: 10.96.0.1}}
{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: web, namespace: shop}, addressType: IPv4, endpoints: [], ports: []}
{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: shop}, data: {a: hidden}}
{apiVersion: v1, kind: ConfigMap, metadata: {name: other, namespace: kube-system}, data: {a: hidden}}
{apiVersion: v1, kind: ConfigMap, metadata: {name: cilium-config, namespace: kube-system}, data: {enable-policy: default}}
{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: cilium, namespace: kube-system}, spec: {template: {spec: {containers: [{name: cilium-agent, image: "quay.io/cilium/cilium:v1.19.3", env: [{name: A, value: hidden}]}]}}}}
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: closed, namespace: shop}, spec: {podSelector: {}}}
{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: web, namespace: shop}, spec: {endpointSelector: {}, ingress: [{}]}}
{apiVersion: cilium.io/v2, kind: CiliumEgressGatewayPolicy, metadata: {name: out}, spec: {}}
`

func objects(t *testing.T, text string) []map[string]any {
	t.Helper()
	var out []map[string]any
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		var o map[string]any
		if err := yaml.Unmarshal([]byte(line), &o); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		out = append(out, o)
	}
	return out
}

func take(t *testing.T, s *fakeapi.Server, opt snapshot.Options) (*snapshot.Snapshot, error) {
	t.Helper()
	t.Cleanup(s.Close)
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(path, []byte(s.Kubeconfig()), 0o600); err != nil {
		t.Fatal(err)
	}
	config, name, err := snapshot.Connect(path, "")
	if err != nil || name != "test" {
		t.Fatalf("%q, %v", name, err)
	}
	opt.Pause = time.Millisecond
	return snapshot.FromCluster(context.Background(), config, opt)
}

func mustTake(t *testing.T, s *fakeapi.Server, opt snapshot.Options) *snapshot.Snapshot {
	t.Helper()
	taken, err := take(t, s, opt)
	if err != nil {
		t.Fatal(err)
	}
	return taken
}

// names lists the objects of a snapshot.
func names(s *snapshot.Snapshot) []string {
	var out []string
	for _, o := range s.Objects {
		out = append(out, o.Kind+" "+o.Namespace+"/"+o.Name)
	}
	return out
}

func codes(s *snapshot.Snapshot) []string {
	var out []string
	for _, f := range s.Findings.Sorted() {
		word, _, _ := strings.Cut(f.Message, " ")
		out = append(out, f.Code.ID+" "+string(f.Effect())+" "+word)
	}
	return out
}

func TestLive(t *testing.T) {
	server := fakeapi.New(objects(t, everything), fakeapi.Trouble{})
	s := mustTake(t, server, snapshot.Options{PageSize: 1, Context: "test"})
	want := []string{
		"CiliumEgressGatewayPolicy /out", "CiliumNetworkPolicy shop/web", "ConfigMap kube-system/cilium-config", "EndpointSlice shop/web",
		"Namespace /pay", "Namespace /shop", "NetworkPolicy shop/closed", "Node /alpha", "Pod pay/api", "Pod shop/web",
		"ServiceAccount shop/default", "Service shop/web",
	}
	if got := names(s); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if len(codes(s)) > 0 || !s.Spec.Complete || s.Spec.Cilium == nil || s.Spec.Cilium.Version != "1.19.3" || s.Spec.Kubernetes != "v1.34.4" {
		t.Errorf("%q, %+v", codes(s), s.Spec)
	}
	for _, o := range s.Objects {
		if strings.Contains(string(o.JSON), "hidden") {
			t.Errorf("%s", o.JSON)
		}
	}
	for _, asked := range server.Asked {
		if !strings.HasPrefix(asked, "GET ") || strings.Contains(asked, "secrets") || strings.Contains(asked, "watch") ||
			strings.Contains(asked, "configmaps") && !strings.Contains(asked, "/configmaps/cilium-config") ||
			strings.Contains(asked, "resourceVersion") {
			t.Errorf("asked for %s", asked)
		}
	}
	for _, r := range s.Spec.Resources {
		if r.Resource == "pods" && (r.Objects != 2 || r.ResourceVersion != "1000" || r.Missing != "") {
			t.Errorf("%+v", r)
		}
	}
}

// TestWhatMayNotBeRead: everything else is read, and what is missing is said with what that means.
func TestWhatMayNotBeRead(t *testing.T) {
	for name, c := range map[string]struct {
		trouble  fakeapi.Trouble
		want     []string
		complete bool
		missing  string
	}{
		"pods": {fakeapi.Trouble{Forbid: []string{"pods"}}, []string{"PF5001 narrows pods"}, false, "not permitted"},
		"policy": {fakeapi.Trouble{Forbid: []string{"ciliumnetworkpolicies.cilium.io"}},
			[]string{"PF5001 refused ciliumnetworkpolicies.cilium.io"}, true, "not permitted"},
		"what moves": {fakeapi.Trouble{Forbid: []string{"ciliumegressgatewaypolicies.cilium.io"}},
			[]string{"PF5001 inert ciliumegressgatewaypolicies.cilium.io"}, true, "not permitted"},
		"settings":        {fakeapi.Trouble{Forbid: []string{"configmaps"}}, []string{"PF5001 narrows configmaps"}, true, "not permitted"},
		"the agents":      {fakeapi.Trouble{Forbid: []string{"daemonsets.apps"}}, []string{"PF5003 exact there"}, true, ""},
		"an API is down":  {fakeapi.Trouble{Down: []string{"discovery.k8s.io"}}, []string{"PF5002 narrows endpointslices.discovery.k8s.io"}, true, "not answered"},
		"one that passes": {fakeapi.Trouble{Fail: 3}, nil, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := mustTake(t, fakeapi.New(objects(t, everything), c.trouble), snapshot.Options{})
			if got := codes(s); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if s.Spec.Complete != c.complete || len(s.Objects) < 10 {
				t.Errorf("complete %v, objects %q", s.Spec.Complete, names(s))
			}
			var missing []string
			for _, r := range s.Spec.Resources {
				if r.Missing != "" {
					missing = append(missing, r.Missing)
				}
			}
			if strings.Join(missing, ",") != c.missing {
				t.Errorf("missing %q", missing)
			}
		})
	}
}

// TestPagesThatExpire: a list whose pages expire is begun again and is whole in the end, each object in it once.
func TestPagesThatExpire(t *testing.T) {
	var text strings.Builder
	for i := range 250 {
		fmt.Fprintf(&text, "{apiVersion: v1, kind: Namespace, metadata: {name: ns-%03d}}\n", i)
	}
	for _, expire := range []int{0, 1, 2, 3, -1} {
		server := fakeapi.New(objects(t, text.String()), fakeapi.Trouble{Expire: expire})
		told := 0
		s := mustTake(t, server, snapshot.Options{PageSize: 100, Progress: func(step snapshot.Step) {
			if step.Resource == "namespaces" {
				told = max(told, step.Read)
				if step.Of != 250 || step.Kind != 1 || step.Kinds < 5 {
					t.Errorf("%+v", step)
				}
			}
		}})
		if len(s.Objects) != 250 || s.Findings.Len() > 0 || told != 250 {
			t.Errorf("expire %d: %d objects, told %d, %v", expire, len(s.Objects), told, s.Findings.All())
		}
	}
}

func TestSomeNamespaces(t *testing.T) {
	server := fakeapi.New(objects(t, everything), fakeapi.Trouble{})
	s := mustTake(t, server, snapshot.Options{Namespaces: []string{"pay"}})
	if got := names(s); slices.ContainsFunc(got, func(n string) bool { return strings.Contains(n, "shop") }) || !slices.Contains(got, "Pod pay/api") || !slices.Contains(got, "Namespace /pay") {
		t.Errorf("%q", got)
	}
	if s.Spec.Complete {
		t.Error("a part of the cluster is not all there is")
	}
	if !slices.ContainsFunc(server.Asked, func(a string) bool { return strings.HasPrefix(a, "GET /api/v1/namespaces/pay/pods?") }) {
		t.Errorf("%q", server.Asked)
	}
}

func TestANamespaceThatIsNotThere(t *testing.T) {
	_, err := take(t, fakeapi.New(objects(t, everything), fakeapi.Trouble{}), snapshot.Options{Namespaces: []string{"pay", "sohp"}})
	if err == nil || err.Error() != `the cluster has no namespace "sohp"` {
		t.Errorf("%v", err)
	}
}

const bothForms = `
{apiVersion: projectcalico.org/v3, kind: Tier, metadata: {name: default}, spec: {}}
{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {name: default.a}, spec: {}}
`

// TestWhichFormOfCalico: the custom resources are read where Calico uses them, its API where it does not.
func TestWhichFormOfCalico(t *testing.T) {
	stored := strings.ReplaceAll(bothForms, "projectcalico.org/v3", "crd.projectcalico.org/v1")
	unused := `{apiVersion: crd.projectcalico.org/v1, kind: GlobalNetworkPolicy, metadata: {name: old}, spec: {}}`
	for name, c := range map[string]struct {
		text    string
		trouble fakeapi.Trouble
		want    string
		codes   []string
	}{
		"both":                   {bothForms + stored, fakeapi.Trouble{}, "crd.projectcalico.org/v1", nil},
		"the API only":           {bothForms, fakeapi.Trouble{}, "projectcalico.org/v3", nil},
		"custom resources only":  {stored, fakeapi.Trouble{}, "crd.projectcalico.org/v1", nil},
		"left over":              {bothForms + unused, fakeapi.Trouble{}, "projectcalico.org/v3", nil},
		"the API is down":        {bothForms + stored, fakeapi.Trouble{Down: []string{"projectcalico.org"}}, "crd.projectcalico.org/v1", nil},
		"the store is forbidden": {bothForms + stored, fakeapi.Trouble{Forbid: []string{"tiers.crd.projectcalico.org"}}, "projectcalico.org/v3", []string{"PF5001 narrows the"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := mustTake(t, fakeapi.New(objects(t, c.text), c.trouble), snapshot.Options{})
			found := 0
			for _, o := range s.Objects {
				if o.Kind == "GlobalNetworkPolicy" {
					found++
					if o.APIVersion != c.want {
						t.Errorf("read %s", o.APIVersion)
					}
				}
			}
			got := slices.DeleteFunc(codes(s), func(c string) bool { return strings.HasPrefix(c, diag.VersionUnknown.ID) })
			if found != 1 || !slices.Equal(got, c.codes) {
				t.Errorf("%d policies, %q", found, got)
			}
		})
	}
}

func TestNoServer(t *testing.T) {
	server := fakeapi.New(nil, fakeapi.Trouble{})
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(path, []byte(server.Kubeconfig()), 0o600); err != nil {
		t.Fatal(err)
	}
	server.Close()
	config, _, err := snapshot.Connect(path, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := snapshot.FromCluster(context.Background(), config, snapshot.Options{Pause: time.Millisecond}); err == nil || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("%v", err)
	}
	if _, _, err := snapshot.Connect(path, "other"); err == nil {
		t.Error("there is no such context")
	}
	if _, _, err := snapshot.Connect(filepath.Join(t.TempDir(), "missing"), ""); err == nil {
		t.Error("there is no such file")
	}
}

// TestInterrupted: nothing is taken of a cluster that could not be read to the end.
func TestInterrupted(t *testing.T) {
	server := fakeapi.New(objects(t, everything), fakeapi.Trouble{})
	t.Cleanup(server.Close)
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(path, []byte(server.Kubeconfig()), 0o600); err != nil {
		t.Fatal(err)
	}
	config, _, err := snapshot.Connect(path, "")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	opt := snapshot.Options{Pause: time.Millisecond, Progress: func(step snapshot.Step) {
		if step.Resource == "pods" {
			cancel()
		}
	}}
	if s, err := snapshot.FromCluster(ctx, config, opt); err == nil {
		t.Errorf("taken: %q", names(s))
	}
}
