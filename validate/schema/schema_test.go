package schema

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/validate/schema/crd"
)

func target(cni compat.CNI) Target { return Target{Release: compat.Newest(cni)} }

func parse(t testing.TB, text string) map[string]any {
	t.Helper()
	var object map[string]any
	if err := yaml.Unmarshal([]byte(text), &object); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return object
}

func texts(problems []Problem) []string {
	out := []string{}
	for _, p := range problems {
		out = append(out, string(p.Cause)+" "+p.String())
	}
	return out
}

// sound has an object of every kind.
var sound = []string{
	`{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {name: a, namespace: b}, spec: {selector: all(), order: 10.5, ingress: [{action: Allow, protocol: TCP, destination: {ports: [80, "90:91"]}}]}}`,
	`{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {name: a}, spec: {types: [Egress], egress: null}}`,
	`{apiVersion: projectcalico.org/v3, kind: StagedNetworkPolicy, metadata: {name: a}, spec: {stagedAction: Set}}`,
	`{apiVersion: projectcalico.org/v3, kind: StagedGlobalNetworkPolicy, metadata: {name: a}, spec: {preDNAT: true, applyOnForward: true}}`,
	`{apiVersion: projectcalico.org/v3, kind: StagedKubernetesNetworkPolicy, metadata: {name: a}, spec: {podSelector: {}}}`,
	`{apiVersion: projectcalico.org/v3, kind: NetworkSet, metadata: {name: a}, spec: {nets: [10.0.0.0/8]}}`,
	`{apiVersion: projectcalico.org/v3, kind: GlobalNetworkSet, metadata: {name: a, labels: {x/y: z}}, spec: {nets: ["::1"]}}`,
	`{apiVersion: projectcalico.org/v3, kind: HostEndpoint, metadata: {name: a}, spec: {node: x, interfaceName: eth0}}`,
	`{apiVersion: projectcalico.org/v3, kind: Tier, metadata: {name: a}, spec: {order: 1, defaultAction: Pass}}`,
	`{apiVersion: crd.projectcalico.org/v1, kind: NetworkPolicy, metadata: {name: default.a}, spec: {ingress: [{action: allow}]}}`,
	`{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: a}, spec: {endpointSelector: {}, ingress: [{icmps: [{fields: [{type: 8}]}]}]}}`,
	`{apiVersion: cilium.io/v2, kind: CiliumClusterwideNetworkPolicy, metadata: {name: a}, specs: [{nodeSelector: {}, egress: [{toEntities: [all]}]}]}`,
	`{apiVersion: cilium.io/v2, kind: CiliumCIDRGroup, metadata: {name: a}, spec: {externalCIDRs: [10.0.0.0/8]}}`,
	`{apiVersion: cilium.io/v2alpha1, kind: CiliumCIDRGroup, metadata: {name: a}, spec: {externalCIDRs: []}}`,
	`{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a}, spec: {podSelector: {}, ingress: [{ports: [{port: 80, endPort: 90}]}]}}`,
	`{apiVersion: policy.networking.k8s.io/v1alpha1, kind: AdminNetworkPolicy, metadata: {name: a}, spec: {priority: 1, subject: {namespaces: {}}, ingress: [{action: Allow, from: [{namespaces: {}}], ports: [{portNumber: {port: 80}}]}]}}`,
	`{apiVersion: policy.networking.k8s.io/v1alpha1, kind: BaselineAdminNetworkPolicy, metadata: {name: default}, spec: {subject: {namespaces: {}}}}`,
	`{apiVersion: policy.networking.k8s.io/v1alpha2, kind: ClusterNetworkPolicy, metadata: {name: a}, spec: {tier: Admin, priority: 1, subject: {namespaces: {}}}}`,
}

func TestSoundObjects(t *testing.T) {
	met := map[identity]bool{}
	for _, text := range sound {
		object := parse(t, text)
		id := identity{object["apiVersion"].(string), object["kind"].(string)}
		met[id] = true
		before := crd.Copy(object)
		cni := compat.Calico
		if strings.HasPrefix(id.apiVersion, "cilium.io/") {
			cni = compat.Cilium
		}
		if got := Validate(object, target(cni)); len(got) > 0 {
			t.Errorf("%s: %q", text, texts(got))
		}
		if !reflect.DeepEqual(before, crd.Copy(object)) {
			t.Errorf("%s: was changed", text)
		}
		raw, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		if got := ValidateJSON(raw, target(cni)); len(got) > 0 {
			t.Errorf("%s as JSON: %q", text, texts(got))
		}
	}
	for id := range kinds {
		raw := id.apiVersion == "crd.projectcalico.org/v1"
		if !raw && !met[id] {
			t.Errorf("no object of %v", id)
		}
		if _, err := kinds[id].source.Definition(); err != nil {
			t.Errorf("%v: %v", id, err)
		}
	}
}

func TestUnsoundObjects(t *testing.T) {
	calico, ciliumTarget := target(compat.Calico), target(compat.Cilium)
	off := false
	withoutProxy := ciliumTarget
	withoutProxy.Cilium = cluster.CiliumSettings{L7Proxy: &off}
	tests := []struct {
		name   string
		target Target
		object string
		want   []string
	}{
		{"no kind", calico, `{}`, []string{`wrong-value kind: "" of apiVersion "" is not a kind`}},
		{"unknown version", calico, `{apiVersion: v1, kind: NetworkPolicy}`, []string{`wrong-value apiVersion: there is no NetworkPolicy in apiVersion "v1"`}},
		{"other CNI", calico, `{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy}`, []string{"wrong-value kind: Calico 3.31.0 does not read CiliumNetworkPolicy"}},
		{"no name", ciliumTarget, `{apiVersion: cilium.io/v2, kind: CiliumCIDRGroup, spec: {externalCIDRs: []}}`, []string{"wrong-value metadata.name: required value: name or generateName is required"}},
		{"name", ciliumTarget, `{apiVersion: cilium.io/v2, kind: CiliumCIDRGroup, metadata: {name: A}, spec: {externalCIDRs: []}}`, []string{`wrong-value metadata.name: invalid value: "A"`}},
		{"label", ciliumTarget, `{apiVersion: cilium.io/v2, kind: CiliumCIDRGroup, metadata: {name: a, labels: {a/b: "c d"}}, spec: {externalCIDRs: []}}`, []string{`wrong-value metadata.labels: invalid value: "c d"`}},
		{"type in metadata", calico, `{apiVersion: projectcalico.org/v3, kind: Tier, metadata: {name: a, labels: {a: true, b: c, d: 1}}}`,
			[]string{"wrong-value metadata.labels.a: json: cannot unmarshal bool", "wrong-value metadata.labels.d: json: cannot unmarshal number"}},
		{"field of metadata", calico, `{apiVersion: projectcalico.org/v3, kind: Tier, metadata: {name: a, label: b, uid: x}, status: {}}`, []string{"unknown-field metadata.label: metadata has no such field"}},
		{"field of an entity", calico, `{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {name: a}, spec: {ingress: [{action: Allow, source: {domains: [x]}}]}}`,
			[]string{"unknown-field spec.ingress[0].source.domains: there is no such field"}},
		{"schema and rules", calico, `{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {name: a}, spec: {selector: 3, ingress: [{source: {nets: x}}]}}`,
			[]string{"wrong-value spec.ingress[0].action: required value", "wrong-value spec.ingress[0].source.nets: must be of type array", "wrong-value spec.selector: must be of type string"}},
		{"number of a port", calico, `{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {name: a}, spec: {ingress: [{action: Allow, protocol: TCP, source: {ports: [80, 70000]}}]}}`,
			[]string{"wrong-value spec.ingress[0].source.ports[1]: json: cannot unmarshal number 70000"}},
		{"raw", calico, `{apiVersion: crd.projectcalico.org/v1, kind: NetworkPolicy, metadata: {name: a}, spec: {ingress: [{action: Allow, source: {ports: [80], selector: x}}]}}`,
			[]string{"not-enforced spec.ingress[0].source.ports: Felix", "not-enforced spec.ingress[0].source.selector: Felix"}},
		{"staged kubernetes", calico, `{apiVersion: projectcalico.org/v3, kind: StagedKubernetesNetworkPolicy, metadata: {name: a}, spec: {ingress: [{from: [{}]}]}}`,
			[]string{"wrong-value spec.ingress[0].from[0]: a peer needs"}},
		{"no rules", ciliumTarget, `{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: a}, spec: {endpointSelector: {}, ingress: []}}`,
			[]string{"not-enforced spec: rule must have at least one of"}},
		{"agent and schema", ciliumTarget, `{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: a}, spec: {endpointSelector: {}, ingress: [{fromEntities: [moon], toPorts: [{ports: [{port: "65", protocol: X}]}]}]}}`,
			[]string{"not-enforced spec.ingress[0].fromEntities[0]: unsupported entity: moon", `wrong-value spec.ingress[0].fromEntities[0]: unsupported value: "moon"`, "wrong-value spec.ingress[0].toPorts[0].ports[0].protocol: "}},
		{"type for the agent", ciliumTarget, `{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: a}, spec: {endpointSelector: {}, ingress: {}}}`,
			[]string{"wrong-value spec.ingress: must be of type array"}},
		{"address in a group", ciliumTarget, `{apiVersion: cilium.io/v2, kind: CiliumCIDRGroup, metadata: {name: a}, spec: {externalCIDRs: [010.0.0.0/8]}}`,
			[]string{"part-ignored spec.externalCIDRs[0]: "}},
		{"domain names", withoutProxy, `{apiVersion: policy.networking.k8s.io/v1alpha2, kind: ClusterNetworkPolicy, metadata: {name: a}, spec: {tier: Admin, priority: 1, subject: {namespaces: {}}, egress: [{action: Deny, to: [{domainNames: [a.io]}, {nodes: {}}]}]}}`,
			[]string{"not-enforced spec.egress[0].to[0].domainNames: names of domains can only be accepted", "not-enforced spec.egress[0].to[0].domainNames: names of domains need", "not-enforced spec.egress[0].to[1].nodes: peers that are nodes"}},
		{"kubernetes field", calico, `{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a}, spec: {podSelector: {}, stagedAction: Set}}`,
			[]string{"unknown-field spec.stagedAction: "}},
		{"baseline name", calico, `{apiVersion: policy.networking.k8s.io/v1alpha1, kind: BaselineAdminNetworkPolicy, metadata: {name: a}, spec: {subject: {namespaces: {}}}}`,
			[]string{"wrong-value invalid value: Only one baseline"}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			got := texts(Validate(parse(t, tc.object), tc.target))
			if !slices.EqualFunc(got, tc.want, strings.HasPrefix) {
				t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(tc.want, "\n"))
			}
		})
	}
}

func TestJSONText(t *testing.T) {
	const twice = `{"apiVersion":"projectcalico.org/v3","kind":"Tier","metadata":{"name":"a","name":"b"},"spec":{"order":1,"order":2}}`
	got := texts(ValidateJSON([]byte(twice), target(compat.Calico)))
	want := []string{"wrong-value metadata.name: the key stands twice", "wrong-value spec.order: the key stands twice"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := ValidateJSON([]byte(`[]`), target(compat.Calico)); len(got) != 1 {
		t.Errorf("got %v", got)
	}
}
