package controlplane

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// TestPages: a kind of three pages is whole, each object in it once, at one resource version of a real server.
func TestPages(t *testing.T) {
	apiserver, etcd, program := programs(t)
	p := start(t, apiserver, etcd)
	const accounts = 1100
	on := p.Resource(schema.GroupVersionResource{Version: "v1", Resource: "serviceaccounts"}).Namespace("default")
	todo := make(chan int)
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for i := range todo {
				o := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "ServiceAccount",
					"metadata": map[string]any{"name": fmt.Sprintf("account-%04d", i), "namespace": "default"}}}
				if _, err := on.Create(context.Background(), o, metav1.CreateOptions{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range accounts {
		todo <- i
	}
	close(todo)
	workers.Wait()
	dir := filepath.Join(t.TempDir(), "snapshot")
	if r := policyferry(t, program, "snapshot", "--kubeconfig", p.kubeconfig(t, admin), "-o", dir); r.exit != 0 {
		t.Fatalf("exit code %d\n%s", r.exit, r.stderr)
	}
	files := contents(t, dir)
	text := files["namespaces/default/serviceaccounts.yaml"]
	for i := range accounts {
		if n := strings.Count(text, fmt.Sprintf("name: account-%04d\n", i)); n != 1 {
			t.Fatalf("account-%04d is there %d times", i, n)
		}
	}
	index := regexp.MustCompile(`kind: ServiceAccount\n +objects: 1100\n +resource: serviceaccounts\n +resourceVersion: "\d+"\n`)
	if !index.MatchString(files["snapshot.yaml"]) || !strings.Contains(files["snapshot.yaml"], "complete: true") {
		t.Errorf("index:\n%s", files["snapshot.yaml"])
	}
}
