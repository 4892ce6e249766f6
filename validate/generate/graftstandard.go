package generate

import "slices"

// kubernetesRules are rare things in a rule of Kubernetes' NetworkPolicy.
var kubernetesRules = []string{
	"{ports: [{protocol: SCTP, port: 443}], @: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.244.0.0/16, 10.1.2.0/24]}}]}",
	"{ports: [{port: 80, endPort: 90}, {protocol: UDP, port: dns}, {protocol: TCP}], @: [{podSelector: {}, namespaceSelector: {}}]}",
	"{@: [], ports: []}", "{}",
}

// adminRules are rare things in a rule of the kinds for administrators.
var (
	adminRules = []string{
		"{name: first, action: Deny, @: [{namespaces: {matchLabels: {env: dev}}}]}",
		"{name: second, action: Deny, @: [{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: db}}}}], ports: [{portNumber: {protocol: SCTP, port: 443}}]}",
		"{action: Deny, @: [{namespaces: {}}], ports: [{namedPort: http}, {portRange: {protocol: UDP, start: 50, end: 60}}]}",
	}
	clusterRules = []string{
		"{name: first, action: Deny, @: [{namespaces: {matchLabels: {env: dev}}}], protocols: [{tcp: {destinationPort: {number: 80}}}, {tcp: {destinationPort: {range: {start: 81, end: 90}}}}]}",
		"{action: Accept, @: [{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: db}}}}], protocols: [{udp: {destinationPort: {number: 53}}}, {udp: {destinationPort: {range: {start: 54, end: 60}}}}]}",
		"{action: Pass, @: [{namespaces: {}}], protocols: [{sctp: {destinationPort: {number: 80}}}, {sctp: {destinationPort: {range: {start: 81, end: 90}}}}, {destinationNamedPort: http}]}",
	}
	adminEgress   = []string{"{action: Deny, to: [{nodes: {matchLabels: {zone: west}}}]}", "{action: Deny, to: [{networks: [203.0.113.0/24, 10.0.0.0/8]}]}"}
	clusterEgress = append(slices.Clone(adminEgress), "{action: Accept, to: [{domainNames: [example.com.]}]}")
)

// standardGrafts are the rare things of the kinds that both CNIs read, or once read.
func standardGrafts() []graft {
	in, out, both := []string{"spec.ingress"}, []string{"spec.egress"}, []string{"spec.ingress", "spec.egress"}
	subjects := []string{"{subject: {namespaces: {matchLabels: {env: prod}}}}",
		"{subject: {pods: {namespaceSelector: {matchLabels: {env: prod}}, podSelector: {matchExpressions: [{key: tier, operator: NotIn, values: [front]}]}}}}"}
	return slices.Concat(
		each([]kind{kubernetes}, both, kubernetesRules),
		each([]kind{kubernetes}, []string{"spec"}, []string{"{policyTypes: [Ingress], egress: [{to: [{podSelector: {}}]}]}", "{policyTypes: []}"}),
		together([]kind{anp, banp}, in, adminRules), together([]kind{anp, banp}, out, slices.Concat(adminRules, adminEgress)),
		each([]kind{anp}, out, []string{"{action: Allow, to: [{domainNames: [example.com.]}]}"}),
		each([]kind{anp, banp, cnp}, []string{"spec"}, subjects),
		each([]kind{cnp}, []string{"spec"}, []string{"{tier: Baseline, priority: 7}"}),
		each([]kind{cnp}, both, clusterRules), each([]kind{cnp}, out, clusterEgress),
	)
}
