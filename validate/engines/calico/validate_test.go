package calico

import (
	"os"
	"strings"
	"testing"
)

// TestValidate: v3 objects are asked of the API's validation, raw ones of Felix's filter, and objects of
// others are not asked about.
func TestValidate(t *testing.T) {
	file := t.TempDir() + "/objects.yaml"
	text := `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: good, namespace: shop}
spec: {selector: app == 'db', ingress: [{action: Allow}]}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: bad}
spec: {selector: "app ="}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: no-prefix}
spec: {tier: security}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: security.prefix}
spec: {tier: security}
---
apiVersion: crd.projectcalico.org/v1
kind: GlobalNetworkPolicy
metadata: {name: default.raw}
spec: {ingress: [{action: Allow, source: {nets: [10.0.0.1/8]}}]}
---
apiVersion: crd.projectcalico.org/v1
kind: GlobalNetworkPolicy
metadata: {name: default.raw-bad}
spec: {ingress: [{action: Allow, destination: {ports: [1]}}]}
---
apiVersion: crd.projectcalico.org/v1
kind: GlobalNetworkSet
metadata: {name: lenient}
spec: {nets: [nonsense, 10.0.0.1]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: not-asked}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Validate([]string{file})
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		name  string
		error string // "" for accepted
	}{
		{"good", ""}, {"bad", "Selector"}, {"no-prefix", "Incorrectly formatted policy name"},
		{"security.prefix", ""}, {"default.raw", ""}, {"default.raw-bad", "Ports"}, {"lenient", ""},
	}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i, w := range want {
		g := got[i]
		if g.Name != w.name || g.Accepted != (w.error == "") || !strings.Contains(g.Error, w.error) || g.Accepted != (g.Error == "") {
			t.Errorf("%+v, want %+v", g, w)
		}
	}
}
