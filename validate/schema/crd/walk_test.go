package crd

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	kubejson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// everyDefinition opens what the program has, by name.
func everyDefinition(t testing.TB) map[string]*Definition {
	t.Helper()
	text, err := os.ReadFile("../definitions/definitions.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	library := Open(text)
	var heads map[string]head
	if err := json.Unmarshal(library.lines[0], &heads); err != nil {
		t.Fatal(err)
	}
	out := map[string]*Definition{}
	for name := range heads {
		out[name] = define(t, library.Source(name))
	}
	return out
}

// notLaxer holds the walk to the API server's code: what it accepts, that accepts, and stores the same. It reports
// whether the walk accepts the object.
func notLaxer(t *testing.T, name string, d *Definition, object map[string]any) bool {
	t.Helper()
	if w := (walk{}); !w.value(d.walk, object) {
		return false
	}
	quick, got := d.Check(object)
	slow, want := d.slow(object)
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v\nhere %v, the API server says %v", name, object, got, want)
	}
	// Numbers of an object that is stored as it stands are already those of Kubernetes.
	if !reflect.DeepEqual(quick, slow) {
		t.Errorf("%s: stored as %v, by the API server as %v", name, quick, slow)
	}
	return true
}

// soundSpecs are specs that make the walk go through everything that it knows.
var soundSpecs = map[string]string{
	"ciliumclusterwidenetworkpolicies.cilium.io/v2": `{nodeSelector: {}, ingress: [{fromEntities: [all], icmps: [{fields: [{type: 8}]}]}], ingressDeny: [{fromCIDR: [10.0.0.0/8]}]}`,
	"ciliumcidrgroups.cilium.io/v2":                 `{externalCIDRs: [10.0.0.0/8, "::/0"]}`,
	"globalnetworkpolicies.crd.projectcalico.org/v1": `{order: 1.5, selector: all(), types: [Ingress], ingress: [
		{action: Allow, protocol: TCP, source: {nets: [10.0.0.0/8]}, destination: {ports: [80, "90:91", http]}, metadata: {annotations: {a: b}}}]}`,
	"tiers.crd.projectcalico.org/v1":         `{order: 1, defaultAction: Pass}`,
	"hostendpoints.crd.projectcalico.org/v1": `{node: a, expectedIPs: [10.0.0.1], ports: [{name: a, port: 1, protocol: TCP}]}`,
	"networkpolicies.networking.k8s.io/v1":   `{podSelector: {}, ingress: [{ports: [{port: 80, endPort: 90}, {port: http, protocol: UDP}], from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}`,
	"adminnetworkpolicies.policy.networking.k8s.io/v1alpha1": `{priority: 1, subject: {namespaces: {}}, egress: [
		{action: Allow, to: [{networks: [10.0.0.0/8]}], ports: [{portNumber: {port: 80}}]}, {action: Deny, to: [{namespaces: {}}], ports: [{namedPort: x}]}]}`,
	"clusternetworkpolicies.policy.networking.k8s.io/v1alpha2": `{tier: Admin, priority: 1, subject: {namespaces: {}}, egress: [
		{action: Accept, to: [{networks: [10.0.0.0/8]}], protocols: [{tcp: {destinationPort: {range: {start: 1, end: 2}}}}]}]}`,
}

// TestWalkIsNeverLaxer changes sound objects in every place in every way.
func TestWalkIsNeverLaxer(t *testing.T) {
	all := everyDefinition(t)
	objects := map[string]map[string]any{"ciliumnetworkpolicies.cilium.io/v2": parse(t, soundCNP)}
	for name, spec := range soundSpecs {
		objects[name] = parse(t, "{metadata: {name: x}, spec: "+spec+"}")
	}
	objects["ciliumclusterwidenetworkpolicies.cilium.io/v2"]["status"] = map[string]any{} // is dropped
	for name, object := range objects {
		accepted := 0
		mutate(Copy(object), func(object map[string]any) {
			if notLaxer(t, name, all[name], object) {
				accepted++
			}
		})
		if accepted < 4 {
			t.Errorf("%s: only %d mutants were accepted", name, accepted)
		}
	}
}

// TestWalkOnCorpus holds the walk to the API server's code on real policies.
func TestWalkOnCorpus(t *testing.T) {
	dir := os.Getenv("POLICYFERRY_CORPUS")
	if dir == "" {
		t.Skip("POLICYFERRY_CORPUS is not set: it names a directory of real policies")
	}
	all := everyDefinition(t)
	names := slices.Sorted(maps.Keys(all))
	accepted := 0
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".yaml") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var object map[string]any
		if yaml.Unmarshal(text, &object) != nil {
			return nil // what cannot be read is not validated
		}
		object = Copy(object)
		for _, name := range names {
			if kind, _ := object["kind"].(string); !meant(name, kind) {
				continue
			}
			if notLaxer(t, path, all[name], object) {
				accepted++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if accepted < 100 {
		t.Errorf("only %d objects were accepted", accepted)
	}
	t.Logf("the walk accepts %d objects", accepted)
}

// meant reports whether a definition is that of a kind.
func meant(definition, kind string) bool {
	plural, _, _ := strings.Cut(definition, ".")
	kind = strings.ToLower(kind)
	return plural == kind+"s" || plural == strings.TrimSuffix(kind, "y")+"ies"
}

// FuzzWalk holds the walk to the API server's code on whatever JSON there is.
func FuzzWalk(f *testing.F) {
	all := everyDefinition(f)
	names := slices.Sorted(maps.Keys(all))
	for i, name := range names {
		spec := soundSpecs[name]
		if name == "ciliumnetworkpolicies.cilium.io/v2" || spec == "" {
			spec = "{endpointSelector: {}, egress: [{toPorts: [{ports: [{port: '53', protocol: UDP}], rules: {dns: [{matchPattern: '*'}]}}]}]}"
		}
		text, err := yaml.YAMLToJSON([]byte("{metadata: {name: x}, spec: " + spec + "}"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), text)
	}
	f.Fuzz(func(t *testing.T, which uint8, text []byte) {
		var object map[string]any
		if _, err := kubejson.UnmarshalStrict(text, &object); err != nil {
			return
		}
		name := names[int(which)%len(names)]
		notLaxer(t, name, all[name], object)
	})
}

// mutate shows the object with each of its values replaced or taken away, one at a time.
func mutate(root map[string]any, show func(map[string]any)) {
	values := []any{nil, true, int64(0), int64(-1), int64(70000), int64(1) << 40, 2.5, "", "0", "x y", "10.0.0.1", "::/0",
		strings.Repeat("a", 300), []any{}, []any{"a", "a"}, []any{nil}, map[string]any{}, map[string]any{"x": "y"}}
	var visit func(container any)
	visit = func(container any) {
		switch c := container.(type) {
		case map[string]any:
			keys := make([]string, 0, len(c))
			for k := range c {
				keys = append(keys, k)
			}
			slices.Sort(keys)
			for _, k := range keys {
				old := c[k]
				visit(old)
				for _, v := range values {
					c[k] = v
					show(root)
				}
				delete(c, k)
				show(root)
				c[k] = old
			}
			c["bogus"] = "x"
			show(root)
			delete(c, "bogus")
		case []any:
			for i, old := range c {
				visit(old)
				for _, v := range values {
					c[i] = v
					show(root)
				}
				c[i] = old
			}
		}
	}
	visit(root)
}
