package kubernetes

import (
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/policyferry/policyferry/validate/schema/crd"
	"github.com/policyferry/policyferry/validate/schema/problem"
)

func object(t testing.TB, spec string) map[string]any {
	t.Helper()
	var out map[string]any
	if err := yaml.Unmarshal([]byte("{metadata: {}, spec: "+spec+"}"), &out); err != nil {
		t.Fatal(err)
	}
	return crd.Copy(out)
}

func texts(problems problem.List) string {
	var out []string
	for _, p := range problems {
		out = append(out, p.String())
	}
	return strings.Join(out, "\n")
}

// One case for what is accepted and one for what is refused, a rule.
func TestNetworkPolicy(t *testing.T) {
	tests := []struct{ rule, accept, refuse, want string }{
		{"protocol", `{ingress: [{ports: [{protocol: SCTP}]}]}`, `{ingress: [{ports: [{protocol: ICMP}]}]}`,
			`spec.ingress[0].ports[0].protocol: "ICMP" is none of TCP, UDP and SCTP`},
		{"port number", `{egress: [{ports: [{port: 65535}]}]}`, `{egress: [{ports: [{port: 0}]}]}`,
			"spec.egress[0].ports[0].port: 0: must be between 1 and 65535, inclusive"},
		{"port name", `{ingress: [{ports: [{port: http-alt}]}]}`, `{ingress: [{ports: [{port: "80"}]}]}`,
			"spec.ingress[0].ports[0].port: \"80\": must contain at least one letter"},
		{"port name length", `{ingress: [{ports: [{port: abcdefghijklmno}]}]}`, `{ingress: [{ports: [{port: abcdefghijklmnop}]}]}`,
			"spec.ingress[0].ports[0].port: \"abcdefghijklmnop\": must be no more than 15 characters"},
		{"end without port", `{ingress: [{ports: [{port: 1, endPort: 1}]}]}`, `{ingress: [{ports: [{endPort: 1}]}]}`,
			"spec.ingress[0].ports[0].endPort: endPort needs a port to begin with"},
		{"end with name", `{ingress: [{ports: [{port: http}]}]}`, `{ingress: [{ports: [{port: http, endPort: 1}]}]}`,
			`spec.ingress[0].ports[0].endPort: endPort needs a port that is a number, not "http"`},
		{"end below port", `{ingress: [{ports: [{port: 80, endPort: 90}]}]}`, `{ingress: [{ports: [{port: 80, endPort: 79}]}]}`,
			"spec.ingress[0].ports[0].endPort: the end 79 is below the port 80"},
		{"end number", `{ingress: [{ports: [{port: 80, endPort: 65535}]}]}`, `{ingress: [{ports: [{port: 80, endPort: 65536}]}]}`,
			"spec.ingress[0].ports[0].endPort: 65536: must be between 1 and 65535, inclusive"},
		{"some peer", `{ingress: [{from: [{podSelector: {}, namespaceSelector: {}}]}]}`, `{ingress: [{from: [{}]}]}`,
			"spec.ingress[0].from[0]: a peer needs a podSelector, a namespaceSelector or an ipBlock"},
		{"one peer", `{egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}`, `{egress: [{to: [{podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}]}]}`,
			"spec.egress[0].to[0]: a peer with an ipBlock can have no selector"},
		{"cidr", `{ingress: [{from: [{ipBlock: {cidr: 2001:db8::/32}}]}]}`, `{ingress: [{from: [{ipBlock: {cidr: 10.0.0.1}}]}]}`,
			`spec.ingress[0].from[0].ipBlock.cidr: "10.0.0.1" is not a CIDR`},
		{"except is a cidr", `{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/9]}}]}]}`,
			`{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [x]}}]}]}`,
			`spec.ingress[0].from[0].ipBlock.except[0]: "x" is not a CIDR`},
		{"except is inside", `{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.255.0.0/16]}}]}]}`,
			`{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}}]}]}`,
			"spec.ingress[0].from[0].ipBlock.except[0]: 11.0.0.0/16 is not a proper part of 10.0.0.0/8"},
		{"except is smaller", `{ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [0.0.0.0/1]}}]}]}`,
			`{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}]}]}`,
			"spec.ingress[0].from[0].ipBlock.except[0]: 10.0.0.0/8 is not a proper part of 10.0.0.0/8"},
		{"policyTypes", `{policyTypes: [Ingress, Egress]}`, `{policyTypes: [Ingres]}`,
			`spec.policyTypes[0]: "Ingres" is neither Ingress nor Egress`},
		{"number of policyTypes", `{policyTypes: [Ingress, Ingress]}`, `{policyTypes: [Ingress, Egress, Ingress]}`,
			"spec.policyTypes: more than two policyTypes"},
		{"label key", `{podSelector: {matchLabels: {a.io/b: c}}}`, `{podSelector: {matchLabels: {a/b/c: c}}}`,
			"spec.podSelector.matchLabels[a/b/c]: \"a/b/c\": a valid label key must consist of"},
		{"label value", `{podSelector: {matchLabels: {a: ""}}}`, `{ingress: [{from: [{namespaceSelector: {matchLabels: {a: "-"}}}]}]}`,
			"spec.ingress[0].from[0].namespaceSelector.matchLabels.a: \"-\": a valid label must be"},
		{"expression key", `{podSelector: {matchExpressions: [{key: a, operator: Exists}]}}`, `{podSelector: {matchExpressions: [{key: "", operator: Exists}]}}`,
			"spec.podSelector.matchExpressions[0].key: \"\": name part must be non-empty\nspec.podSelector.matchExpressions[0].key: \"\": name part must consist of"},
		{"operator", `{podSelector: {matchExpressions: [{key: a, operator: DoesNotExist}]}}`, `{podSelector: {matchExpressions: [{key: a, operator: Gt}]}}`,
			`spec.podSelector.matchExpressions[0].operator: "Gt" is none of`},
		{"values wanted", `{podSelector: {matchExpressions: [{key: a, operator: In, values: [b]}]}}`, `{podSelector: {matchExpressions: [{key: a, operator: NotIn}]}}`,
			"spec.podSelector.matchExpressions[0].values: NotIn needs at least one value"},
		{"values not wanted", `{podSelector: {matchExpressions: [{key: a, operator: Exists, values: []}]}}`, `{podSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}}`,
			"spec.podSelector.matchExpressions[0].values: Exists takes no values"},
		{"value of expression", `{podSelector: {matchExpressions: [{key: a, operator: In, values: [b.c]}]}}`, `{podSelector: {matchExpressions: [{key: a, operator: In, values: [b, "c d"]}]}}`,
			"spec.podSelector.matchExpressions[0].values[1]: \"c d\": a valid label must be"},
	}
	for _, tc := range tests {
		t.Run(tc.rule, func(t *testing.T) {
			if got := NetworkPolicy(object(t, tc.accept)); len(got) > 0 {
				t.Errorf("refused: %v", got)
			}
			got := strings.Split(texts(NetworkPolicy(object(t, tc.refuse))), "\n")
			if !slices.EqualFunc(got, strings.Split(tc.want, "\n"), strings.HasPrefix) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestClusterNetworkPolicyDefinition(t *testing.T) {
	version, err := crd.Parse(ClusterNetworkPolicyDefinition, "v1alpha2")
	if err != nil {
		t.Fatal(err)
	}
	text, err := crd.Compact(version)
	if err != nil {
		t.Fatal(err)
	}
	definition, err := crd.Open(text).Source(version.Name).Definition()
	if err != nil {
		t.Fatal(err)
	}
	const head = `tier: Admin, priority: 10, subject: {namespaces: {}}`
	tests := []struct{ rule, accept, refuse, want string }{
		{"required", head, `tier: Admin, priority: 1`, "spec.subject: required value"},
		{"tier", `tier: Baseline, priority: 0, subject: {namespaces: {}}`, `tier: Normal, priority: 0, subject: {namespaces: {}}`,
			`spec.tier: unsupported value: "Normal"`},
		{"priority", `tier: Admin, priority: 1000, subject: {namespaces: {}}`, `tier: Admin, priority: 1001, subject: {namespaces: {}}`,
			"spec.priority: 1001 should be less than or equal to 1000"},
		{"one subject", `tier: Admin, priority: 1, subject: {pods: {podSelector: {}}}`, `tier: Admin, priority: 1, subject: {namespaces: {}, pods: {podSelector: {}}}`,
			"spec.subject: too many: 2: must have at most 1 item"},
		{"action", head + `, ingress: [{action: Accept, from: [{namespaces: {}}]}]`, head + `, ingress: [{action: Allow, from: [{namespaces: {}}]}]`,
			`spec.ingress[0].action: unsupported value: "Allow"`},
		{"some peer", head + `, ingress: [{action: Pass, from: [{pods: {podSelector: {}}}]}]`, head + `, ingress: [{action: Pass, from: []}]`,
			"spec.ingress[0].from: 0 should have at least 1 items"},
		{"ingress peers", head + `, egress: [{action: Deny, to: [{networks: [10.0.0.0/8]}]}]`, head + `, ingress: [{action: Deny, from: [{networks: [10.0.0.0/8]}]}]`,
			"spec.ingress[0].from[0].networks: there is no such field here"},
		{"CIDR", head + `, egress: [{action: Deny, to: [{networks: ["::/0"]}]}]`, head + `, egress: [{action: Deny, to: [{networks: [10.0.0.1]}]}]`,
			"spec.egress[0].to[0].networks[0]: invalid value"},
		{"networks differ", head + `, egress: [{action: Deny, to: [{networks: [10.0.0.0/8, 11.0.0.0/8]}]}]`, head + `, egress: [{action: Deny, to: [{networks: [10.0.0.0/8, 10.0.0.0/8]}]}]`,
			"spec.egress[0].to[0].networks[1]: duplicate value"},
		{"port", head + `, egress: [{action: Deny, to: [{pods: {podSelector: {}}}], protocols: [{tcp: {destinationPort: {number: 1}}}]}]`,
			head + `, egress: [{action: Deny, to: [{pods: {podSelector: {}}}], protocols: [{tcp: {destinationPort: {number: 0}}}]}]`,
			"spec.egress[0].protocols[0].tcp.destinationPort.number: 0 should be greater than or equal to 1"},
		{"range", head + `, ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{udp: {destinationPort: {range: {start: 1, end: 2}}}}]}]`,
			head + `, ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{udp: {destinationPort: {range: {start: 2, end: 2}}}}]}]`,
			"spec.ingress[0].protocols[0].udp.destinationPort.range: invalid value"},
		{"named port of pods", head + `, egress: [{action: Deny, to: [{namespaces: {}}], protocols: [{destinationNamedPort: dns}]}]`,
			head + `, egress: [{action: Deny, to: [{networks: [10.0.0.0/8]}], protocols: [{destinationNamedPort: dns}]}]`,
			"spec.egress[0]: invalid value: only pods have named ports"},
		{"number of rules", head + `, ingress: [` + strings.Repeat(`{action: Deny, from: [{namespaces: {}}]},`, 25) + `]`,
			head + `, ingress: [` + strings.Repeat(`{action: Deny, from: [{namespaces: {}}]},`, 26) + `]`,
			"spec.ingress: too many: 26: must have at most 25 items"},
	}
	for _, tc := range tests {
		t.Run(tc.rule, func(t *testing.T) {
			if _, got := definition.Check(object(t, "{"+tc.accept+"}")); len(got) > 0 {
				t.Errorf("refused: %v", got)
			}
			_, problems := definition.Check(object(t, "{"+tc.refuse+"}"))
			if got := texts(problems); !strings.HasPrefix(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestClusterPolicySelectors(t *testing.T) {
	sound := object(t, `{subject: {namespaces: {matchLabels: {a: b}}}, ingress: [{from: [{pods: {namespaceSelector: {}, podSelector: {}}}]}]}`)
	if got := ClusterPolicy(sound, false); len(got) > 0 {
		t.Errorf("refused: %v", got)
	}
	unsound := object(t, `{subject: {namespaces: {matchLabels: {a: "b c"}}}, ingress: [{from: [{pods: {podSelector: {matchExpressions: [{key: a, operator: In}]}}}]}]}`)
	got := strings.Split(texts(ClusterPolicy(unsound, false)), "\n")
	want := []string{"spec.ingress[0].from[0].pods.podSelector.matchExpressions[0].values: In needs at least one value",
		"spec.subject.namespaces.matchLabels.a: \"b c\": a valid label must be"}
	if !slices.EqualFunc(got, want, strings.HasPrefix) {
		t.Errorf("got %q", got)
	}
	sourced := object(t, `{subject: {namespaces: {matchLabels: {"k8s:a": b}}}, ingress: [{from: [{pods: {podSelector: {matchExpressions: [{key: "reserved:host", operator: Exists}]}}}]}]}`)
	if got := ClusterPolicy(sourced, true); len(got) > 0 {
		t.Errorf("refused: %v", got)
	}
	if got := ClusterPolicy(sourced, false); len(got) != 2 {
		t.Errorf("got %v", got)
	}
}
