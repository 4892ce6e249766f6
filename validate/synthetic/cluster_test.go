package synthetic

import (
	"maps"
	"slices"
	"testing"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/source"
)

const policies = `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: default.db, namespace: shop}
spec:
  selector: app == 'db' && tier in {'back', 'middle'}
  ingress:
  - action: Allow
    protocol: TCP
    source: {namespaceSelector: team == 'money', selector: "role == 'api' || !has(batch)"}
    destination: {ports: [postgres]}
---
apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata: {name: web}
spec:
  endpointSelector: {matchLabels: {"k8s:app": web, k8s:io.kubernetes.pod.namespace: front}}
  egress:
  - toEndpoints: [{matchLabels: {io.cilium.k8s.policy.serviceaccount: cashier, "reserved:host": ""}}]
`

// TestCluster makes a cluster and looks for whom the policies mean.
func TestCluster(t *testing.T) {
	docs, problems := source.ReadBytes("policies.yaml", []byte(policies), source.Options{})
	if problems.Len() > 0 {
		t.Fatal(problems.All())
	}
	made, err := Cluster(docs)
	if err != nil {
		t.Fatal(err)
	}
	facts, problems := cluster.Load(made)
	if problems.Len() > 0 {
		t.Fatal(problems.All())
	}
	if got, want := slices.Sorted(maps.Keys(facts.Namespaces)), []string{"default", "front", "shop", "synthetic-1", "synthetic-elsewhere"}; !slices.Equal(got, want) {
		t.Errorf("namespaces %v, want %v", got, want)
	}
	if facts.Namespaces["synthetic-1"].Labels["team"] != "money" {
		t.Error("no namespace has the labels that a selector asks for")
	}
	for name, want := range map[string]func(*cluster.Pod) bool{
		"a database behind":     func(p *cluster.Pod) bool { return p.Labels["app"] == "db" && p.Labels["tier"] == "back" },
		"one in the middle":     func(p *cluster.Pod) bool { return p.Labels["app"] == "db" && p.Labels["tier"] == "middle" },
		"an API with the money": func(p *cluster.Pod) bool { return p.Namespace == "synthetic-1" && p.Labels["role"] == "api" },
		"a batch job":           func(p *cluster.Pod) bool { return p.Labels["batch"] != "" },
		"web in its namespace":  func(p *cluster.Pod) bool { return p.Namespace == "front" && p.Labels["app"] == "web" },
		"a cashier":             func(p *cluster.Pod) bool { return p.ServiceAccount == "cashier" },
		"somebody bare":         func(p *cluster.Pod) bool { return len(p.Labels) == 0 },
		"a port with the name":  func(p *cluster.Pod) bool { return len(p.Ports) == 1 && p.Ports[0].Name == "postgres" },
	} {
		if len(facts.PodsWith(want)) < 2 {
			t.Errorf("there are no two pods that are %s", name)
		}
	}
	if svc := facts.Service("default", "kubernetes"); svc == nil || len(svc.Backends) != 1 || svc.Backends[0].Port != 6443 {
		t.Errorf("the API server is %+v", svc)
	}
	if found := facts.PodsWith(func(p *cluster.Pod) bool { _, ok := p.Labels["host"]; return ok }); len(found) > 0 {
		t.Error("a reserved label became one of a pod")
	}
}

// TestClusterIsDeterministic makes the same cluster of the same policies.
func TestClusterIsDeterministic(t *testing.T) {
	docs, _ := source.ReadBytes("policies.yaml", []byte(policies), source.Options{})
	var before []string
	for range 5 {
		made, err := Cluster(docs)
		if err != nil {
			t.Fatal(err)
		}
		var now []string
		for _, d := range made {
			text, err := d.JSON()
			if err != nil {
				t.Fatal(err)
			}
			now = append(now, string(text))
		}
		if before != nil && !slices.Equal(before, now) {
			t.Fatal("two runs make different clusters")
		}
		before = now
	}
}
