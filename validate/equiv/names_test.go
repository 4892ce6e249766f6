package equiv

import (
	"slices"
	"testing"

	"github.com/policyferry/policyferry/validate/verdict/calico"
	"github.com/policyferry/policyferry/validate/verdict/cilium"
)

func egressTo(peers string) string {
	return `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: out, namespace: shop}
spec: {endpointSelector: {matchLabels: {app: web}}, egress: [` + peers + `]}
`
}

// TestNames: rules about DNS names are the same on both sides, or sets that seem equivalent may not be.
func TestNames(t *testing.T) {
	const (
		name, otherName = `{toFQDNs: [{matchName: a.example}]}`, `{toFQDNs: [{matchPattern: "*.example"}]}`
		closed          = `{toCIDR: [192.0.2.1/32]}`
		clusterPolicy   = `
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: names}
spec:
  tier: Admin
  priority: 1
  subject: {namespaces: {}}
  egress: [{action: Accept, to: [{domainNames: [a.example]}]}]
`
		denied = `---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: never, namespace: shop}
spec: {endpointSelector: {matchLabels: {app: web}}, egressDeny: [{toCIDR: [198.51.100.0/24]}]}
`
		tierDenied = `---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: never}
spec:
  tier: Admin
  priority: 1
  subject: {pods: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}, podSelector: {matchLabels: {app: web}}}}
  egress: [{action: Deny, to: [{networks: [198.51.100.0/24]}]}]
`
		nothing  = `{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: shop}}`
		noPolicy = `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: odd, namespace: shop}
spec: [1]
`
	)
	for about, c := range map[string]struct {
		left, right    string
		answer         Answer
		apart, mayOpen bool
	}{
		"no names":           {egressTo(closed), egressTo(closed), Equivalent, false, false},
		"the same":           {egressTo(name), egressTo(name), Equivalent, true, false},
		"another":            {egressTo(name), egressTo(otherName), Unknown, true, true},
		"on the left only":   {egressTo(name + "," + closed), egressTo(closed), Unknown, true, false},
		"on the right only":  {egressTo(closed), egressTo(name + "," + closed), Unknown, true, true},
		"beside what is not": {egressTo(name + "," + closed), egressTo(name), Less, true, true},
		"in another kind":    {clusterPolicy, nothing, Unknown, true, false},
		"a deny less":        {egressTo(name) + denied, egressTo(name), Unknown, true, true},
		"the same denies":    {egressTo(name) + denied, egressTo(name) + denied, Equivalent, true, false},
		"no name to deny":    {egressTo(closed) + denied, egressTo(closed), Equivalent, false, false},
		"a deny of a tier":   {egressTo(name) + tierDenied, egressTo(name), Unknown, true, true},
		"no policy at all":   {noPolicy, noPolicy, Equivalent, false, false},
	} {
		t.Run(about, func(t *testing.T) {
			facts := castFacts(t)
			on := true
			facts.Cilium.ClusterNetworkPolicy = &on
			left, right := side(t, c.left, facts, cilium.New), side(t, c.right, facts, cilium.New)
			r, err := Compare(left, right, facts, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Names(left, right); err != nil {
				t.Fatal(err)
			}
			if r.Answer != c.answer || r.MayOpen != c.mayOpen || slices.Contains(r.Apart, aboutNames) != c.apart {
				t.Errorf("%s, may open %v, apart %v", r.Answer, r.MayOpen, r.Apart)
			}
		})
	}
	for pattern, want := range map[string]Answer{"**.example": Unknown, "*.": Unknown, "*.example": Equivalent} {
		older, newer := castFacts(t), castFacts(t)
		older.Cilium.Version, newer.Cilium.Version = "1.18.5", "1.19.1"
		set := egressTo(`{toFQDNs: [{matchPattern: "` + pattern + `"}]}`)
		r := &Result{Answer: Equivalent}
		if err := r.Names(side(t, set, older, cilium.New), side(t, set, newer, cilium.New)); err != nil || r.Answer != want {
			t.Errorf("%s, read by another release: %v, %s", pattern, err, r.Answer)
		}
	}
	facts := castFacts(t) // nothing in Calico is about names
	left, right := side(t, nothing, facts, calico.New), side(t, egressTo(name), facts, cilium.New)
	r := &Result{Answer: Equivalent}
	if err := r.Names(left, right); err != nil || r.Answer != Unknown || !r.MayOpen {
		t.Errorf("%v: %+v", err, r)
	}
}
