package controlplane

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/restmapper"
)

// root is the root of the repository.
const root = "../../.."

// cached is a discovery client that forgets nothing, as the mapper wants one.
type cached struct{ *discovery.DiscoveryClient }

func (cached) Fresh() bool { return true }
func (cached) Invalidate() {}

// read reads the objects of YAML files below a path.
func read(t *testing.T, path string) []*unstructured.Unstructured {
	t.Helper()
	var out []*unstructured.Unstructured
	err := filepath.WalkDir(path, func(file string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(file) != ".yaml" {
			return err
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(data), 4096)
		for {
			u := &unstructured.Unstructured{}
			if err := decoder.Decode(&u.Object); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			if u.Object == nil {
				continue
			}
			if u.IsList() {
				list, err := u.ToList()
				if err != nil {
					return err
				}
				for i := range list.Items {
					out = append(out, &list.Items[i])
				}
				continue
			}
			out = append(out, u)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// moduleDir is where the sources of a module lie that the main module requires.
func moduleDir(t *testing.T, module string) string {
	t.Helper()
	cmd := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil || len(bytes.TrimSpace(out)) == 0 {
		t.Fatalf("go list -m %s: %v, %q", module, err, out)
	}
	return string(bytes.TrimSpace(out))
}

// definitions installs the definitions of both CNIs' kinds, as their modules have them.
func (p *plane) definitions(t *testing.T) {
	t.Helper()
	crds := slices.Concat(
		read(t, filepath.Join(moduleDir(t, "github.com/projectcalico/calico"), "libcalico-go", "config", "crd")),
		read(t, filepath.Join(moduleDir(t, "github.com/cilium/cilium"), "pkg", "k8s", "apis", "cilium.io", "client", "crds")),
	)
	on := p.Resource(schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"})
	for _, crd := range crds {
		if _, err := on.Create(context.Background(), crd, metav1.CreateOptions{}); err != nil {
			t.Fatalf("%s: %v", crd.GetName(), err)
		}
	}
	for _, crd := range crds {
		eventually(t, crd.GetName()+" is served", func() error {
			now, err := on.Get(context.Background(), crd.GetName(), metav1.GetOptions{})
			if err != nil {
				return err
			}
			conditions, _, _ := unstructured.NestedSlice(now.Object, "status", "conditions")
			for _, c := range conditions {
				if c, ok := c.(map[string]any); ok && c["type"] == "Established" && c["status"] == "True" {
					return nil
				}
			}
			return errors.New("not established")
		})
	}
}

// interfaceOf is where an object is to be sent.
func (p *plane) interfaceOf(mapper *restmapper.DeferredDiscoveryRESTMapper, o *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	mapping, err := mapper.RESTMapping(o.GroupVersionKind().GroupKind(), o.GroupVersionKind().Version)
	if err != nil {
		return nil, err
	}
	if mapping.Scope.Name() != "namespace" {
		return p.Resource(mapping.Resource), nil
	}
	if o.GetNamespace() == "" {
		o.SetNamespace("default")
	}
	return p.Resource(mapping.Resource).Namespace(o.GetNamespace()), nil
}

// create creates objects with their status. What the server has made itself stays as it is.
func (p *plane) create(t *testing.T, objects []*unstructured.Unstructured) {
	t.Helper()
	mapper := p.mapper(t)
	for _, o := range objects {
		on, err := p.interfaceOf(mapper, o)
		if err != nil {
			t.Fatalf("%s %s: %v", o.GetKind(), o.GetName(), err)
		}
		status, hasStatus := o.Object["status"]
		made, err := on.Create(context.Background(), o, metav1.CreateOptions{})
		if apierrors.IsAlreadyExists(err) {
			continue
		}
		if err != nil {
			t.Fatalf("%s %s/%s: %v", o.GetKind(), o.GetNamespace(), o.GetName(), err)
		}
		if hasStatus && (o.GetKind() == "Pod" || o.GetKind() == "Node" || o.GetKind() == "Service") {
			made.Object["status"] = status
			if _, err := on.UpdateStatus(context.Background(), made, metav1.UpdateOptions{}); err != nil {
				t.Fatalf("status of %s %s/%s: %v", o.GetKind(), o.GetNamespace(), o.GetName(), err)
			}
		}
	}
}

// creatable puts objects into the order in which an API server takes them, and makes pods complete.
func creatable(objects []*unstructured.Unstructured) []*unstructured.Unstructured {
	var out []*unstructured.Unstructured
	for _, o := range objects {
		if strings.HasPrefix(o.GetAPIVersion(), "policyferry.io/") || o.GetKind() == "Service" && o.GetName() == "kubernetes" {
			continue // no object of a cluster; one that the server makes itself
		}
		o = stored(o)
		if o.GetKind() == "Pod" {
			containers, _, _ := unstructured.NestedSlice(o.Object, "spec", "containers")
			for _, c := range containers {
				c := c.(map[string]any)
				c["image"] = "registry.invalid/secret-image"
				c["env"] = []any{map[string]any{"name": "PASSWORD", "value": "hunter2"}}
			}
			_ = unstructured.SetNestedSlice(o.Object, containers, "spec", "containers")
		}
		out = append(out, o)
	}
	rank := func(o *unstructured.Unstructured) int {
		return slices.Index([]string{"Tier", "Node", "Namespace"}, o.GetKind())
	}
	slices.SortStableFunc(out, func(a, b *unstructured.Unstructured) int { return rank(b) - rank(a) })
	return out
}

// stored turns an object of Calico's API into the custom resource that Calico keeps it in: the name with its tier, the
// types said, the labels in an annotation (libcalico-go/lib/backend/k8s/resources/resources.go).
func stored(o *unstructured.Unstructured) *unstructured.Unstructured {
	if o.GetAPIVersion() != "projectcalico.org/v3" {
		return o
	}
	o = o.DeepCopy()
	o.SetAPIVersion("crd.projectcalico.org/v1")
	meta := map[string]any{}
	if labels := o.GetLabels(); len(labels) > 0 {
		meta["labels"] = labels
		o.SetLabels(nil)
	}
	if strings.HasSuffix(o.GetKind(), "NetworkPolicy") && o.GetKind() != "StagedKubernetesNetworkPolicy" {
		tier, _, _ := unstructured.NestedString(o.Object, "spec", "tier")
		if tier == "" {
			tier = "default"
			_ = unstructured.SetNestedField(o.Object, tier, "spec", "tier")
		}
		if !strings.HasPrefix(o.GetName(), tier+".") {
			meta["name"] = o.GetName()
			o.SetName(tier + "." + o.GetName())
		}
		setTypes(o)
	}
	if len(meta) > 0 {
		text, err := json.Marshal(meta)
		if err != nil {
			panic(err)
		}
		o.SetAnnotations(map[string]string{"projectcalico.org/metadata": string(text)})
	}
	return o
}

// setTypes says the types that go without saying (api/pkg/apis/projectcalico/v3/globalnetworkpolicy.go).
func setTypes(o *unstructured.Unstructured) {
	spec, _ := o.Object["spec"].(map[string]any)
	if spec["types"] != nil {
		return
	}
	in, out := spec["ingress"] != nil, spec["egress"] != nil
	switch {
	case in && out:
		spec["types"] = []any{"Ingress", "Egress"}
	case out:
		spec["types"] = []any{"Egress"}
	default:
		spec["types"] = []any{"Ingress"}
	}
}
