package translate_test

// ciliumPlaces are the places of Cilium's kinds.
func ciliumPlaces() []place {
	const pods = "endpointSelector: {matchLabels: {app: web}}"
	both := []string{"CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"}
	allow := func(d string) string { return "{" + pods + ", " + d + ": [{@Entities: [all]}]}" }
	return []place{
		{kinds: both, path: "spec", spec: "{" + pods + ", ingress: [{}], egress: [{}]}", probes: ciliumRuleProbes},
		{kinds: both[:1], path: "spec", spec: "{" + pods + ", ingress: [{}]}", probes: nodeSelector(true)},
		{kinds: both[1:], path: "spec", spec: "{" + pods + ", ingress: [{}]}", probes: nodeSelector(false)},
		{kinds: both, path: "spec.ingress[]", from: "from", spec: "{" + pods + "}", probes: concat(peerProbes(), portProbes, layer7Probes(false))},
		{kinds: both, path: "spec.egress[]", from: "to", spec: "{" + pods + "}", probes: concat(peerProbes(), serviceProbes(), nameProbes, portProbes, layer7Probes(true))},
		{kinds: both, path: "spec.ingressDeny[]", from: "from", spec: allow("ingress"), probes: concat(peerProbes(), portProbes)},
		{kinds: both, path: "spec.egressDeny[]", from: "to", spec: allow("egress"), probes: concat(peerProbes(), serviceProbes(), portProbes)},
		{kinds: []string{"CiliumCIDRGroup"}, path: "spec", spec: "{externalCIDRs: []}", probes: []probe{
			{field: "externalCIDRs[]", with: "{externalCIDRs: [198.51.100.0/24]}", beside: userOfGroups}}},
	}
}

func concat(lists ...[]probe) []probe {
	var out []probe
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

// ciliumRuleProbes are those of a Rule itself.
var ciliumRuleProbes = []probe{
	{field: "endpointSelector", with: "{endpointSelector: SELECTOR}"},
	{field: "labels[].key", with: "{labels: [{key: a}]}"},
	{field: "labels[].value", with: "{labels: [{key: a, value: b}]}"},
	{field: "labels[].source", with: "{labels: [{key: a, source: k8s}]}"},
	{field: "enableDefaultDeny.ingress", with: "{enableDefaultDeny: {ingress: false}}"},
	{field: "enableDefaultDeny.egress", with: "{enableDefaultDeny: {egress: false}}"},
	{field: "description", with: "{description: web}"},
	{field: "log.value", with: "{log: {value: web}}"},
}

func nodeSelector(refused bool) []probe {
	return []probe{{field: "nodeSelector", with: "{endpointSelector: ABSENT, nodeSelector: SELECTOR}", refused: refused}}
}

// peerProbes are those of the peers of an element.
func peerProbes() []probe {
	out := []probe{
		{field: "@Endpoints[]", with: "{@Endpoints: [SELECTOR]}"},
		{field: "@Requires[]", with: "{@Requires: [{matchLabels: {app: db}}]}", refused: true},
		{field: "@CIDR[]", with: "{@CIDR: [198.51.100.0/24]}"},
		{field: "@CIDRSet[].cidr", with: "{@CIDRSet: [{cidr: 198.51.100.0/24}]}"},
		{field: "@CIDRSet[].cidrGroupRef", with: "{@CIDRSet: [{cidrGroupRef: partners}]}", beside: group},
		{field: "@CIDRSet[].cidrGroupSelector", with: "{@CIDRSet: [{cidrGroupSelector: SELECTOR}]}", beside: group},
		{field: "@CIDRSet[].except[]", with: "{@CIDRSet: [{cidr: 198.51.100.0/24, except: [198.51.100.128/25]}]}", without: "{@CIDRSet: [{cidr: 198.51.100.0/24}]}"},
		{field: "@Entities[]", with: "{@Entities: [world]}"},
		{field: "@Groups[].aws.labels", with: "{@Groups: [{aws: {labels: {a: b}}}]}"},
		{field: "@Groups[].aws.securityGroupsIds[]", with: "{@Groups: [{aws: {securityGroupsIds: [sg-1]}}]}"},
		{field: "@Groups[].aws.securityGroupsNames[]", with: "{@Groups: [{aws: {securityGroupsNames: [db]}}]}"},
		{field: "@Groups[].aws.region", with: "{@Groups: [{aws: {securityGroupsIds: [sg-1], region: eu-west-1}}]}", without: "{@Groups: [{aws: {securityGroupsIds: [sg-1]}}]}"},
		{field: "@Nodes[]", with: "{@Nodes: [NODES]}"},
	}
	return out
}

func serviceProbes() []probe {
	return []probe{
		{field: "toServices[].k8sServiceSelector.selector", with: "{toServices: [{k8sServiceSelector: {selector: SELECTOR}}]}"},
		{field: "toServices[].k8sServiceSelector.namespace", with: "{toServices: [{k8sServiceSelector: {selector: {matchLabels: {app: db}}, namespace: pay}}]}",
			without: "{toServices: [{k8sServiceSelector: {selector: {matchLabels: {app: db}}}}]}"},
		{field: "toServices[].k8sService.serviceName", with: "{toServices: [{k8sService: {serviceName: db, namespace: shop}}]}"},
		{field: "toServices[].k8sService.namespace", with: "{toServices: [{k8sService: {serviceName: db, namespace: pay}}]}",
			without: "{toServices: [{k8sService: {serviceName: db}}]}"},
	}
}

var nameProbes = []probe{
	{field: "toFQDNs[].matchName", with: "{toFQDNs: [{matchName: example.com}]}"},
	{field: "toFQDNs[].matchPattern", with: "{toFQDNs: [{matchPattern: '*.example.com'}]}"},
}

var portProbes = []probe{
	{field: "toPorts[].ports[].port", with: "{toPorts: [{ports: [{port: '81', protocol: TCP}]}]}", without: "{toPorts: [{ports: [{port: '80', protocol: TCP}]}]}"},
	{field: "toPorts[].ports[].endPort", with: "{toPorts: [{ports: [{port: '80', endPort: 90, protocol: TCP}]}]}", without: "{toPorts: [{ports: [{port: '80', protocol: TCP}]}]}"},
	{field: "toPorts[].ports[].protocol", with: "{toPorts: [{ports: [{port: '80', protocol: UDP}]}]}", without: "{toPorts: [{ports: [{port: '80'}]}]}"},
	{field: "icmps[].fields[].family", with: "{icmps: [{fields: [{type: 128, family: IPv6}]}]}", without: "{icmps: [{fields: [{type: 128}]}]}"},
	{field: "icmps[].fields[].type", with: "{icmps: [{fields: [{type: 8}]}]}", without: "{icmps: [{fields: [{type: 3}]}]}"},
}

// layer7Probes are those of what an allow can ask beyond ports.
func layer7Probes(egress bool) []probe {
	const port = "ports: [{port: '443', protocol: TCP}]"
	const query = "ports: [{port: '53', protocol: UDP}]"
	var out []probe
	add := func(field, base, with string, refused bool) {
		out = append(out, probe{field: "toPorts[]." + field, with: "{toPorts: [{" + base + ", " + with + "}]}", without: "{toPorts: [{" + base + "}]}", refused: refused})
	}
	for _, tls := range []string{"terminatingTLS", "originatingTLS"} {
		add(tls+".secret.name", port, tls+": {secret: {name: tls}}", false)
		add(tls+".secret.namespace", port, tls+": {secret: {name: tls, namespace: shop}}", false)
		for _, f := range []string{"trustedCA", "certificate", "privateKey"} {
			add(tls+"."+f, port, tls+": {secret: {name: tls}, "+f+": a.pem}", false)
		}
	}
	add("serverNames[]", port, "serverNames: [example.com]", false)
	add("listener.name", port, "listener: {name: l, envoyConfig: {name: e}}", !egress)
	add("listener.envoyConfig.name", port, "listener: {name: l, envoyConfig: {name: e}}", !egress)
	add("listener.envoyConfig.kind", port, "listener: {name: l, envoyConfig: {name: e, kind: CiliumClusterwideEnvoyConfig}}", !egress)
	add("listener.priority", port, "listener: {name: l, priority: 3, envoyConfig: {name: e}}", !egress)
	add("rules.http[].path", port, "rules: {http: [{path: /a}]}", false)
	add("rules.http[].method", port, "rules: {http: [{method: GET}]}", false)
	add("rules.http[].host", port, "rules: {http: [{host: example.com}]}", false)
	add("rules.http[].headers[]", port, "rules: {http: [{headers: ['X-A: b']}]}", false)
	add("rules.http[].headerMatches[].name", port, "rules: {http: [{headerMatches: [{name: X-A, value: b}]}]}", false)
	add("rules.http[].headerMatches[].value", port, "rules: {http: [{headerMatches: [{name: X-A, value: b}]}]}", false)
	add("rules.http[].headerMatches[].mismatch", port, "rules: {http: [{headerMatches: [{name: X-A, value: b, mismatch: ADD}]}]}", false)
	add("rules.http[].headerMatches[].secret.name", port, "rules: {http: [{headerMatches: [{name: X-A, secret: {name: s}}]}]}", false)
	add("rules.http[].headerMatches[].secret.namespace", port, "rules: {http: [{headerMatches: [{name: X-A, secret: {name: s, namespace: shop}}]}]}", false)
	add("rules.dns[].matchName", query, "rules: {dns: [{matchName: example.com}]}", !egress)
	add("rules.dns[].matchPattern", query, "rules: {dns: [{matchPattern: '*.example.com'}]}", !egress)
	return append(out, probe{field: "authentication.mode", with: "{@Entities: [world], authentication: {mode: required}}", without: "{@Entities: [world]}"})
}

const (
	group = `
apiVersion: cilium.io/v2
kind: CiliumCIDRGroup
metadata: {name: partners, labels: {app: db}}
spec: {externalCIDRs: [198.51.100.0/24]}
`
	userOfGroups = `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: user, namespace: shop}
spec:
  endpointSelector: {}
  ingress: [{fromCIDRSet: [{cidrGroupRef: probed}]}]
`
)
