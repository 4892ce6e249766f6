package translate_test

import "slices"

// facts are everything that can be known about the cluster beside its inventory.
const facts = `
apiVersion: policyferry.io/v1alpha1
kind: ClusterFacts
spec:
  podCIDRs: [10.244.0.0/16]
  serviceCIDRs: [10.96.0.0/16]
  nodeCIDRs: [192.168.10.0/24]
  apiServers: ["192.168.10.1:6443"]
  complete: true
  calico: {defaultEndpointToHostAction: Accept, applicationLayerPolicy: true}
  cilium: {hostFirewall: true, clusterNetworkPolicy: true, nodeSelectorLabels: true, sctp: true, extendedProtocols: true, policyCIDRMatchMode: []}
`

var places = slices.Concat(calicoPlaces(), ciliumPlaces(), standardPlaces())

// calicoPlaces are the places of Calico's kinds.
func calicoPlaces() []place {
	const spec = "{selector: app == 'web', types: [Ingress, Egress]}"
	ordered := []string{"GlobalNetworkPolicy", "NetworkPolicy", "StagedGlobalNetworkPolicy", "StagedNetworkPolicy"}
	global := []string{"GlobalNetworkPolicy", "StagedGlobalNetworkPolicy"}
	staged := []string{"StagedGlobalNetworkPolicy", "StagedNetworkPolicy"}
	profile := []string{"Profile"}
	return []place{
		{kinds: ordered, path: "spec", spec: spec, probes: calicoPolicyProbes()},
		{kinds: global, path: "spec", spec: spec, probes: calicoGlobalProbes()},
		{kinds: staged, path: "spec", spec: spec, probes: []probe{{field: "stagedAction", with: "{stagedAction: Set}"}}},
		{kinds: ordered, path: "spec.ingress[]", spec: spec, rule: "{action: Allow}", probes: calicoRuleProbes(true)},
		{kinds: ordered, path: "spec.egress[]", spec: spec, rule: "{action: Allow}", probes: calicoRuleProbes(false)},
		{kinds: profile, path: "spec.ingress[]", rule: "{action: Allow}", probes: unjudged(calicoRuleProbes(true))},
		{kinds: profile, path: "spec.egress[]", rule: "{action: Allow}", probes: unjudged(calicoRuleProbes(false))},
		{kinds: profile, path: "spec", probes: []probe{{field: "labelsToApply", with: "{labelsToApply: {a: b}}"}}},
		{kinds: []string{"StagedKubernetesNetworkPolicy"}, path: "spec", spec: "{podSelector: {}}",
			probes: []probe{{field: "stagedAction", with: "{stagedAction: Set}"}}},
		{kinds: []string{"GlobalNetworkSet"}, path: "spec", probes: []probe{{field: "nets[]", with: "{nets: [198.51.100.0/24]}", beside: userOfSets}}},
		{kinds: []string{"NetworkSet"}, path: "spec", probes: []probe{{field: "nets[]", with: "{nets: [198.51.100.0/24]}", beside: userOfSets}}},
		{kinds: []string{"Tier"}, path: "spec", spec: "{order: 100}", probes: tierProbes},
		{kinds: []string{"HostEndpoint"}, path: "spec", spec: "{node: alpha, interfaceName: '*'}", probes: hostEndpointProbes},
	}
}

func calicoPolicyProbes() []probe {
	return []probe{
		{field: "tier", with: "{tier: security}", calico: "3.32", beside: securityTier},
		{field: "order", with: "{order: 5, ingress: [{action: Allow}]}", without: "{ingress: [{action: Allow}]}", beside: rival},
		{field: "selector", with: "{selector: app == 'cart'}"},
		{field: "types[]", with: "{types: [Egress]}"},
		{field: "serviceAccountSelector", with: "{serviceAccountSelector: role == 'money'}"},
		{field: "performanceHints[]", with: "{performanceHints: [AssumeNeededOnEveryNode]}"},
	}
}

func calicoGlobalProbes() []probe {
	return []probe{
		{field: "doNotTrack", with: "{doNotTrack: true, applyOnForward: true}", beside: hostEndpoint},
		{field: "preDNAT", with: "{preDNAT: true, applyOnForward: true, types: [Ingress]}", without: "{types: [Ingress]}", beside: hostEndpoint},
		{field: "applyOnForward", with: "{applyOnForward: true}", beside: hostEndpoint},
		{field: "namespaceSelector", with: "{namespaceSelector: env == 'dev'}"},
	}
}

// calicoRuleProbes are those of a rule, of which some fields can stand on one side only.
func calicoRuleProbes(ingress bool) []probe {
	out := []probe{
		{field: "action", with: "{action: Deny}"},
		{field: "ipVersion", with: "{ipVersion: 4}"},
		{field: "protocol", with: "{protocol: TCP}"},
		{field: "notProtocol", with: "{notProtocol: UDP}"},
		{field: "icmp.type", with: "{protocol: ICMP, icmp: {type: 8}}", without: "{protocol: ICMP}"},
		{field: "icmp.code", with: "{protocol: ICMP, icmp: {type: 8, code: 0}}", without: "{protocol: ICMP, icmp: {type: 8}}"},
		{field: "notICMP.type", with: "{protocol: ICMP, notICMP: {type: 8}}", without: "{protocol: ICMP}"},
		{field: "notICMP.code", with: "{protocol: ICMP, notICMP: {type: 8, code: 0}}", without: "{protocol: ICMP, notICMP: {type: 8}}"},
		{field: "http.methods[]", with: "{protocol: TCP, http: {methods: [GET]}}", without: "{protocol: TCP}", refused: !ingress},
		{field: "http.paths[].exact", with: "{protocol: TCP, http: {paths: [{exact: /a}]}}", without: "{protocol: TCP}", refused: !ingress},
		{field: "http.paths[].prefix", with: "{protocol: TCP, http: {paths: [{prefix: /a}]}}", without: "{protocol: TCP}", refused: !ingress},
		{field: "metadata.annotations", with: "{metadata: {annotations: {a: b}}}"},
	}
	for _, side := range []string{"source", "destination"} {
		for _, f := range []struct{ field, with, without string }{
			{"nets[]", "nets: [198.51.100.0/24]", ""},
			{"selector", "selector: app == 'db'", ""},
			{"namespaceSelector", "namespaceSelector: env == 'dev'", ""},
			{"ports[]", "ports: [80]", ""},
			{"notNets[]", "notNets: [198.51.100.0/24]", ""},
			{"notSelector", "notSelector: tier == 'back'", ""},
			{"notPorts[]", "notPorts: [80]", ""},
			{"serviceAccounts.names[]", "serviceAccounts: {names: [cashier]}", ""},
			{"serviceAccounts.selector", "serviceAccounts: {selector: role == 'money'}", ""},
			{"services.name", "services: {name: db, namespace: shop}", ""},
			{"services.namespace", "services: {name: db, namespace: shop}", ""},
		} {
			out = append(out, sideProbe(side, f.field, f.with, ingress))
		}
	}
	return out
}

// unjudged is the probes for a kind that nobody turns away, since there is no definition of it.
func unjudged(probes []probe) []probe {
	for i := range probes {
		probes[i].refused = false
	}
	return probes
}

func sideProbe(side, field, with string, ingress bool) probe {
	p := probe{field: side + "." + field, with: "{" + side + ": {" + with + "}}"}
	switch field {
	case "ports[]", "notPorts[]":
		p.with, p.without = "{protocol: TCP, "+side+": {"+with+"}}", "{protocol: TCP}"
	case "services.name", "services.namespace":
		p.refused = (side == "source") != ingress
	}
	return p
}

const (
	securityTier = `
apiVersion: projectcalico.org/v3
kind: Tier
metadata: {name: security}
spec: {order: 100, defaultAction: Pass}
`
	// rival is a policy that denies what the probed one allows, unless that comes before it.
	rival = `
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: rival}
spec: {order: 50, selector: app == 'web', types: [Ingress, Egress], ingress: [{action: Deny, source: {selector: app == 'db'}}]}
`
	hostEndpoint = `
apiVersion: projectcalico.org/v3
kind: HostEndpoint
metadata: {name: alpha-all, labels: {app: web}}
spec: {node: alpha, interfaceName: "*", expectedIPs: [192.168.10.1], profiles: [projectcalico-default-allow]}
`
	userOfSets = `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: user, namespace: shop}
spec:
  selector: app == 'web'
  types: [Ingress]
  ingress:
  - {action: Allow, source: {selector: role == 'probed'}}
  - {action: Allow, source: {selector: role == 'probed', namespaceSelector: global()}}
`
	// tenant lives in the probed tier, and common in the default one.
	tenant = `
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: probed.tenant}
spec: {tier: probed, selector: app == 'web', types: [Ingress], ingress: [{action: Allow, source: {selector: app == 'db'}}]}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: common}
spec: {selector: app == 'web', types: [Ingress], ingress: [{action: Allow, source: {selector: app == 'cart'}}]}
`
	// userOfHosts polices hosts, and names them as a peer of pods.
	userOfHosts = `
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: hosts}
spec: {selector: role == 'probed', types: [Ingress], ingress: [{action: Allow, protocol: TCP, source: {selector: app == 'db'}, destination: {ports: [80]}}]}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: pods}
spec:
  namespaceSelector: all()
  types: [Ingress, Egress]
  ingress: [{action: Allow, source: {selector: role == 'probed'}}]
  egress: [{action: Allow, protocol: TCP, destination: {selector: role == 'probed', ports: [metrics]}}]
`
)

var tierProbes = []probe{
	{field: "order", with: "{order: 2000000}", beside: tenant},
	{field: "defaultAction", with: "{defaultAction: Pass}", beside: tenant},
}

var hostEndpointProbes = []probe{
	{field: "node", with: "{node: beta}", beside: userOfHosts, neutral: "Cilium does not choose nodes by name, so the policy is for every node (PF3012)"},
	{field: "interfaceName", with: "{interfaceName: eth0}", beside: userOfHosts},
	{field: "expectedIPs[]", with: "{expectedIPs: [192.168.10.1]}", beside: userOfHosts},
	{field: "profiles[]", with: "{profiles: [projectcalico-default-allow]}", beside: userOfHosts},
	{field: "ports[].name", with: "{ports: [{name: metrics, protocol: TCP, port: 9100}], expectedIPs: [192.168.10.1]}",
		without: "{expectedIPs: [192.168.10.1]}", beside: userOfHosts},
	{field: "ports[].protocol", with: "{ports: [{name: metrics, protocol: TCP, port: 9100}], expectedIPs: [192.168.10.1]}",
		without: "{expectedIPs: [192.168.10.1]}", beside: userOfHosts},
	{field: "ports[].port", with: "{ports: [{name: metrics, protocol: TCP, port: 9100}], expectedIPs: [192.168.10.1]}",
		without: "{expectedIPs: [192.168.10.1]}", beside: userOfHosts},
}
