package calico

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func repeat(n int, format string) string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf(format, i))
	}
	return strings.Join(out, ", ")
}

func TestReleases(t *testing.T) {
	allow := func(fields string) string { return ingress("{action: Allow, " + fields + "}") }
	wide := "[" + repeat(256, "10.%d.0.0/16") + ", 11.0.0.0/8]"
	long := "has(" + strings.Repeat("a", 512) + ") || has(" + strings.Repeat("b", 512) + ")"
	tests := []struct {
		object         string
		accept, refuse Release
		want           string
	}{
		{"Tier a {}", 29, 28, "kind: Calico has Tier since 3.29"},
		{"StagedNetworkPolicy a {}", 30, 29, "kind: Calico has StagedNetworkPolicy since 3.30"},
		{"NetworkPolicy a {tier: default}", 29, 28, "spec.tier: policies have a tier since"},
		{"NetworkPolicy a {performanceHints: [AssumeNeededOnEveryNode]}", 27, 26, "spec.performanceHints: policies have performanceHints since"},
		{"NetworkPolicy default.a {}", 29, 28, `metadata.name: "default.a": before Calico 3.29`},
		{"NetworkPolicy a {tier: sec}", 32, 31, `metadata.name: "a": the name of a policy of tier sec`},
		{"GlobalNetworkPolicy sec.a {tier: other}", 32, 29, `metadata.name: "sec.a"`},
		{allow("source: {notNets: [0.0.0.0/0]}"), 30, 31, "spec.ingress[0].source.notNets[0]: 0.0.0.0/0 leaves nothing"},
		{allow("destination: {ports: [http, dns]}"), 32, 31, "spec.ingress[0].destination.ports: ports need"},
		{allow("source: {nets: [10.0.0.0/8, 10.0.0.0/8]}"), 31, 32, `spec.ingress[0].source.nets[1]: "10.0.0.0/8" stands twice`},
		{allow("source: {notNets: [10.0.0.0/8, 10.0.0.0/8]}"), 32, 33, `spec.ingress[0].source.notNets[1]: "10.0.0.0/8" stands twice`},
		{allow("source: {serviceAccounts: {names: [a, a]}}"), 31, 32, `spec.ingress[0].source.serviceAccounts.names[1]: "a" stands twice`},
		{allow("http: {methods: [" + repeat(21, "M%d") + "]}"), 31, 32, "spec.ingress[0].http.methods: 21 methods, 20 are allowed"},
		{allow("http: {paths: [" + repeat(21, "{exact: /%d}") + "]}"), 31, 32, "spec.ingress[0].http.paths: 21 paths, 20 are allowed"},
		{allow("http: {paths: [{prefix: /" + strings.Repeat("a", 1024) + "}]}"), 31, 32, "spec.ingress[0].http.paths[0].prefix: 1025 characters"},
		{allow("protocol: 1, icmp: {type: 8}"), 33, 32, "spec.ingress[0].icmp: icmp needs"},
		{allow("protocol: 58, ipVersion: 4"), 32, 33, "spec.ingress[0].ipVersion: 4 does not go with protocol 58"},
		{allow("protocol: 6, http: {}"), 33, 32, "spec.ingress[0].protocol: http goes with"},
		{allow("source: {nets: " + wide + "}"), 32, 33, "spec.ingress[0].source.nets: 257 networks, 256 are allowed"},
		{allow("protocol: TCP, destination: {notPorts: [" + repeat(51, "1%d") + "]}"), 32, 33, "spec.ingress[0].destination.notPorts: 51 ports, 50 are allowed"},
		{allow("source: {notSelector: " + long + "}"), 32, 33, "spec.ingress[0].source.notSelector: 1038 characters, 1024 are allowed"},
		{allow("source: {services: {name: " + strings.Repeat("a", 254) + "}}"), 32, 33, "spec.ingress[0].source.services.name: 254 characters"},
		{"GlobalNetworkPolicy a {selector: '" + long + "'}", 32, 33, "spec.selector: 1038 characters, 1024 are allowed"},
		{"GlobalNetworkPolicy a {egress: [" + repeat(1025, "{action: Log, source: {selector: has(a%d)}}") + "]}", 32, 33, "spec.egress: 1025 rules, 1024 are allowed"},
		{"GlobalNetworkSet a {nets: [10.0.0.1, 10.0.0.1]}", 31, 32, `spec.nets[1]: "10.0.0.1" stands twice`},
		{"HostEndpoint a {node: n1, expectedIPs: [10.0.0.1, 10.0.0.1]}", 31, 32, `spec.expectedIPs[1]: "10.0.0.1" stands twice`},
		{"HostEndpoint a {node: n1, interfaceName: '*', profiles: [a, a]}", 31, 32, `spec.profiles[1]: "a" stands twice`},
		{"Tier kube-admin {order: 1000, defaultAction: Deny}", 31, 32, "spec.defaultAction: the default action of tier kube-admin is always Pass"},
		{"Tier kube-baseline {defaultAction: Pass}", 31, 32, "spec.order: the order of tier kube-baseline is always 1e+07"},
		{"Tier default {defaultAction: Pass}", 31, 32, "spec.defaultAction: the default action of tier default is always Deny"},
		{"Tier adminnetworkpolicy {}", 32, 31, "spec.order: the order of tier adminnetworkpolicy is always 1000"},
	}
	for _, tc := range tests {
		t.Run(tc.want, func(t *testing.T) {
			if got := lines(Judge(object(t, tc.object, tc.accept, false))); len(got) > 0 {
				t.Errorf("3.%d refuses it: %q", tc.accept, got)
			}
			got := lines(Judge(object(t, tc.object, tc.refuse, false)))
			if !slices.EqualFunc(got, []string{tc.want}, strings.HasPrefix) {
				t.Errorf("3.%d says %q, want %q", tc.refuse, got, tc.want)
			}
		})
	}
}

// TestRaw has what nobody validates and Felix makes something of.
func TestRaw(t *testing.T) {
	tests := []struct{ object, want string }{
		{ingress("{action: allow, protocol: tcp, destination: {ports: [80]}}"), ""},
		{ingress("{action: '', source: {nets: [10.0.0.1, 10.0.0.1/8, '::1']}}"), ""},
		{ingress("{action: Allow, icmp: {code: 1}}"), ""},
		{ingress("{action: PASS, destination: {services: {name: a}, ports: []}}"), ""},
		{"NetworkPolicy A.B.c {types: [INGRESS]}", ""},
		{ingress("{action: Nope}"), `not-enforced spec.ingress[0].action: Felix stops at the action "Nope"`},
		{ingress("{action: Allow, destination: {ports: [80]}}"), "not-enforced spec.ingress[0].destination.ports: Felix treats the whole policy as missing: ports need"},
		{ingress("{action: Allow, protocol: UDPLite, destination: {ports: [80]}}"), "not-enforced spec.ingress[0].destination.ports: Felix treats"},
		{ingress("{action: Allow, protocol: TCP, destination: {ports: [0, 80-90]}}"),
			"not-enforced spec.ingress[0].destination.ports[0]: Felix treats the whole policy as missing: 0 is not a port\nnot-enforced spec.ingress[0].destination.ports[1]: Felix treats"},
		{ingress("{action: Allow, protocol: TCP, destination: {ports: ['90:80']}}"), "not-enforced spec.ingress[0].destination.ports[0]: Calico cannot read this"},
		{ingress("{action: Allow, protocol: xyz, notProtocol: 0}"), "not-enforced spec.ingress[0].notProtocol: Felix treats\nnot-enforced spec.ingress[0].protocol: Felix treats"},
		{ingress("{action: Allow, ipVersion: 7}"), "not-enforced spec.ingress[0].ipVersion: Felix treats"},
		{ingress("{action: Allow, icmp: {type: 255}}"), "not-enforced spec.ingress[0].icmp: Felix treats"},
		{ingress("{action: Allow, source: {selector: 'a = b', serviceAccounts: {selector: x}}}"),
			"not-enforced spec.ingress[0].source.selector: Felix treats\nnot-enforced spec.ingress[0].source.serviceAccounts.selector: Felix treats"},
		{ingress(`{action: Allow, source: {nets: [x], serviceAccounts: {names: ["a'b"]}}}`),
			"part-ignored spec.ingress[0].source.nets[0]: Felix leaves out\npart-ignored spec.ingress[0].source.serviceAccounts.names[0]: "},
		{"GlobalNetworkPolicy a {selector: x}", "not-enforced spec.selector: Felix treats"},
		{"GlobalNetworkPolicy a {namespaceSelector: x, serviceAccountSelector: z}", "part-ignored spec.namespaceSelector: Felix passes over\npart-ignored spec.serviceAccountSelector: Felix passes over"},
		{"GlobalNetworkPolicy a {tier: sec}", "part-ignored spec.tier: Felix takes the tier from the name and puts the policy into default"},
		{"GlobalNetworkPolicy a {types: [Sideways]}", `part-ignored spec.types[0]: Felix knows ingress and egress and passes over "Sideways"`},
		{"GlobalNetworkPolicy a {performanceHints: [Fast]}", "not-enforced spec.performanceHints[0]: Felix treats"},
		{"NetworkSet a {nets: [x]}", "not-enforced spec.nets[0]: Felix stops at"},
		{"NetworkSet a {nets: ['']}", "part-ignored spec.nets[0]: Felix leaves out"},
		{"GlobalNetworkSet a {nets: [x]}", "part-ignored spec.nets[0]: Felix leaves out"},
		{"HostEndpoint a {node: n1, interfaceName: eth/0, profiles: ['a b'], expectedIPs: [x], ports: [{name: a, protocol: 6, port: 1}]}",
			"part-ignored spec.expectedIPs[0]: Felix\nnot-enforced spec.interfaceName: Felix\nnot-enforced spec.ports[0]: Felix\nnot-enforced spec.profiles[0]: Felix"},
		{"HostEndpoint a {interfaceName: '*'}", "not-enforced spec: Felix treats the host endpoint as missing: it names no node"},
		{"HostEndpoint a {node: n1}", "not-enforced spec: neither interfaceName nor expectedIPs"},
		{"Tier a.b {defaultAction: Sideways}", ""},
	}
	for _, tc := range tests {
		var got []string
		for _, p := range Judge(object(t, tc.object, 31, true)) {
			got = append(got, string(p.Cause)+" "+p.String())
		}
		slices.SortFunc(got, func(a, b string) int { return strings.Compare(a[strings.Index(a, " "):], b[strings.Index(b, " "):]) })
		var want []string
		if tc.want != "" {
			want = strings.Split(tc.want, "\n")
		}
		if !slices.EqualFunc(got, want, strings.HasPrefix) {
			t.Errorf("%s: got %q, want %q", tc.object, got, want)
		}
	}
}

// TestRawMeetsTheDefinition has rules that came into the definitions of the kinds, which nobody gets past.
func TestRawMeetsTheDefinition(t *testing.T) {
	tests := []struct {
		object string
		since  Release
	}{
		{ingress("{action: Allow, ipVersion: 6, icmp: {code: 1}}"), 32},
		{"GlobalNetworkPolicy a {preDNAT: true}", 32},
		{"GlobalNetworkPolicy a {types: [ingress]}", 32},
		{ingress("{action: Allow, source: {nets: [10.0.0.0/8, 10.0.0.0/8]}}"), 32},
		{ingress("{action: Allow, source: {selector: 'has(global)', services: {name: a}}}"), 33},
		{"NetworkPolicy a {selector: global()}", 33},
		{"Tier default {order: 1}", 33},
		{"Tier kube-admin {}", 32},
	}
	for _, tc := range tests {
		if got := Judge(object(t, tc.object, tc.since-1, true)); len(got) > 0 {
			t.Errorf("%s in 3.%d: %v", tc.object, tc.since-1, got)
		}
		if got := Judge(object(t, tc.object, tc.since, true)); len(got) == 0 {
			t.Errorf("%s in 3.%d: nothing", tc.object, tc.since)
		}
	}
}
