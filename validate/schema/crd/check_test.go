package crd

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	ciliumv2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/client/crds/v2"
	calicoconfig "github.com/projectcalico/calico/libcalico-go/config"
	"sigs.k8s.io/yaml"

	"github.com/policyferry/policyferry/validate/schema/problem"
)

func ciliumSource(plural string) *Source {
	return alone(func() ([]byte, error) { return ciliumv2.EmbedFS.ReadFile(plural + ".yaml") }, "v2")
}

func calicoSource(plural string) *Source {
	return alone(func() ([]byte, error) {
		return calicoconfig.CRDFiles.ReadFile("crd/crd.projectcalico.org_" + plural + ".yaml")
	}, "v1")
}

// alone is a definition by itself, out of a module.
func alone(read func() ([]byte, error), version string) *Source {
	raw, err := read()
	if err != nil {
		panic(err)
	}
	return single(raw, version)
}

func single(raw []byte, version string) *Source {
	v, err := Parse(raw, version)
	if err != nil {
		panic(err)
	}
	text, err := Compact(v)
	if err != nil {
		panic(err)
	}
	return Open(text).Source(v.Name)
}

var (
	cnp = ciliumSource("ciliumnetworkpolicies")
	gnp = calicoSource("globalnetworkpolicies")
)

func define(t testing.TB, s *Source) *Definition {
	t.Helper()
	d, err := s.Definition()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func parse(t testing.TB, text string) map[string]any {
	t.Helper()
	var object map[string]any
	if err := yaml.Unmarshal([]byte(text), &object); err != nil {
		t.Fatal(err)
	}
	return object
}

const soundCNP = `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: web, labels: {app.kubernetes.io/name: shop}}
spec:
  endpointSelector: {matchLabels: {app: web}, matchExpressions: [{key: tier, operator: In, values: [a, b]}]}
  ingress:
  - fromEndpoints: [{matchLabels: {app: client}}]
    toPorts: [{ports: [{port: "8080", protocol: TCP}, {port: "9000", endPort: 9010}], rules: {http: [{method: GET, path: /x}]}}]
  - fromCIDRSet: [{cidr: 10.0.0.0/8, except: [10.1.0.0/16]}]
    icmps: [{fields: [{type: 8}, {type: EchoReply, family: IPv6}]}]
  egress:
  - toEntities: [world, kube-apiserver]
  - toFQDNs: [{matchName: example.com}, {matchPattern: "*.example.com"}]
  egressDeny:
  - toCIDR: [192.0.2.0/24]
`

func TestUnsoundObjects(t *testing.T) {
	tests := []struct {
		name   string
		source *Source
		spec   string
		want   []string
	}{
		{"unknown field", cnp, `{endpointSelector: {}, ingress: [{fromEntites: [all]}]}`,
			[]string{"spec.ingress[0].fromEntites: there is no such field here; an API server drops it or refuses the object"}},
		{"enum", cnp, `{endpointSelector: {}, ingress: [{fromEntities: [all, moon]}]}`,
			[]string{`spec.ingress[0].fromEntities[1]: unsupported value: "moon": supported values:`}},
		{"one of", cnp, `{endpointSelector: {}, nodeSelector: {}, ingress: [{}]}`,
			[]string{"spec: needs exactly one of endpointSelector, nodeSelector"}},
		{"any of", cnp, `{endpointSelector: {}}`, []string{
			"spec: needs at least one of ingress, ingressDeny, egress, egressDeny"}},
		{"one of in a list", cnp, `{endpointSelector: {}, egress: [{toFQDNs: [{}]}]}`,
			[]string{"spec.egress[0].toFQDNs[0]: needs exactly one of matchName, matchPattern"}},
		{"bare address", cnp, `{endpointSelector: {}, ingress: [{fromCIDR: [10.0.0.1]}]}`,
			[]string{`spec.ingress[0].fromCIDR[0]: must be of type cidr: "10.0.0.1"`}},
		{"type", cnp, `{endpointSelector: {}, ingress: {}}`, []string{`spec.ingress: must be of type array: "object"`}},
		{"label key with dots", cnp, `{endpointSelector: {matchLabels: {io.kubernetes.pod.namespace: [x]}}, ingress: [{}]}`,
			[]string{`spec.endpointSelector.matchLabels[io.kubernetes.pod.namespace]: must be of type string: "array"`}},
		{"null under a chosen key", cnp, `{endpointSelector: {matchLabels: {app: null, tier: ""}}, ingress: [{fromEndpoints: [{matchLabels: null}]}]}`,
			[]string{`spec.endpointSelector.matchLabels.app: null is no value; write "" if the empty one is meant`}},
		{"null in a list", cnp, `{endpointSelector: {}, ingress: [{fromEndpoints: [null]}]}`,
			[]string{`spec.ingress[0].fromEndpoints[0]: must be of type object: "null"`}},
		{"null where a field is required", gnp, `{ingress: [{action: null}]}`, []string{"spec.ingress[0].action: required value"}},
		{"set", cnp, `{endpointSelector: {}, egress: [{toPorts: [{ports: [{port: "443", protocol: TCP}], serverNames: [a.io, a.io]}]}]}`,
			[]string{`spec.egress[0].toPorts[0].serverNames[1]: duplicate value: "a.io"`}},
		{"too many", cnp, `{endpointSelector: {}, ingress: [{fromRequires: [{}]}]}`,
			[]string{`spec.ingress[0].fromRequires[0]: must be of type string`, "spec.ingress[0].fromRequires: too many: 1: must have at most 0 items"}},
		{"minimum", cnp, `{endpointSelector: {}, ingress: [{toPorts: [{ports: [{port: "1", endPort: 65536}]}]}]}`,
			[]string{"spec.ingress[0].toPorts[0].ports[0].endPort: 65536 should be less than or equal to 65535"}},
		{"required", gnp, `{ingress: [{}]}`, []string{"spec.ingress[0].action: required value"}},
		{"int or string", gnp, `{ingress: [{action: Allow, destination: {ports: [true]}}]}`,
			[]string{`spec.ingress[0].destination.ports[0]: must be of type integer,string: "boolean"`,
				"spec.ingress[0].destination.ports[0]: must validate at least one schema (anyOf)",
				`spec.ingress[0].destination.ports[0]: must be of type integer: "boolean"`}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			object := map[string]any{"metadata": map[string]any{}, "spec": parse(t, "spec: "+tc.spec)["spec"]}
			before := Copy(object)
			_, problems := define(t, tc.source).Check(object)
			if len(problems) != len(tc.want) {
				t.Fatalf("got %v, want %q", problems, tc.want)
			}
			for i, want := range tc.want {
				if !strings.HasPrefix(problems[i].String(), want) {
					t.Errorf("got %q, want %q", problems[i], want)
				}
			}
			if !reflect.DeepEqual(before, Copy(object)) {
				t.Error("the object was changed")
			}
		})
	}
}

func TestHintsForUnknownFields(t *testing.T) {
	tests := []struct {
		source     *Source
		spec, want string
	}{
		{cnp, `{endpointSelector: {}, ingress: [{fromEndpoint: [{}]}]}`, `did you mean "fromEndpoints"?`},
		{cnp, `{endpointSelector: {}, ingres: [{}]}`, `did you mean "ingress"?`},
		{cnp, `{endpointSelector: {matchLabel: {a: b}}, ingress: [{}]}`, `did you mean "matchLabels"?`},
		{cnp, `{endpointSelector: {}, ingress: [{toPorts: [{ports: [{porto: "1"}]}]}]}`, `did you mean "port"?`},
		{cnp, `{endpointSelector: {}, ingress: [{source: null}]}`, ""},
		{gnp, `{ingress: [{action: Allow, source: {nameSpaceSelector: all()}}]}`, `did you mean "namespaceSelector"?`},
		{gnp, `{ingress: [{action: Allow, sources: {}}]}`, `did you mean "source"?`},
	}
	for _, tc := range tests {
		_, problems := define(t, tc.source).Check(map[string]any{"metadata": map[string]any{}, "spec": parse(t, "spec: "+tc.spec)["spec"]})
		found := false
		for _, p := range problems {
			found = found || p.Cause == problem.UnknownField && p.Hint == tc.want
		}
		if !found {
			t.Errorf("%s: got %+v, want the hint %q", tc.spec, problems, tc.want)
		}
	}
}

func TestRulesInCEL(t *testing.T) {
	_, problems := define(t, cnp).Check(parse(t, `{apiVersion: x, metadata: {name: x}}`))
	if len(problems) != 1 || !strings.Contains(problems[0].Message, "spec or specs must be provided") {
		t.Errorf("got %v", problems)
	}
}

func TestStored(t *testing.T) {
	tests := []struct{ name, object, want string }{
		{"nulls go", `{spec: {endpointSelector: {}, ingress: [{fromEndpoints: null}], egress: null}}`,
			`{spec: {endpointSelector: {}, ingress: [{}]}}`},
		{"defaults come", `{spec: {endpointSelector: {}, ingress: [{icmps: [{fields: [{type: 8}]}]}]}}`,
			`{spec: {endpointSelector: {}, ingress: [{icmps: [{fields: [{type: 8, family: IPv4}]}]}]}}`},
		{"unknown fields go", `{spec: {endpointSelector: {}, ingress: [{x: 1}]}, y: 2}`,
			`{spec: {endpointSelector: {}, ingress: [{}]}}`},
		{"status goes", `{spec: {endpointSelector: {}, ingress: [null]}, status: {conditions: [{type: 1}]}}`,
			`{spec: {endpointSelector: {}, ingress: [null]}}`},
	}
	for _, tc := range tests {
		stored, _ := define(t, cnp).Check(parse(t, tc.object))
		if want := Copy(parse(t, tc.want)); !reflect.DeepEqual(stored, want) {
			t.Errorf("%s: got %v, want %v", tc.name, stored, want)
		}
	}
}

func TestWalkRecognisesSoundObjects(t *testing.T) {
	d := define(t, cnp)
	object := Copy(parse(t, soundCNP))
	if w := (walk{}); !w.value(d.walk, object) {
		t.Error("a sound object goes the slow way")
	}
	if _, problems := d.Check(object); len(problems) > 0 {
		t.Errorf("got %v", problems)
	}
	native := map[string]any{"spec": map[string]any{"ingress": []any{map[string]any{
		"action": "Allow", "protocol": 6, "destination": map[string]any{"ports": []any{80.0, "90:91"}}}}, "order": 10.5}}
	stored, problems := define(t, gnp).Check(native)
	if len(problems) > 0 {
		t.Errorf("got %v", problems)
	}
	rule := stored["spec"].(map[string]any)["ingress"].([]any)[0].(map[string]any)
	if got := fmt.Sprintf("%T", rule["protocol"]); got != "int64" {
		t.Errorf("the number is stored as %s", got)
	}
}

func BenchmarkDefinition(b *testing.B) {
	for b.Loop() {
		if _, err := Open(bytes.Join(cnp.library.lines, []byte("\n"))).Source(cnp.name).Definition(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkServer is what the first object costs that the walk does not recognise.
func BenchmarkServer(b *testing.B) {
	h, err := cnp.library.head(cnp.name)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := cnp.library.server(cnp.name, h); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	d, object := define(b, cnp), Copy(parse(b, soundCNP))
	b.Run("quick", func(b *testing.B) {
		for b.Loop() {
			d.Check(object)
		}
	})
	b.Run("slow", func(b *testing.B) {
		for b.Loop() {
			d.slow(object)
		}
	})
}
