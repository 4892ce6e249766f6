package translate_test

import "strings"

// standardPlaces are the places of the kinds that both CNIs read.
func standardPlaces() []place {
	kube := []string{"Kubernetes NetworkPolicy", "StagedKubernetesNetworkPolicy"}
	cluster, admin, baseline := []string{"ClusterNetworkPolicy"}, []string{"AdminNetworkPolicy"}, []string{"BaselineAdminNetworkPolicy"}
	old := []string{"AdminNetworkPolicy", "BaselineAdminNetworkPolicy"}
	const (
		open        = "{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress, Egress], ingress: [{}], egress: [{}]}"
		closed      = "{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress, Egress]}"
		subject     = "subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: shop}}}"
		clusterSpec = "{tier: Admin, priority: 10, " + subject + "}"
		adminSpec   = "{priority: 10, " + subject + "}"
		baseSpec    = "{" + subject + "}"
		rules       = ", ingress: [{action: Deny, from: [{namespaces: {matchLabels: {env: dev}}}]}]}"
	)
	out := []place{
		{kinds: kube, path: "spec", spec: open, probes: []probe{
			{field: "podSelector", with: "{podSelector: SELECTOR}"},
			{field: "policyTypes[]", with: "{policyTypes: [Ingress], egress: ABSENT}", without: "{egress: ABSENT}"},
		}},
		{kinds: kube, path: "spec.ingress[]", from: "from", spec: closed, probes: kubernetesRuleProbes},
		{kinds: kube, path: "spec.egress[]", from: "to", spec: closed, probes: kubernetesRuleProbes},
		{kinds: cluster, path: "spec", spec: withRules(clusterSpec, rules), probes: append(subjectProbes,
			probe{field: "tier", with: "{tier: Baseline}", beside: teamPolicy},
			probe{field: "priority", with: "{priority: 5}", without: "{priority: 50}", beside: rivalCluster})},
		{kinds: admin, path: "spec", spec: withRules(adminSpec, rules), probes: append(subjectProbes,
			probe{field: "priority", with: "{priority: 5}", without: "{priority: 50}", beside: rivalAdmin})},
		{kinds: baseline, path: "spec", spec: withRules(baseSpec, rules), probes: subjectProbes},
		{kinds: cluster, path: "spec.ingress[]", from: "from", spec: clusterSpec, rule: adminRule, probes: concat(actionProbe("Pass"), adminRuleProbes, protocolProbes())},
		{kinds: cluster, path: "spec.egress[]", from: "to", spec: clusterSpec, rule: adminRule, probes: concat(actionProbe("Pass"), adminRuleProbes, protocolProbes(), adminEgressProbes, domainProbes("Accept", false))},
	}
	for i, spec := range []string{adminSpec, baseSpec} {
		kinds, action := old[i:i+1], actionProbe([]string{"Pass", "Allow"}[i])
		out = append(out,
			place{kinds: kinds, path: "spec.ingress[]", from: "from", spec: spec, rule: adminRule, probes: concat(action, adminRuleProbes, oldPortProbes)},
			place{kinds: kinds, path: "spec.egress[]", from: "to", spec: spec, rule: adminRule, probes: concat(action, adminRuleProbes, oldPortProbes, adminEgressProbes)})
	}
	return append(out, place{kinds: admin, path: "spec.egress[]", from: "to", spec: adminSpec, rule: adminRule, probes: domainProbes("Allow", true)})
}

func withRules(spec, rules string) string { return strings.TrimSuffix(spec, "}") + rules }

var kubernetesRuleProbes = []probe{
	{field: "ports[].protocol", with: "{ports: [{port: 80, protocol: UDP}]}", without: "{ports: [{port: 80}]}"},
	{field: "ports[].port", with: "{ports: [{protocol: TCP, port: 80}]}", without: "{ports: [{protocol: TCP}]}"},
	{field: "ports[].endPort", with: "{ports: [{protocol: TCP, port: 80, endPort: 90}]}", without: "{ports: [{protocol: TCP, port: 80}]}"},
	{field: "@[].podSelector", with: "{@: [{podSelector: SELECTOR}]}"},
	{field: "@[].namespaceSelector", with: "{@: [{namespaceSelector: SELECTOR}]}"},
	{field: "@[].ipBlock.cidr", with: "{@: [{ipBlock: {cidr: 198.51.100.0/24}}]}"},
	{field: "@[].ipBlock.except[]", with: "{@: [{ipBlock: {cidr: 198.51.100.0/24, except: [198.51.100.128/25]}}]}", without: "{@: [{ipBlock: {cidr: 198.51.100.0/24}}]}"},
}

var subjectProbes = []probe{
	{field: "subject.namespaces", with: "{subject: {namespaces: SELECTOR}}", without: "{subject: {namespaces: {matchLabels: {env: prod}}}}"},
	{field: "subject.pods.namespaceSelector", with: "{subject: {pods: {podSelector: {}, namespaceSelector: SELECTOR}}}"},
	{field: "subject.pods.podSelector", with: "{subject: {pods: {podSelector: SELECTOR, namespaceSelector: {}}}}"},
}

// adminRule is a rule of the kinds for administrators, which must name a peer.
const adminRule = "{action: Deny, @: [{namespaces: {matchLabels: {env: dev}}}]}"

var adminRuleProbes = []probe{
	{field: "name", with: "{name: first}", neutral: neverRead},
	{field: "@[].namespaces", with: "{@: [{namespaces: SELECTOR}]}"},
	{field: "@[].pods.namespaceSelector", with: "{@: [{pods: {podSelector: {}, namespaceSelector: SELECTOR}}]}"},
	{field: "@[].pods.podSelector", with: "{@: [{pods: {podSelector: SELECTOR, namespaceSelector: {}}}]}"},
}

// neverRead is the name of a rule, which no CNI looks at. It is there again where the object is kept as it is.
const neverRead = "a name for people"

var adminEgressProbes = []probe{
	{field: "to[].nodes", with: "{to: [{nodes: SELECTOR}]}"},
	{field: "to[].networks[]", with: "{to: [{networks: [198.51.100.0/24]}]}"},
}

// actionProbe sets the action to another than Deny.
func actionProbe(action string) []probe {
	return []probe{{field: "action", with: "{action: " + action + "}"}}
}

// domainProbes set names; the definition of AdminNetworkPolicy that Calico brings does not have them.
func domainProbes(allow string, refused bool) []probe {
	return []probe{{field: "to[].domainNames[]", with: "{action: " + allow + ", to: [{domainNames: [example.com.]}]}", refused: refused}}
}

func protocolProbes() []probe {
	out := []probe{{field: "protocols[].destinationNamedPort", with: "{protocols: [{destinationNamedPort: http}]}"}}
	for _, p := range []string{"tcp", "udp", "sctp"} {
		one := func(port string) string { return "{protocols: [{" + p + ": {destinationPort: " + port + "}}]}" }
		out = append(out,
			probe{field: "protocols[]." + p + ".destinationPort.number", with: one("{number: 80}"), without: one("{number: 81}")},
			probe{field: "protocols[]." + p + ".destinationPort.range.start", with: one("{range: {start: 80, end: 90}}"), without: one("{range: {start: 70, end: 90}}")},
			probe{field: "protocols[]." + p + ".destinationPort.range.end", with: one("{range: {start: 80, end: 90}}"), without: one("{range: {start: 80, end: 99}}")})
	}
	return out
}

var oldPortProbes = []probe{
	{field: "ports[].portNumber.protocol", with: "{ports: [{portNumber: {protocol: UDP, port: 80}}]}", without: "{ports: [{portNumber: {protocol: TCP, port: 80}}]}"},
	{field: "ports[].portNumber.port", with: "{ports: [{portNumber: {protocol: TCP, port: 80}}]}", without: "{ports: [{portNumber: {protocol: TCP, port: 81}}]}"},
	{field: "ports[].namedPort", with: "{ports: [{namedPort: http}]}"},
	{field: "ports[].portRange.protocol", with: "{ports: [{portRange: {protocol: UDP, start: 80, end: 90}}]}", without: "{ports: [{portRange: {protocol: TCP, start: 80, end: 90}}]}"},
	{field: "ports[].portRange.start", with: "{ports: [{portRange: {protocol: TCP, start: 80, end: 90}}]}", without: "{ports: [{portRange: {protocol: TCP, start: 70, end: 90}}]}"},
	{field: "ports[].portRange.end", with: "{ports: [{portRange: {protocol: TCP, start: 80, end: 90}}]}", without: "{ports: [{portRange: {protocol: TCP, start: 80, end: 99}}]}"},
}

const (
	teamPolicy = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: team, namespace: shop}
spec: {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {env: dev}}}]}]}
`
	rivalCluster = `
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: rival}
spec:
  tier: Admin
  priority: 20
  subject: {namespaces: {}}
  ingress: [{action: Accept, from: [{namespaces: {matchLabels: {env: dev}}}]}]
`
	rivalAdmin = `
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: rival}
spec:
  priority: 20
  subject: {namespaces: {}}
  ingress: [{action: Allow, from: [{namespaces: {matchLabels: {env: dev}}}]}]
`
)
