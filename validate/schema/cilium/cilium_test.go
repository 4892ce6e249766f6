package cilium

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/validate/schema/problem"
)

func policy(t testing.TB, spec string) map[string]any {
	t.Helper()
	var object map[string]any
	if err := yaml.Unmarshal([]byte("spec: "+spec), &object); err != nil {
		t.Fatal(err)
	}
	return object
}

func texts(problems problem.List) []string {
	out := make([]string, len(problems))
	for i, p := range problems {
		out[i] = p.String()
	}
	return out
}

// matches holds each text to the wanted beginning, in order.
func matches(got, want []string) bool {
	return slices.EqualFunc(got, want, strings.HasPrefix)
}

// refused are rules that Cilium passes over, with what is wrong with them.
var refused = []struct{ name, spec, want string }{
	{"no rules", `{endpointSelector: {}, ingress: []}`, "spec: rule must have at least one of Ingress"},
	{"no selector", `{ingress: [{}]}`, "spec: rule must have one of EndpointSelector or NodeSelector"},
	{"label of the subject", `{endpointSelector: {matchLabels: {a: ok, app.io/x: "!no", b: "no!"}}, egress: [{}]}`,
		"spec.endpointSelector.matchLabels[app.io/x]: invalid label selector\nspec.endpointSelector.matchLabels.b: invalid label selector"},
	{"operator of the subject", `{endpointSelector: {matchExpressions: [{key: a, operator: Exists}, {key: a, operator: Near}]}, egress: [{}]}`,
		"spec.endpointSelector.matchExpressions[1]: invalid label selector"},
	{"label of a peer", `{endpointSelector: {}, ingress: [{}, {fromEndpoints: [{}, {matchLabels: {k8s:a: "b c"}}]}]}`,
		"spec.ingress[1].fromEndpoints[1].matchLabels[k8s:a]: invalid label selector"},
	{"two peers", `{endpointSelector: {}, egress: [{toEntities: [all], toEndpoints: [{}], toCIDR: [10.0.0.0/8]}]}`,
		"spec.egress[0]: one rule cannot have two kinds of peer"},
	{"entity", `{endpointSelector: {}, egressDeny: [{toEntities: [all, moon]}, {toEntities: [sun]}]}`,
		"spec.egressDeny[0].toEntities[1]: unsupported entity: moon\nspec.egressDeny[1].toEntities[0]: unsupported entity: sun"},
	{"port", `{endpointSelector: {}, ingress: [{toPorts: [{ports: [{port: "80"}, {port: "65536", protocol: TCP}]}]}]}`,
		"spec.ingress[0].toPorts[0].ports[1].port: unable to parse port"},
	{"no port", `{endpointSelector: {}, ingressDeny: [{toPorts: [{ports: [{protocol: TCP}]}]}]}`,
		"spec.ingressDeny[0].toPorts[0].ports[0].protocol: port must be specified"},
	{"http without TCP", `{endpointSelector: {}, ingress: [{toPorts: [{ports: [{port: "80", protocol: ANY}], rules: {http: [{}]}}]}]}`,
		"spec.ingress[0].toPorts[0]: L7 rules can only apply to TCP (not ANY)"},
	{"dns on ingress", `{endpointSelector: {}, ingress: [{toPorts: [{ports: [{port: "53"}], rules: {dns: [{matchPattern: "*"}]}}]}]}`,
		"spec.ingress[0].toPorts[0].rules.dns[0].matchPattern: a layer 7 protocol that is not supported on ingress"},
	{"http on the host", `{nodeSelector: {}, ingress: [{toPorts: [{ports: [{port: "80", protocol: TCP}], rules: {http: [{}]}}]}]}`,
		"spec.ingress[0].toPorts[0].rules.http[0]: L7 policy is not supported on host ingress yet"},
	{"icmp and ports", `{endpointSelector: {}, ingress: [{icmps: [{fields: [{type: 8}]}], toPorts: [{ports: [{port: "80"}]}]}]}`,
		"spec.ingress[0]: the ICMPs block may only be present without ToPorts"},
	{"cidr", `{endpointSelector: {}, egress: [{toCIDR: [10.0.0.0/8, 10.0.0.0/33]}]}`, "spec.egress[0].toCIDR[1]: unable to parse CIDR"},
	{"except", `{endpointSelector: {}, egress: [{toCIDRSet: [{cidr: 10.0.0.0/8, except: [10.1.0.0/16, 11.0.0.0/8]}]}]}`,
		"spec.egress[0].toCIDRSet[0]: allow CIDR prefix 10.0.0.0/8 does not contain exclude CIDR prefix 11.0.0.0/8"},
	{"nodes without the setting", `{endpointSelector: {}, ingress: [{fromNodes: [{}]}]}`,
		`spec.ingress[0].fromNodes[0]: FromNodes/ToNodes rules can only be applied when the "enable-node-selector-labels" flag is set`},
	{"type", `{endpointSelector: {}, ingress: [{fromEntities: all}]}`, "spec.ingress[0].fromEntities: json: cannot unmarshal"},
	{"type beside the rules", `{endpointSelector: {}, ingress: [{}], enableDefaultDeny: {ingress: "no"}}`,
		"spec.enableDefaultDeny.ingress: json: cannot unmarshal"},
	{"icmp name", `{endpointSelector: {}, ingress: [{icmps: [{fields: [{type: Nonsense}]}]}]}`,
		"spec.ingress[0].icmps[0].fields[0].type: "},
}

func TestRefusedRules(t *testing.T) {
	for _, tc := range refused {
		t.Run(tc.name, func(t *testing.T) {
			got := texts(Policy(policy(t, tc.spec), nil, true, cluster.CiliumSettings{}))
			if !matches(got, strings.Split(tc.want, "\n")) {
				t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), tc.want)
			}
		})
	}
}

// TestMissingFields asks of rules at which Cilium's decoding panics.
func TestMissingFields(t *testing.T) {
	for _, spec := range []string{
		`{endpointSelector: {}, ingress: [{icmps: [{fields: [{family: IPv4}]}]}]}`,
		`{endpointSelector: {}, egressDeny: [{icmps: [{fields: [{}]}]}]}`,
	} {
		got := texts(Policy(policy(t, spec), nil, true, cluster.CiliumSettings{}))
		if len(got) != 1 || !strings.Contains(got[0], "icmps[0].fields[0]") || !strings.Contains(got[0], "json: the agent cannot decode it: ") {
			t.Errorf("%s: got %q", spec, got)
		}
	}
}

// accepted are rules that Cilium enforces.
var accepted = []string{
	`{endpointSelector: {}, ingress: [{}]}`,
	`{endpointSelector: {matchLabels: {io.kubernetes.pod.namespace: x}}, egress: [{toEntities: [all], toPorts: [{ports: [{port: "0"}]}]}]}`,
	`{endpointSelector: {}, egress: [{toFQDNs: [{matchPattern: "*.example.com"}]}, {icmps: [{fields: [{type: 8}]}]}]}`,
	`{nodeSelector: {}, ingress: [{fromEntities: [cluster]}]}`,
}

func TestAcceptedRules(t *testing.T) {
	for _, spec := range accepted {
		if got := Policy(policy(t, spec), nil, true, cluster.CiliumSettings{}); len(got) > 0 {
			t.Errorf("%s: %v", spec, got)
		}
	}
}

func TestSettings(t *testing.T) {
	on, off := true, false
	tests := []struct {
		name, spec     string
		accept, refuse cluster.CiliumSettings
	}{
		{"nodes", `{endpointSelector: {}, ingress: [{fromNodes: [{}]}]}`, cluster.CiliumSettings{NodeSelectorLabels: &on}, cluster.CiliumSettings{}},
		{"layer 7", `{endpointSelector: {}, ingress: [{toPorts: [{ports: [{port: "80", protocol: TCP}], rules: {http: [{}]}}]}]}`,
			cluster.CiliumSettings{}, cluster.CiliumSettings{L7Proxy: &off}},
		{"protocols", `{endpointSelector: {}, ingress: [{toPorts: [{ports: [{protocol: VRRP}]}]}]}`,
			cluster.CiliumSettings{ExtendedProtocols: &on}, cluster.CiliumSettings{}},
	}
	for _, tc := range tests {
		if got := Policy(policy(t, tc.spec), nil, false, tc.accept); len(got) > 0 {
			t.Errorf("%s: %v", tc.name, got)
		}
		if got := Policy(policy(t, tc.spec), nil, false, tc.refuse); len(got) == 0 {
			t.Errorf("%s: not refused", tc.name)
		}
	}
}

func TestSettingsSideBySide(t *testing.T) {
	on := true
	object := policy(t, `{endpointSelector: {}, ingress: [{fromNodes: [{}]}]}`)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			settings := cluster.CiliumSettings{}
			if i%2 == 0 {
				settings.NodeSelectorLabels = &on
			}
			for range 50 {
				if got := len(Policy(object, nil, false, settings)); got != i%2 {
					t.Errorf("%d problems with setting %d", got, i%2)
					return
				}
			}
		})
	}
	group.Wait()
}

func TestNodeSelectorIsForClusterwidePolicies(t *testing.T) {
	object := map[string]any{"specs": []any{policy(t, `{nodeSelector: {}, ingress: [{}]}`)["spec"]}}
	got := texts(Policy(object, nil, false, cluster.CiliumSettings{}))
	if !matches(got, []string{"specs[0].nodeSelector: only a CiliumClusterwideNetworkPolicy may select nodes"}) {
		t.Errorf("got %q", got)
	}
}

func TestMessagesDoNotWander(t *testing.T) {
	object := policy(t, `{endpointSelector: {matchLabels: {a: "!", b: "!", c: "!"}}, ingress: [{fromEntities: [all], fromEndpoints: [{}], fromCIDR: ["::/0"]}]}`)
	want := fmt.Sprint(Policy(object, nil, false, cluster.CiliumSettings{}))
	for range 50 {
		if got := fmt.Sprint(Policy(object, nil, false, cluster.CiliumSettings{})); got != want {
			t.Fatalf("got %s, before %s", got, want)
		}
	}
}

func TestCIDRGroup(t *testing.T) {
	got := texts(CIDRGroup(policy(t, `{externalCIDRs: [10.0.0.0/8, 10.0.0.1, "::/0", 010.0.0.0/8]}`), 20))
	if !matches(got, []string{`spec.externalCIDRs[1]: "10.0.0.1" is not a prefix`, `spec.externalCIDRs[3]: "010.0.0.0/8" is not a prefix`}) {
		t.Errorf("got %q", got)
	}
}

func TestSince(t *testing.T) {
	tests := []struct {
		spec  string
		since int
		want  string
	}{
		{`{enableDefaultDeny: {egress: false}}`, 16, "spec.enableDefaultDeny: Cilium has this field since 1.16"},
		{`{ingress: [{}, {fromNodes: [{}]}]}`, 16, "spec.ingress[1].fromNodes: "},
		{`{egressDeny: [{toNodes: [{}]}]}`, 16, "spec.egressDeny[0].toNodes: "},
		{`{ingressDeny: [{fromGroups: [{}]}]}`, 16, "spec.ingressDeny[0].fromGroups: "},
		{`{egress: [{toPorts: [{ports: [{port: "1", endPort: 2}]}]}]}`, 16, "spec.egress[0].toPorts[0].ports[0].endPort: "},
		{`{egress: [{toPorts: [{listener: {priority: 1}}]}]}`, 16, "spec.egress[0].toPorts[0].listener.priority: "},
		{`{egress: [{toCIDRSet: [{cidrGroupSelector: {}}]}]}`, 17, "spec.egress[0].toCIDRSet[0].cidrGroupSelector: "},
		{`{egress: [{toServices: [{}], toPorts: [{}]}]}`, 17, "spec.egress[0]: before Cilium 1.17 toServices"},
		{`{log: {value: x}, endpointSelector: {matchLabels: {log: y}}}`, 18, "spec.log: Cilium has this field since 1.18"},
		{`{egress: [{toPorts: [{ports: [{protocol: VRRP}]}]}]}`, 19, "spec.egress[0].toPorts[0].ports[0].protocol: Cilium takes VRRP here since 1.19"},
		{`{ingress: [{toPorts: [{ports: [{protocol: TCP}, {protocol: GRE}]}]}]}`, 20, "spec.ingress[0].toPorts[0].ports[1].protocol: Cilium takes GRE here since 1.20"},
		{`{ingress: [{fromEntities: [cluster, cluster-mesh]}]}`, 20, "spec.ingress[0].fromEntities[1]: Cilium takes cluster-mesh here since 1.20"},
	}
	for _, tc := range tests {
		object := policy(t, tc.spec)
		if got := Since(object, tc.since); len(got) > 0 {
			t.Errorf("%s in 1.%d: %v", tc.spec, tc.since, got)
		}
		if got := texts(Since(object, tc.since-1)); !matches(got, []string{tc.want}) {
			t.Errorf("%s in 1.%d: got %q, want %q", tc.spec, tc.since-1, got, tc.want)
		}
		several := map[string]any{"specs": []any{map[string]any{}, object["spec"]}}
		if got := texts(Since(several, tc.since-1)); !matches(got, []string{strings.Replace(tc.want, "spec", "specs[1]", 1)}) {
			t.Errorf("%s among specs: got %q", tc.spec, got)
		}
	}
	group := map[string]any{"apiVersion": "cilium.io/v2", "spec": map[string]any{}}
	if got := texts(CIDRGroup(group, 17)); !matches(got, []string{"apiVersion: Cilium has CiliumCIDRGroup as cilium.io/v2 since 1.18"}) {
		t.Errorf("got %q", got)
	}
}
