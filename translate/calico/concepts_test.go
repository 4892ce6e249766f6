package calico

import (
	"strings"
	"testing"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/diag"
)

// A concept is one policy and what becomes of it: the boxes of its rules, one a line, and the codes reported with
// their paths.
type concept struct {
	name  string
	text  string
	facts func(*cluster.Facts)
	boxes string
	codes string
}

var trueValue, falseValue = true, false

var concepts = []concept{
	{
		name:  "an empty peer is everyone, a selector of a namespaced policy its namespace",
		text:  policyText("{ingress: [{action: Allow}, {action: Allow, source: {selector: all()}}]}"),
		boxes: "allow all | anyone | all traffic\nallow all | pods (namespace name {shop}) | all traffic",
	},
	{
		name: "nets mean the pods and nodes in them as well",
		text: globalText("{types: [Egress], egress: [{action: Allow, destination: {nets: [10.244.0.0/16, 192.168.10.1/32]}}]}"),
		boxes: "allow all | pods (all), own node (node name {n1}), nodes (node name {n1}), outside 10.244.0.0/16, 192.168.10.1/32 | all traffic\n" +
			"",
	},
	{
		name:  "nets that cover part of the pods",
		text:  globalText("{types: [Egress], egress: [{action: Allow, destination: {nets: [10.244.0.0/24]}}]}"),
		boxes: "allow all | outside 10.244.0.0/24 | all traffic\nallow? PF2016 all | pods (all) | all traffic",
		codes: "PF2016 spec.egress[0].destination.nets",
	},
	{
		name:  "nets without facts",
		text:  globalText("{types: [Egress], egress: [{action: Deny, destination: {nets: [10.0.0.0/8]}}, {action: Allow, destination: {nets: [169.254.169.254/32]}}]}"),
		facts: func(f *cluster.Facts) { *f = cluster.Facts{} },
		boxes: "deny all | outside 10.0.0.0/8 | all traffic\ndeny? PF3008 all | pods (all) | all traffic\n" +
			"deny? PF3008 all | own node (all), nodes (all) | all traffic\nallow all | outside 169.254.169.254/32 | all traffic",
		codes: "PF3008 spec.egress[0].destination.nets\nPF3008 spec.egress[0].destination.nets",
	},
	{
		name:  "a pod's own node is never denied",
		text:  globalText("{types: [Ingress], ingress: [{action: Deny, source: {nets: [192.168.10.0/24]}}]}"),
		boxes: "deny all | nodes (all), outside 192.168.10.0/24 | all traffic",
	},
	{
		name:  "notSelector of a global policy leaves the world in, of a namespaced one it does not",
		text:  globalText("{types: [Egress], egress: [{action: Allow, destination: {notSelector: app == 'web'}}]}") + "---\n" + policyText("{types: [Egress], egress: [{action: Allow, destination: {notSelector: app == 'web'}}]}"),
		boxes: "allow all | pods (label app !{web}?), own node (all), nodes (all), outside 0.0.0.0/0, ::/0, ingress proxy, health, init, unmanaged, mesh pods | all traffic\nallow all | pods (label app !{web}? && namespace name {shop}) | all traffic",
	},
	{
		name: "a selector means the addresses of the sets that it matches",
		text: globalText("{types: [Egress], egress: [{action: Allow, destination: {selector: role == 'x'}}]}") + `---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkSet
metadata: {name: a, labels: {role: x}}
spec: {nets: [203.0.113.7]}
---
apiVersion: crd.projectcalico.org/v1
kind: GlobalNetworkSet
metadata: {name: b, annotations: {projectcalico.org/metadata: '{"labels":{"role":"x"}}'}}
spec: {nets: [198.51.100.0/24]}
`,
		boxes: "allow all | pods (label role {x}), outside 198.51.100.0/24, 203.0.113.7/32 | all traffic",
	},
	{
		name: "a set whose namespace has labels that are not known",
		text: globalText("{types: [Egress], egress: [{action: Allow, destination: {namespaceSelector: team == 'x'}}]}") + `---
apiVersion: projectcalico.org/v3
kind: NetworkSet
metadata: {name: a, namespace: elsewhere}
spec: {nets: [203.0.113.7]}
`,
		boxes: "allow all | pods (namespace label team {x}) | all traffic\nallow? PF3008 all | outside 203.0.113.7/32 | all traffic",
		codes: "PF3008 spec.egress[0].destination.namespaceSelector",
	},
	{
		name: "protocols, ports and ICMP",
		text: policyText(`
ingress:
  - {action: Allow, protocol: TCP, destination: {ports: [80, '90:99', http], notPorts: [95]}}
  - {action: Allow, notProtocol: TCP}
  - {action: Allow, protocol: 47}
  - {action: Allow, protocol: ICMP, icmp: {type: 8, code: 0}}
  - {action: Allow, protocol: ICMPv6, notICMP: {type: 128}, source: {nets: ['2001:db8::/32']}}
`),
		boxes: `allow all | anyone | TCP 80,90-94,96-99
allow all | anyone | TCP 1-94,96-65535 | TCP http
allow all | anyone | 255 protocols
allow all | anyone | 47
allow all | anyone | ICMP types [8]
allow all | outside 2001:db8::/32 | ICMPv6 types ` + allTypesBut(128),
	},
	{
		name:  "source ports and names in notPorts are in doubt",
		text:  policyText("{ingress: [{action: Allow, protocol: TCP, source: {ports: [53]}}, {action: Deny, protocol: TCP, destination: {notPorts: [http, 22]}}]}"),
		boxes: "allow? PF2003 all | anyone | TCP\ndeny? PF2011 all | pods (all), nodes (all), outside 0.0.0.0/0, ::/0, ingress proxy, health, init, unmanaged, mesh pods | TCP 1-21,23-65535",
		codes: "PF2003 spec.ingress[0].source.ports\nPF2011 spec.ingress[1].destination",
	},
	{
		name:  "a rule of one family",
		text:  policyText("{ingress: [{action: Allow, ipVersion: 4, source: {selector: app == 'web'}}, {action: Allow, ipVersion: 4, protocol: ICMP}]}"),
		facts: func(f *cluster.Facts) { f.PodCIDRs = nil },
		boxes: "allow? PF3008 all | pods (label app {web} && namespace name {shop}) | all traffic\nallow all | anyone | ICMP",
		codes: "PF3008 spec.ingress[0].source.selector",
	},
	{
		name:  "the policed end is restricted by the rule",
		text:  globalText("{types: [Ingress], ingress: [{action: Deny, destination: {selector: app == 'web', namespaceSelector: team == 'a'}}]}"),
		boxes: "deny label app {web} && namespace label team {a} | pods (all), nodes (all), outside 0.0.0.0/0, ::/0, ingress proxy, health, init, unmanaged, mesh pods | all traffic",
	},
	{
		name:  "service accounts by name and label",
		text:  policyText("{ingress: [{action: Allow, source: {serviceAccounts: {names: [a, b], selector: x == 'y'}}}]}") + "---\n" + globalText("{types: [Egress], egress: [{action: Allow, destination: {serviceAccounts: {names: [a]}}}]}"),
		boxes: "allow all | pods (service account name {a}) | all traffic\nallow all | pods (namespace name {shop} && service account name {a,b} && service account label x {y}) | all traffic",
	},
	{
		name:  "a Log rule and rules in a direction that is not policed",
		text:  policyText("{types: [Ingress], ingress: [{action: Log}], egress: [{action: Allow}]}"),
		codes: "PF2028 spec.ingress[0]\nPF3004 spec.egress",
	},
	{
		name:  "http with and without somebody to enforce it",
		text:  policyText("{ingress: [{action: Allow, protocol: TCP, http: {methods: [GET], paths: [{prefix: /api}]}}]}"),
		facts: func(f *cluster.Facts) { f.Calico.ApplicationLayerPolicy = &falseValue },
		boxes: "allow all | anyone | TCP",
		codes: "PF2001 spec.ingress[0].http",
	},
	{
		name:  "a service match without namespace matches nothing",
		text:  policyText("{egress: [{action: Allow, destination: {services: {name: db}}}]}"),
		codes: "PF3014 spec.egress[0]\nPF2031 spec.egress[0].destination.services",
	},
	{
		name:  "the API server as a service",
		text:  policyText("{egress: [{action: Allow, destination: {services: {name: kubernetes, namespace: default}}}]}"),
		boxes: "allow? PF3008 all | kube-apiserver | TCP",
		codes: "PF3008 spec.egress[0].destination.services",
	},
	{
		name:  "a service that is not known",
		text:  policyText("{egress: [{action: Allow, destination: {services: {name: db, namespace: pay}}}]}"),
		boxes: "allow? PF2012 all | anyone | all traffic",
		codes: "PF2012 spec.egress[0].destination.services",
	},
	{
		name:  "pre-DNAT policy does not concern pods",
		text:  globalText("{preDNAT: true, applyOnForward: true, types: [Ingress], ingress: [{action: Deny}]}"),
		codes: "PF2014 spec.preDNAT",
	},
	{
		name:  "an Enterprise field",
		text:  globalText("{types: [Egress], egress: [{action: Allow, destination: {domains: [example.com]}}]}"),
		codes: "PF1015 spec.egress[0].destination.domains",
	},
	{
		name:  "a misspelt field",
		text:  globalText("{types: [Egress], egres: []}"),
		codes: "PF1005 spec.egres",
	},
	{
		name: "staged policies and copies of Kubernetes policies",
		text: strings.ReplaceAll(globalText("{stagedAction: Set, types: [Ingress]}"), "kind: Global", "kind: StagedGlobal") + "---\n" +
			strings.ReplaceAll(policyText("{types: [Ingress]}"), "name: p", "name: knp.default.p"),
		codes: "PF2027 spec\nPF1013 spec",
	},
	{
		name: "one policy as the API shows it and as the datastore keeps it",
		text: policyText("{types: [Ingress], ingress: [{action: Allow}]}") + "---\n" +
			strings.NewReplacer("projectcalico.org/v3", "crd.projectcalico.org/v1", "name: p", "name: default.p").Replace(policyText("{types: [Ingress], ingress: [{action: Allow}]}")),
		boxes: "allow all | anyone | all traffic",
		codes: "PF1019 metadata.name",
	},
	{
		name: "two policies of one name",
		text: policyText("{ingress: [{action: Allow}]}") + "---\n" +
			strings.Replace(policyText("{ingress: [{action: Deny}]}"), "name: p", "name: default.p", 1),
		boxes: "deny all | pods (all), nodes (all), outside 0.0.0.0/0, ::/0, ingress proxy, health, init, unmanaged, mesh pods | all traffic",
		codes: "PF1012 metadata.name",
	},
	{
		name:  "a raw object without types",
		text:  strings.ReplaceAll(policyText("{ingress: [{action: Allow}]}"), "projectcalico.org/v3", "crd.projectcalico.org/v1"),
		boxes: "allow all | anyone | all traffic",
		codes: "PF1017 spec",
	},
	{
		name:  "a tier that nobody defines",
		text:  strings.ReplaceAll(globalText("{tier: mine, types: [Ingress]}"), "name: g", "name: mine.g"),
		codes: "PF3008 spec.tier",
	},
	{
		name: "equal orders that contradict each other",
		text: strings.ReplaceAll(policyText("{order: 5, ingress: [{action: Allow, protocol: TCP}]}"), "name: p", "name: a") + "---\n" +
			policyText("{order: 5, ingress: [{action: Deny, source: {nets: [0.0.0.0/0]}}]}"),
		boxes: "allow all | anyone | TCP\ndeny all | pods (all), nodes (all), outside 0.0.0.0/0 | all traffic",
		codes: "PF3003 spec.ingress[0]",
	},
}

func allTypesBut(n int) string {
	var out []string
	for i := range 256 {
		if i != n {
			out = append(out, number(i))
		}
	}
	return "[" + strings.Join(out, " ") + "]"
}

func TestConcepts(t *testing.T) {
	for _, c := range concepts {
		t.Run(c.name, func(t *testing.T) {
			facts := known()
			if c.facts != nil {
				c.facts(facts)
			}
			e := surroundings(facts)
			set := lowerText(t, c.text, e)
			if got := ruleBoxes(set); got != strings.TrimSpace(c.boxes) {
				t.Errorf("boxes: got\n%s\nwant\n%s", got, c.boxes)
			}
			if got := codes(e); got != c.codes {
				t.Errorf("codes: got\n%s\nwant\n%s", got, c.codes)
			}
			for _, f := range e.Findings.All() {
				if f.Message == "" || strings.HasSuffix(f.Message, ".") || f.Code.Effect == diag.Narrows && f.Hint == "" {
					t.Errorf("%s: a message of the wrong form, or no way out", f.String())
				}
			}
		})
	}
}
