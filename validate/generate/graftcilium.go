package generate

import "slices"

const v2 = "cilium.io/v2"

var (
	ciliumLocal  = kind{v2, "CiliumNetworkPolicy", "shop", "", "{endpointSelector: {matchLabels: {app: web}}}"}
	ciliumGlobal = kind{v2, "CiliumClusterwideNetworkPolicy", "", "", "{endpointSelector: {matchLabels: {app: web}}}"}
	ciliumHost   = kind{v2, "CiliumClusterwideNetworkPolicy", "", "", "{nodeSelector: {matchLabels: {zone: west}}}"}
	cidrGroup    = kind{v2, "CiliumCIDRGroup", "", "", "{externalCIDRs: [198.51.100.0/24]}"}
)

// ciliumPeers are rare peers of any element.
var ciliumPeers = []string{
	"{@Endpoints: [{matchLabels: {'reserved:host': ''}}]}", "{@Endpoints: [{}], icmps: [{fields: [{family: IPv4, type: 8}, {family: IPv6, type: 128}]}]}",
	"{@CIDR: [198.51.100.0/24], toPorts: [{ports: [{port: '80', endPort: 90, protocol: TCP}, {port: '53', protocol: UDP}]}]}",
	"{@CIDRSet: [{cidrGroupRef: partners}, {cidr: 10.0.0.0/8, except: [10.244.0.0/16]}, {cidrGroupSelector: {matchLabels: {net: known}}}]}",
	"{@Entities: [remote-node, kube-apiserver]}", "{@Nodes: [{matchLabels: {zone: west}}]}",
	"{@Groups: [{aws: {labels: {a: b}, securityGroupsIds: [sg-1], securityGroupsNames: [db], region: eu-west-1}}]}",
	"{@Endpoints: [{matchLabels: {io.cilium.k8s.policy.cluster: other}}]}", "{@Entities: [cluster-mesh]}",
	"{toPorts: [{ports: [{port: http, protocol: TCP}, {port: '443', protocol: ANY}, {port: '443', protocol: SCTP}]}]}",
	"{@Endpoints: [{matchExpressions: [{key: app, operator: NotIn, values: [db]}]}]}",
}

// ciliumLayer7 is what an allow can ask beyond ports, and ciliumEgress what only an allow on egress can.
var (
	ciliumLayer7 = []string{
		"{toPorts: [{ports: [{port: '443', protocol: TCP}], terminatingTLS: {secret: {name: tls, namespace: shop}, trustedCA: a, certificate: b, privateKey: c}, " +
			"originatingTLS: {secret: {name: tls, namespace: shop}, trustedCA: a, certificate: b, privateKey: c}, rules: {http: [{method: GET}]}}]}",
		"{toPorts: [{ports: [{port: '80', protocol: TCP}], rules: {http: [{method: GET, path: /a, host: example.com, headers: ['X-A: b'], " +
			"headerMatches: [{name: X-A, value: b, mismatch: ADD}, {name: X-B, secret: {name: s, namespace: shop}}]}]}}]}",
		"{toPorts: [{ports: [{port: '80', protocol: TCP}], rules: {http: [{}]}}]}",
		"{toPorts: [{ports: [{port: '443', protocol: TCP}], serverNames: [example.com]}]}",
		"{toPorts: [{ports: [{port: '443', protocol: TCP}], listener: {name: l, priority: 3, envoyConfig: {name: e, kind: CiliumClusterwideEnvoyConfig}}}]}",
		"{@Entities: [world], authentication: {mode: required}}", "{@Endpoints: [{matchLabels: {app: db}}], authentication: {mode: disabled}}",
		"{@Entities: [cluster], authentication: {mode: test-always-fail}}",
		"{toPorts: [{ports: [{port: '53', protocol: UDP}], rules: {dns: [{matchName: example.com}, {matchPattern: '*.example.com'}]}}]}",
		"{toPorts: [{ports: [{port: '53', protocol: UDP}], rules: {dns: [{matchPattern: '*'}]}}]}",
	}
	ciliumNames    = []string{"{toFQDNs: [{matchName: example.com}, {matchPattern: '*.example.com'}]}"}
	ciliumServices = []string{
		"{toServices: [{k8sService: {serviceName: db, namespace: shop}}, {k8sServiceSelector: {selector: {matchLabels: {app: db}}, namespace: shop}}]}",
		"{toServices: [{k8sService: {serviceName: bank, namespace: pay}}], toPorts: [{ports: [{port: '8443', protocol: TCP}]}]}",
		"{toServices: [{k8sService: {serviceName: gone}}], toPorts: [{ports: [{port: '80', protocol: TCP}]}]}",
	}
	// ciliumRefused is what no agent takes any more.
	ciliumRefused = []string{"{@Requires: [{matchLabels: {app: db}}]}"}
)

// ciliumSpecs are rare things beside the rules.
var ciliumSpecs = []string{
	"{description: why, labels: [{key: a, value: b, source: k8s}], log: {value: web}, enableDefaultDeny: {ingress: false, egress: true}, ingress: [{fromEntities: [cluster]}]}",
	"{enableDefaultDeny: {egress: false}, egress: [{}]}", "{ingress: [], egress: [{toEndpoints: []}]}",
}

// ciliumGrafts are the rare things of Cilium's kinds and of the standard ones.
func ciliumGrafts() []graft {
	places := func(sections ...string) []string {
		var out []string
		for _, root := range []string{"spec.", "specs."} {
			for _, section := range sections {
				out = append(out, root+section)
			}
		}
		return out
	}
	both := []kind{ciliumLocal, ciliumGlobal}
	return slices.Concat(
		each(both, places("ingress", "egress", "ingressDeny", "egressDeny"), ciliumPeers),
		each(both, places("ingress", "egress"), ciliumLayer7),
		each(both, places("egress"), ciliumNames), each(both, places("egress", "egressDeny"), ciliumServices),
		each(both, places("ingress", "egress", "ingressDeny", "egressDeny"), ciliumRefused),
		each(both, []string{"spec", "specs"}, ciliumSpecs),
		each([]kind{ciliumHost}, places("ingress", "egress", "ingressDeny"), ciliumPeers[1:6]),
		each([]kind{{v2, "CiliumNetworkPolicy", "shop", "", "{}"}}, []string{"spec", "specs"}, []string{"{nodeSelector: {matchLabels: {zone: west}}, ingress: [{}]}"}),
		each([]kind{cidrGroup}, []string{"spec"}, []string{"{externalCIDRs: [198.51.100.9/32, 10.1.0.0/16]}"}),
		standardGrafts(),
	)
}
