package calico

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/policyferry/policyferry/validate/schema/problem"
)

// object reads "Kind name {spec}", with more metadata between name and spec if need be.
func object(t testing.TB, text string, release Release, raw bool) Object {
	t.Helper()
	kind, rest, _ := strings.Cut(text, " ")
	name, spec, _ := strings.Cut(rest, " ")
	meta := ""
	if strings.HasPrefix(spec, "metadata ") {
		meta, spec, _ = strings.Cut(strings.TrimPrefix(spec, "metadata "), " spec ")
		meta = ", " + meta
	}
	var content map[string]any
	document := fmt.Sprintf("{metadata: {name: %q%s}, spec: %s}", name, meta, spec)
	if err := yaml.Unmarshal([]byte(document), &content); err != nil {
		t.Fatalf("%v in %s", err, document)
	}
	return Object{Kind: kind, Name: name, Release: release, Raw: raw, Content: content}
}

func lines(problems problem.List) []string {
	var out []string
	for _, p := range problem.Sorted(problems) {
		out = append(out, p.String())
	}
	return out
}

func ingress(rule string) string { return "NetworkPolicy web {ingress: [" + rule + "]}" }
func egress(rule string) string  { return "GlobalNetworkPolicy web {egress: [" + rule + "]}" }

// ruleCase is a rule with an object that fits it and one that does not.
type ruleCase struct{ rule, accept, refuse, want string }

// cases has one case for every rule of the validator of Calico 3.31.
var cases = []ruleCase{
	{"name", "NetworkSet a.b.c {}", "NetworkSet A {}", `metadata.name: "A" is not a name`},
	{"length of name", "NetworkSet " + strings.Repeat("a", 253) + " {}", "NetworkSet " + strings.Repeat("a", 254) + " {}",
		"metadata.name: the name has 254 characters, 253 are allowed"},
	{"annotation key", `Tier a metadata annotations: {A.io/B: c} spec {}`, `Tier a metadata annotations: {"tier:": c} spec {}`,
		`metadata.annotations[tier:]: "tier:": `},
	{"annotations size", `Tier a metadata annotations: {a: b} spec {}`, `Tier a metadata annotations: {a: ` + strings.Repeat("b", 256<<10) + `} spec {}`,
		"metadata.annotations: the annotations have 262145 bytes together, 262144 are allowed"},
	{"policy name", "NetworkPolicy knp.default.a.b {}", "NetworkPolicy default.a.b {}", `metadata.name: "default.a.b": the name of a policy`},
	{"global policy name", "GlobalNetworkPolicy default.a {}", "GlobalNetworkPolicy knp.default.a {}", `metadata.name: "knp.default.a": the name of a policy`},
	{"staged policy name", "StagedNetworkPolicy ossg.default.a {}", "StagedNetworkPolicy knp.default.a {}", `metadata.name: "knp.default.a": a staged policy cannot`},
	{"tier in name", "GlobalNetworkPolicy sec.a {tier: sec}", "GlobalNetworkPolicy a {tier: sec}", `metadata.name: "a": the name of a policy of tier sec begins with sec.`},
	{"no other tier in name", "NetworkPolicy default.a {}", "NetworkPolicy sec.a {}", `metadata.name: "sec.a": the name of a policy of tier default begins with default.`},
	{"tier of policy", "NetworkPolicy x.a {tier: x}", "NetworkPolicy X.a {tier: X}", `metadata.name: "X.a"` + "\n" + `metadata.name: "X.a"` + "\n" + `spec.tier: "X" is not a name`},
	{"selector", "NetworkPolicy a {selector: \"a == 'b' && has(c)\"}", `NetworkPolicy a {selector: "a = 'b'"}`, "spec.selector: "},
	{"selector of accounts", "NetworkPolicy a {serviceAccountSelector: ''}", "NetworkPolicy a {serviceAccountSelector: a}", "spec.serviceAccountSelector: "},
	{"selector of namespaces", "GlobalNetworkPolicy a {namespaceSelector: all()}", "GlobalNetworkPolicy a {namespaceSelector: kube-system}", "spec.namespaceSelector: "},
	{"selector of entity", ingress("{action: Allow, source: {selector: has(a)}}"), ingress("{action: Allow, source: {selector: has a}}"), "spec.ingress[0].source.selector: "},
	{"not selector of entity", ingress("{action: Allow, source: {notSelector: has(a)}}"), ingress("{action: Allow, source: {notSelector: x}}"), "spec.ingress[0].source.notSelector: "},
	{"namespaces of entity", ingress("{action: Allow, source: {namespaceSelector: has(a)}}"), ingress("{action: Allow, source: {namespaceSelector: x}}"), "spec.ingress[0].source.namespaceSelector: "},
	{"accounts of entity", ingress("{action: Allow, source: {serviceAccounts: {selector: has(a)}}}"), ingress("{action: Allow, source: {serviceAccounts: {selector: x}}}"),
		"spec.ingress[0].source.serviceAccounts.selector: "},
	{"no global in policy", "NetworkPolicy a {selector: all()}", "NetworkPolicy a {selector: global()}", "spec.selector: global() can stand only in"},
	{"no global for accounts", "GlobalNetworkPolicy a {serviceAccountSelector: all()}", "GlobalNetworkPolicy a {serviceAccountSelector: global()}",
		"spec.serviceAccountSelector: global() can stand only in"},
	{"no global for namespaces", "GlobalNetworkPolicy a {namespaceSelector: all()}", "GlobalNetworkPolicy a {namespaceSelector: '!global()'}",
		"spec.namespaceSelector: global() can stand only in"},
	{"no global in selector", ingress("{action: Allow, source: {namespaceSelector: global()}}"), ingress("{action: Allow, source: {selector: global()}}"),
		"spec.ingress[0].source.selector: global() can stand only in"},
	{"global alone", ingress("{action: Allow, source: {namespaceSelector: ' global() '}}"), ingress("{action: Allow, source: {namespaceSelector: global() || all()}}"),
		"spec.ingress[0].source.namespaceSelector: global() cannot be combined"},
	{"types", "NetworkPolicy a {types: [Ingress, Egress]}", "NetworkPolicy a {types: [ingress]}", `spec.types[0]: "ingress" is neither`},
	{"types differ", "NetworkPolicy a {types: []}", "NetworkPolicy a {types: [Egress, Egress]}", `spec.types[1]: "Egress" stands twice`},
	{"hint", "NetworkPolicy a {performanceHints: [AssumeNeededOnEveryNode]}", "NetworkPolicy a {performanceHints: [Fast]}", `spec.performanceHints[0]: "Fast" is not`},
	{"hints differ", "NetworkPolicy a {performanceHints: []}", "NetworkPolicy a {performanceHints: [AssumeNeededOnEveryNode, AssumeNeededOnEveryNode]}",
		`spec.performanceHints[1]: "AssumeNeededOnEveryNode" stands twice`},
	{"staged action", "StagedNetworkPolicy a {stagedAction: Learn}", "StagedNetworkPolicy a {stagedAction: Try}", `spec.stagedAction: "Try" is none of`},
	{"staged delete", "StagedGlobalNetworkPolicy t.a {stagedAction: Delete, tier: t, types: [Ingress]}", "StagedGlobalNetworkPolicy a {stagedAction: Delete, ingress: []}",
		"spec: with stagedAction Delete"},
	{"staged kubernetes action", "StagedKubernetesNetworkPolicy a {stagedAction: Set, podSelector: {}}", "StagedKubernetesNetworkPolicy a {stagedAction: Try}", `spec.stagedAction: "Try"`},
	{"staged kubernetes delete", "StagedKubernetesNetworkPolicy a {stagedAction: Delete, podSelector: {}}", "StagedKubernetesNetworkPolicy a {stagedAction: Delete, policyTypes: [Ingress]}",
		"spec.policyTypes: with stagedAction Delete"},
	{"one host flag", "GlobalNetworkPolicy a {preDNAT: true, applyOnForward: true}", "GlobalNetworkPolicy a {preDNAT: true, doNotTrack: true, applyOnForward: true}",
		"spec.preDNAT: preDNAT and doNotTrack"},
	{"preDNAT egress rules", "GlobalNetworkPolicy a {preDNAT: true, applyOnForward: true, egress: []}", "GlobalNetworkPolicy a {preDNAT: true, applyOnForward: true, egress: [{action: Deny}]}",
		"spec.egress: a policy with preDNAT has no egress"},
	{"preDNAT egress type", "GlobalNetworkPolicy a {preDNAT: true, applyOnForward: true, types: [Ingress]}", "GlobalNetworkPolicy a {preDNAT: true, applyOnForward: true, types: [Ingress, Egress]}",
		"spec.types[1]: a policy with preDNAT is for ingress"},
	{"forward with doNotTrack", "GlobalNetworkPolicy a {doNotTrack: true, applyOnForward: true}", "GlobalNetworkPolicy a {doNotTrack: true}", "spec.doNotTrack: doNotTrack needs applyOnForward"},
	{"forward with preDNAT", "GlobalNetworkPolicy a {preDNAT: false}", "GlobalNetworkPolicy a {preDNAT: true}", "spec.preDNAT: preDNAT needs applyOnForward"},
	{"action", ingress("{action: Log}"), ingress("{action: allow}"), `spec.ingress[0].action: "allow" is none of`},
	{"version", ingress("{action: Pass, ipVersion: 6}"), ingress("{action: Pass, ipVersion: 5}"), "spec.ingress[0].ipVersion: 5 is neither"},
	{"protocol name", ingress("{action: Deny, protocol: UDPLite}"), ingress("{action: Deny, protocol: tcp}"), `spec.ingress[0].protocol: "tcp" is none of`},
	{"protocol number", ingress(`{action: Deny, protocol: "255"}`), ingress("{action: Deny, protocol: 0}"), "spec.ingress[0].protocol: 0 is not a protocol"},
	{"protocol range", ingress("{action: Deny, notProtocol: 1}"), ingress("{action: Deny, notProtocol: 256}"), "spec.ingress[0].notProtocol: json: cannot unmarshal number 256"},
	{"not protocol", ingress("{action: Deny, notProtocol: SCTP}"), ingress("{action: Deny, notProtocol: VRRP}"), `spec.ingress[0].notProtocol: "VRRP" is none of`},
	{"port", ingress("{action: Allow, protocol: TCP, destination: {ports: [65535]}}"), ingress("{action: Allow, protocol: TCP, destination: {ports: [1, 0]}}"),
		"spec.ingress[0].destination.ports[1]: 0 is not a port"},
	{"port too high", ingress("{action: Allow, protocol: TCP, source: {ports: ['65535']}}"), ingress("{action: Allow, protocol: TCP, source: {ports: [65536]}}"),
		"spec.ingress[0].source.ports[0]: json: cannot unmarshal number 65536"},
	{"port range", ingress("{action: Allow, protocol: UDP, source: {notPorts: ['1:2']}}"), ingress("{action: Allow, protocol: UDP, source: {notPorts: ['2:1']}}"),
		"spec.ingress[0].source.notPorts[0]: minimum port number (2) is greater"},
	{"port name", ingress("{action: Allow, protocol: TCP, destination: {ports: [http-alt]}}"), ingress("{action: Allow, protocol: TCP, destination: {ports: [80-90]}}"),
		`spec.ingress[0].destination.ports[0]: "80-90" is not the name of a port`},
	{"port text", ingress("{action: Allow, protocol: TCP, destination: {ports: [a]}}"), ingress("{action: Allow, protocol: TCP, destination: {ports: [10.0.0.0/8]}}"),
		"spec.ingress[0].destination.ports[0]: invalid name for named port"},
	{"ports need protocol", ingress("{action: Allow, protocol: 132, destination: {ports: [1]}}"), ingress("{action: Allow, destination: {ports: [http]}}"),
		"spec.ingress[0].destination.ports: ports need the protocol"},
	{"ports need another protocol", ingress("{action: Allow, protocol: SCTP, source: {notPorts: [1]}}"), ingress("{action: Allow, protocol: UDPLite, source: {notPorts: [1]}}"),
		"spec.ingress[0].source.notPorts: ports need the protocol"},
	{"icmp type", ingress("{action: Allow, protocol: ICMP, icmp: {type: 254}}"), ingress("{action: Allow, protocol: ICMP, icmp: {type: 255}}"), "spec.ingress[0].icmp.type: 255 is not a type"},
	{"icmp code", ingress("{action: Allow, protocol: ICMP, icmp: {type: 3, code: 255}}"), ingress("{action: Allow, notICMP: {type: 3, code: 256}}"), "spec.ingress[0].notICMP.code: 256 is not a code"},
	{"icmp code needs type", ingress("{action: Allow, notICMP: {type: 0}}"), ingress("{action: Allow, protocol: ICMP, icmp: {code: 1}}"), "spec.ingress[0].icmp.code: a code needs a type"},
	{"icmp protocol", ingress("{action: Allow, protocol: ICMPv6, icmp: {type: 1}}"), ingress("{action: Allow, protocol: 1, icmp: {type: 1}}"), "spec.ingress[0].icmp: icmp needs the protocol"},
	{"icmp family", ingress("{action: Allow, protocol: ICMP, ipVersion: 4}"), ingress("{action: Allow, notProtocol: ICMP, ipVersion: 6}"), "spec.ingress[0].ipVersion: 6 does not go with notProtocol ICMP"},
	{"icmpv6 family", ingress("{action: Allow, protocol: 58, ipVersion: 4}"), ingress("{action: Allow, protocol: ICMPv6, ipVersion: 4}"), "spec.ingress[0].ipVersion: 4 does not go with protocol ICMPv6"},
	{"http protocol", ingress("{action: Allow, http: {methods: [GET]}}"), ingress("{action: Allow, protocol: 6, http: {methods: [GET]}}"), "spec.ingress[0].protocol: http goes with"},
	{"http action", ingress("{action: Allow, protocol: TCP, http: {}}"), ingress("{action: Deny, http: {}}"), "spec.ingress[0].http: http can stand only in a rule that allows"},
	{"http direction", ingress("{action: Allow, http: {}}"), egress("{action: Allow, http: {}}"), "spec.egress[0].http: http can stand only in an ingress rule"},
	{"http methods", ingress("{action: Allow, http: {methods: [GET, PUT]}}"), ingress("{action: Allow, http: {methods: [GET, GET]}}"), `spec.ingress[0].http.methods[1]: "GET" stands twice`},
	{"http path", ingress("{action: Allow, http: {paths: [{exact: /a}, {prefix: /}]}}"), ingress("{action: Allow, http: {paths: [{exact: /a, prefix: /b}]}}"), "spec.ingress[0].http.paths[0]: a path is either"},
	{"http some path", ingress("{action: Allow, http: {paths: []}}"), ingress("{action: Allow, http: {paths: [{}]}}"), "spec.ingress[0].http.paths[0]: a path needs"},
	{"http path format", ingress("{action: Allow, http: {paths: [{prefix: /%20}]}}"), ingress("{action: Allow, http: {paths: [{exact: '/a b'}, {prefix: a}]}}"),
		`spec.ingress[0].http.paths[0]: "/a b" is not a path` + "\n" + `spec.ingress[0].http.paths[1]: "a" is not a path`},
	{"net", ingress("{action: Allow, source: {nets: [10.0.0.0/8]}}"), ingress("{action: Allow, source: {nets: [10.0.0.1]}}"), `spec.ingress[0].source.nets[0]: "10.0.0.1" is not a CIDR`},
	{"masked net", ingress("{action: Allow, destination: {notNets: [10.0.0.1/32]}}"), ingress("{action: Allow, destination: {notNets: [10.0.0.1/8]}}"),
		"spec.ingress[0].destination.notNets[0]: 10.0.0.1/8 has bits beyond its prefix; write 10.0.0.0/8"},
	{"catch-all", ingress("{action: Allow, source: {nets: [0.0.0.0/0]}}"), ingress("{action: Allow, source: {notNets: ['0::/0']}}"), "spec.ingress[0].source.notNets[0]: 0::/0 leaves nothing to match"},
	{"one family in a list", ingress("{action: Allow, source: {nets: ['::/1', 'fe80::/10']}}"), ingress("{action: Allow, source: {nets: [10.0.0.0/8, '::/1', '::/2']}}"),
		"spec.ingress[0].source.nets[1]: ::/1 is IPv6 and stands in one rule with IPv4"},
	{"one family in a rule", ingress("{action: Allow, source: {nets: [10.0.0.0/8], notNets: [10.1.0.0/16]}}"), ingress("{action: Allow, source: {nets: [10.0.0.0/8]}, destination: {notNets: ['::/1']}}"),
		"spec.ingress[0].destination.notNets[0]: ::/1 is IPv6 and stands in one rule with IPv4"},
	{"version of nets", ingress("{action: Allow, ipVersion: 4, source: {nets: [10.0.0.0/8]}}"), ingress("{action: Allow, ipVersion: 6, source: {nets: [10.0.0.0/8]}}"),
		"spec.ingress[0].source.nets[0]: 10.0.0.0/8 in a rule with ipVersion 6"},
	{"service name", ingress("{action: Allow, source: {services: {name: a}}}"), ingress("{action: Allow, source: {services: {namespace: a}}}"), "spec.ingress[0].source.services: services need a name"},
	{"service format", ingress("{action: Allow, source: {services: {name: a.b}}}"), ingress("{action: Allow, source: {services: {name: A, namespace: B}}}"),
		`spec.ingress[0].source.services.name: "A" is not a name` + "\n" + `spec.ingress[0].source.services.namespace: "B" is not a name`},
	{"service place in ingress", ingress("{action: Allow, source: {services: {name: a}}}"), ingress("{action: Allow, destination: {services: {name: a}}}"),
		"spec.ingress[0].destination.services: services cannot stand"},
	{"service place in egress", egress("{action: Allow, destination: {services: {name: a, namespace: b}}}"), egress("{action: Allow, source: {services: {name: a, namespace: b}}}"),
		"spec.egress[0].source.services: services cannot stand"},
	{"service namespace", egress("{action: Allow, destination: {services: {name: a, namespace: b}}}"), egress("{action: Allow, destination: {services: {name: a}}}"),
		"spec.egress[0].destination.services: services in a GlobalNetworkPolicy need a namespace"},
	{"service ports", ingress("{action: Allow, protocol: TCP, source: {services: {name: a}, ports: [1]}}"), egress("{action: Allow, protocol: TCP, destination: {services: {name: a, namespace: b}, ports: [1], notPorts: [2]}}"),
		"spec.egress[0].destination.notPorts: notPorts cannot stand beside services\nspec.egress[0].destination.ports: ports cannot stand beside services"},
	{"service alone", ingress("{action: Allow, source: {services: {name: a}, nets: [], selector: ''}}"), ingress("{action: Allow, source: {services: {name: a}, nets: [10.0.0.0/8], selector: all(), serviceAccounts: {}}}"),
		"spec.ingress[0].source.nets: nets cannot\nspec.ingress[0].source.selector: selector cannot\nspec.ingress[0].source.serviceAccounts: serviceAccounts cannot"},
	{"rule annotations", ingress("{action: Allow, metadata: {annotations: {a: b}}}"), ingress("{action: Allow, metadata: {annotations: {'a b': c}}}"), `spec.ingress[0].metadata.annotations[a b]: "a b": `},
	{"set nets", "GlobalNetworkSet a {nets: [10.0.0.1, 10.0.0.1/8, '::1']}", "GlobalNetworkSet a {nets: [10.0.0.0/8, x]}", `spec.nets[1]: "x" is neither`},
	{"set label", "NetworkSet a metadata labels: {a: b} spec {}", "NetworkSet a metadata labels: {projectcalico.org/namespace: b} spec {}",
		"metadata.labels[projectcalico.org/namespace]: the label"},
	{"host endpoint place", "HostEndpoint a {node: n1, interfaceName: '*'}", "HostEndpoint a {node: n1}", "spec: a host endpoint needs interfaceName or expectedIPs"},
	{"host endpoint has node", "HostEndpoint a {node: n1, expectedIPs: ['::1']}", "HostEndpoint a {expectedIPs: [10.0.0.1]}", "spec: a host endpoint needs node"},
	{"node", "HostEndpoint a {node: n1.x, interfaceName: eth0}", "HostEndpoint a {node: N1, interfaceName: eth0}", `spec.node: "N1" is not a name`},
	{"interface", "HostEndpoint a {node: n1, interfaceName: Eth_0.1-b}", "HostEndpoint a {node: n1, interfaceName: eth0123456789012}", `spec.interfaceName: "eth0123456789012" is neither`},
	{"expected address", "HostEndpoint a {node: n1, expectedIPs: [10.0.0.1]}", "HostEndpoint a {node: n1, expectedIPs: [10.0.0.1/32]}", `spec.expectedIPs[0]: "10.0.0.1/32" is not an address`},
	{"profile", "HostEndpoint a {node: n1, interfaceName: '*', profiles: [a.b]}", "HostEndpoint a {node: n1, interfaceName: '*', profiles: [A]}", `spec.profiles[0]: "A" is not the name`},
	{"endpoint port", "HostEndpoint a {node: n1, interfaceName: '*', ports: [{name: a, port: 1, protocol: TCP}]}", "HostEndpoint a {node: n1, interfaceName: '*', ports: [{name: '', port: 0, protocol: ICMP}]}",
		`spec.ports[0].name: "" is not the name of a port` + "\n" + `spec.ports[0].name: "" is not the name of a port` + "\nspec.ports[0].port: 0 is not a port\nspec.ports[0].protocol: ICMP has no ports"},
	{"endpoint port protocol", "HostEndpoint a {node: n1, interfaceName: '*', ports: [{name: a, port: 1, protocol: 17}]}", "HostEndpoint a {node: n1, interfaceName: '*', ports: [{name: a, port: 1, protocol: x}]}",
		`spec.ports[0].protocol: "x" is none of` + "\nspec.ports[0].protocol: x has no ports"},
	{"endpoint port number", "HostEndpoint a {node: n1, interfaceName: '*', ports: [{name: a, port: 65535, protocol: UDP}]}", "HostEndpoint a {node: n1, interfaceName: '*', ports: [{name: a, port: 65536, protocol: UDP}]}",
		"spec.ports[0].port: json: cannot unmarshal number 65536"},
	{"tier label", "Tier " + strings.Repeat("a", 63) + " {}", "Tier a.b {}", `metadata.name: "a.b": the name of a tier`},
	{"tier label length", "Tier a {}", "Tier " + strings.Repeat("a", 64) + " {}", `metadata.name: "aaaa`},
	{"tier order", "Tier default {order: 1000000}", "Tier default {order: 10}", "spec.order: the order of tier default is always 1e+06"},
	{"default order", "Tier default {}", "Tier adminnetworkpolicy {}", "spec.order: the order of tier adminnetworkpolicy is always 1000"},
	{"tier action", "Tier a {defaultAction: Pass}", "Tier a {defaultAction: Allow}", `spec.defaultAction: "Allow" is neither`},
}

func TestValidator(t *testing.T) {
	for _, tc := range cases {
		t.Run(tc.rule, func(t *testing.T) {
			if got := lines(Judge(object(t, tc.accept, 31, false))); len(got) > 0 {
				t.Errorf("refused: %q", got)
			}
			got := lines(Judge(object(t, tc.refuse, 31, false)))
			if want := strings.Split(tc.want, "\n"); !slices.EqualFunc(got, want, strings.HasPrefix) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}
