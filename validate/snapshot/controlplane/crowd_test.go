package controlplane

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"testing"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
)

// crowd is a large cluster, and how its objects look. What an object says is a function of its name and of the round in
// which it was last changed, so an object that was read can be held to what it must say.
type crowd struct{ namespaces, pods, policies int }

// crowdKind is a kind of which there are many.
type crowdKind struct {
	apiVersion, kind, resource string
	// spec is what an object says in a round.
	spec func(round int) map[string]any
}

// crowdKinds are pods, and three ways to write a policy.
var crowdKinds = []*crowdKind{
	{"v1", "Pod", "pods", nil},
	{"networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", func(round int) map[string]any {
		return map[string]any{"podSelector": map[string]any{"matchLabels": map[string]any{"app": "web"}}, "policyTypes": []any{"Ingress"},
			"ingress": []any{map[string]any{"from": []any{map[string]any{"podSelector": map[string]any{}}},
				"ports": []any{map[string]any{"protocol": "TCP", "port": 1000 + round}}}}}
	}},
	{"cilium.io/v2", "CiliumNetworkPolicy", "ciliumnetworkpolicies", func(round int) map[string]any {
		return map[string]any{"endpointSelector": map[string]any{"matchLabels": map[string]any{"app": "web"}},
			"ingress": []any{map[string]any{"fromEndpoints": []any{map[string]any{}},
				"toPorts": []any{map[string]any{"ports": []any{map[string]any{"port": strconv.Itoa(1000 + round), "protocol": "TCP"}}}}}}}
	}},
	{"crd.projectcalico.org/v1", "NetworkPolicy", "networkpolicies", func(round int) map[string]any {
		return map[string]any{"tier": "default", "selector": "app == 'web'", "types": []any{"Ingress"},
			"ingress": []any{map[string]any{"action": "Allow", "protocol": "TCP", "source": map[string]any{"selector": "all()"},
				"destination": map[string]any{"ports": []any{1000 + round}}}}}
	}},
}

// list is the path of the list of all namespaces, which the server is asked for.
func (k *crowdKind) list() string {
	if k.apiVersion == "v1" {
		return "/api/v1/" + k.resource
	}
	return "/apis/" + k.apiVersion + "/" + k.resource
}

// within is the path of the kind in a namespace.
func (k *crowdKind) within(namespace string) string {
	at := strings.TrimSuffix(k.list(), k.resource)
	return at + "namespaces/" + namespace + "/" + k.resource
}

// name is a name of the kind.
func (k *crowdKind) name(stem string) string {
	if k.apiVersion == "crd.projectcalico.org/v1" {
		return "default." + stem
	}
	return stem
}

func (k *crowdKind) object(namespace, stem string, round int) map[string]any {
	o := map[string]any{"apiVersion": k.apiVersion, "kind": k.kind, "metadata": map[string]any{
		"name": k.name(stem), "namespace": namespace, "labels": map[string]any{"app": "web", "round": strconv.Itoa(round)}}}
	if k.kind != "Pod" {
		o["spec"] = k.spec(round)
		return o
	}
	o["metadata"].(map[string]any)["annotations"] = map[string]any{"example.com/last-applied": ballast}
	o["spec"] = map[string]any{"nodeName": "node-0", "containers": []any{map[string]any{"name": "c", "image": "registry.invalid/a",
		"env":   []any{map[string]any{"name": "PASSWORD", "value": "hunter2"}},
		"ports": []any{map[string]any{"name": "http", "containerPort": 8080}}}}}
	return o
}

// ballast makes a pod as large as pods are that carry sidecars, environments and what was last applied: about 10 kB.
var ballast = strings.Repeat("what was last applied to it, ", 290)

// podAddress is the address of a pod, by its number.
func podAddress(n int) string { return fmt.Sprintf("10.%d.%d.%d", 100+n/65536, n/256%256, n%256) }

func namespaceName(n int) string { return fmt.Sprintf("ns-%04d", n) }

// populate puts the crowd into a cluster, with many requests at a time.
func (c crowd) populate(t *testing.T, p *plane) {
	t.Helper()
	client := p.discovery.RESTClient()
	var namespaces, objects []func() error
	for n := range c.namespaces {
		namespaces = append(namespaces, func() error {
			return post(client, "/api/v1/namespaces", map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": namespaceName(n)}})
		})
	}
	for n := range c.pods {
		namespace, stem := namespaceName(n%c.namespaces), fmt.Sprintf("pod-%05d", n)
		objects = append(objects, func() error {
			k := crowdKinds[0]
			if err := post(client, k.within(namespace), k.object(namespace, stem, 0)); err != nil {
				return err
			}
			status := map[string]any{"status": map[string]any{"phase": "Running", "podIP": podAddress(n), "podIPs": []any{map[string]any{"ip": podAddress(n)}}}}
			return merge(client, k.within(namespace)+"/"+k.name(stem)+"/status", status)
		})
	}
	for n := range c.policies {
		k := crowdKinds[1+n%(len(crowdKinds)-1)]
		namespace, stem := namespaceName(n/3%c.namespaces), fmt.Sprintf("policy-%05d", n)
		objects = append(objects, func() error { return post(client, k.within(namespace), k.object(namespace, stem, 0)) })
	}
	atOnce(t, namespaces)
	atOnce(t, append(objects, func() error {
		return post(client, "/apis/crd.projectcalico.org/v1/tiers", map[string]any{"apiVersion": "crd.projectcalico.org/v1", "kind": "Tier",
			"metadata": map[string]any{"name": "default"}, "spec": map[string]any{"order": 1000000}})
	}))
}

// atOnce does things, 32 at a time.
func atOnce(t *testing.T, things []func() error) {
	t.Helper()
	todo := make(chan func() error)
	var workers sync.WaitGroup
	for range 32 {
		workers.Go(func() {
			for do := range todo {
				if err := do(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for _, do := range things {
		todo <- do
	}
	close(todo)
	workers.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

func post(client rest.Interface, path string, object map[string]any) error {
	return send(client.Post().SetHeader("Content-Type", "application/json"), path, object)
}

func merge(client rest.Interface, path string, change map[string]any) error {
	return send(client.Patch(types.MergePatchType), path, change)
}

// change puts an object into another round.
func (k *crowdKind) change(client rest.Interface, namespace, name string, round int) error {
	patch := map[string]any{"metadata": map[string]any{"labels": map[string]any{"round": strconv.Itoa(round)}}}
	if k.kind != "Pod" {
		patch["spec"] = maps.Clone(k.spec(round))
	}
	return merge(client, k.within(namespace)+"/"+name, patch)
}

func send(request *rest.Request, path string, object map[string]any) error {
	text, err := json.Marshal(object)
	if err != nil {
		return err
	}
	return request.AbsPath(path).Body(text).Do(context.Background()).Error()
}
