package crossing

import (
	"reflect"
	"testing"

	"github.com/policyferry/policyferry/translate/compat"
)

// TestGuardLeavesOutPods: a standard policy isolates db already, in one direction. The guard leaves out db in that
// direction, and nobody else of its namespace: they are isolated only on the way, by the first of two policies.
func TestGuardLeavesOutPods(t *testing.T) {
	const standard = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec: {podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}
---
`
	const calico = standard + `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: from-web, namespace: shop}
spec: {selector: app == 'cart', types: [Ingress], ingress: [{action: Allow, source: {selector: app == 'web'}}]}
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: from-db, namespace: shop}
spec: {selector: app == 'cart', types: [Ingress], ingress: [{action: Allow, source: {selector: app == 'db'}}]}
`
	const cilium = standard + `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: from-web, namespace: shop}
spec: {endpointSelector: {matchLabels: {app: cart}}, ingress: [{fromEndpoints: [{matchLabels: {app: web}}]}]}
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: from-db, namespace: shop}
spec: {endpointSelector: {matchLabels: {app: cart}}, ingress: [{fromEndpoints: [{matchLabels: {app: db}}]}]}
`
	for to, text := range map[compat.CNI]string{compat.Cilium: calico, compat.Calico: cilium} {
		p, err := crossing(t, to, text).Enforced()
		if err != nil || p.Problem != nil || !p.Changes[0].Guard {
			t.Errorf("to %s: %+v, %v", to, p, err)
		}
	}
}

// TestLayers: what concerns nobody in common stands in one layer, and what concerns everyone between layers.
func TestLayers(t *testing.T) {
	some := []step{
		{concerns: []int{1}}, {concerns: []int{2}}, {concerns: []int{1, 2}}, {concerns: []int{3}}, {everyone: true}, {concerns: []int{3}}, {},
	}
	got, depth := layers(some)
	if want := []int{1, 1, 2, 1, 3, 4, 4}; !reflect.DeepEqual(got, want) || depth != 4 {
		t.Errorf("%v, depth %d; want %v", got, depth, want)
	}
}

// TestOrderUnderCilium: denies, what isolates nobody, what isolates, what allows nothing.
func TestOrderUnderCilium(t *testing.T) {
	const text = `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: a-closes, namespace: shop}
spec: {endpointSelector: {}, ingress: [{}], egress: [{}]}
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: b-isolates, namespace: shop}
spec: {endpointSelector: {}, ingress: [{fromEntities: [cluster]}]}
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: c-adds, namespace: shop}
spec: {endpointSelector: {}, enableDefaultDeny: {ingress: false}, ingress: [{fromEntities: [host]}]}
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: d-denies, namespace: shop}
specs: [{endpointSelector: {}, ingressDeny: [{fromEntities: [world]}]}]
`
	var names string
	for _, d := range ordered(read(t, "set", text), compat.Cilium) {
		names += d.Object.Name + " "
	}
	if want := "d-denies c-adds b-isolates a-closes "; names != want {
		t.Errorf("%s, want %s", names, want)
	}
}
