package mutate

import (
	"slices"
	"strings"
	"testing"
)

const sets = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: a, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: web, k8s:io.kubernetes.pod.namespace: shop}}
  enableDefaultDeny: {ingress: false}
  ingress:
  - fromEntities: [world]
    toPorts:
    - ports: [{port: "80", protocol: TCP}, {port: "81", protocol: TCP}]
  - fromCIDRSet: [{cidr: 10.0.0.0/8, except: [10.1.0.0/16]}]
    icmps: [{fields: [{type: 8, family: IPv4}]}]
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: b, namespace: shop}
spec:
  order: 10
  selector: app == 'web' && projectcalico.org/name != 'x'
  types: [Ingress]
  ingress:
  - {action: Deny, notProtocol: TCP, source: {namespaceSelector: all()}}
  - {action: Allow}
`

// TestEveryMutatorChangesSomething holds each mutator to a change that was written down by hand: what stands in the
// mutant and not in the set.
func TestEveryMutatorChangesSomething(t *testing.T) {
	all, err := All(sets)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := All(sets + "---\nkind: None\n")
	if err != nil || len(whole) != len(all)+1 {
		t.Fatalf("%d mutants, and %d with one more object, which can only be dropped: %v", len(all), len(whole), err)
	}
	for name, want := range map[string]string{
		"a port off by one": `port: "79"`, "a prefix off by one": "cidr: 10.0.0.0/9", "an ICMP type or code off by one": "type: 7",
		"another protocol": "protocol: UDP", "another entity": "- cluster", "drop a not": "protocol: TCP", "add a not": "app != 'web'",
		"lose a label": "selector: projectcalico.org/name != 'x'", "another label value": "app: web-x", "an empty selector": "selector: all()",
		"swap an action": "ingressDeny:", "swap the directions": "toEntities:", "add an empty rule": "- {}", "flip default deny": "ingress: true",
		"move in the order": "order: 0",
	} {
		if !slices.ContainsFunc(all, func(m Mutant) bool { return m.Mutator == name && strings.Contains(m.Text, want) }) {
			t.Errorf("no mutant by %q has %q", name, want)
		}
	}
	for name, lost := range map[string]string{
		"drop an object": "kind: CiliumNetworkPolicy", "drop a rule": "fromCIDRSet", "drop a criterion": "fromEntities", "drop an item": `port: "81"`,
		"drop an exception": "10.1.0.0/16", "lose a namespace": "io.kubernetes.pod.namespace", "swap two rules": "all()\n  - action: Allow",
	} {
		if !slices.ContainsFunc(all, func(m Mutant) bool { return m.Mutator == name && !strings.Contains(m.Text, lost) }) {
			t.Errorf("every mutant by %q still has %q", name, lost)
		}
	}
	for _, name := range Names() {
		if !slices.ContainsFunc(all, func(m Mutant) bool { return m.Mutator == name }) {
			t.Errorf("no mutant by %q", name)
		}
	}
}

// TestMutantsAreDeterministic holds the choice to its seed.
func TestMutantsAreDeterministic(t *testing.T) {
	one, err := Some(sets, 1, 20)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := Some(sets, 1, 20)
	other, _ := Some(sets, 2, 20)
	if !slices.Equal(one, again) {
		t.Error("the same seed gives other mutants")
	}
	if len(one) != 20 || slices.Equal(one, other) {
		t.Error("another seed gives the same mutants")
	}
	for i, m := range one {
		if slices.ContainsFunc(one[i+1:], func(n Mutant) bool { return n.Text == m.Text }) {
			t.Errorf("the mutant of %s (%s) was made twice", m.Place, m.Mutator)
		}
	}
}
