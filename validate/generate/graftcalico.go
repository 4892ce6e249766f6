package generate

import "slices"

const (
	v3       = "projectcalico.org/v3"
	standard = "policy.networking.k8s.io/v1alpha1"
	newest   = "policy.networking.k8s.io/v1alpha2"
)

var (
	globalPolicy = kind{v3, "GlobalNetworkPolicy", "", "", "{selector: app == 'web', namespaceSelector: all(), types: [Ingress, Egress]}"}
	hostPolicy   = kind{v3, "GlobalNetworkPolicy", "", "", "{selector: zone == 'west', types: [Ingress, Egress], ingress: [{action: Allow}], egress: [{action: Allow}]}"}
	localPolicy  = kind{v3, "NetworkPolicy", "shop", "", "{selector: app == 'web', types: [Ingress, Egress]}"}
	rawPolicy    = kind{"crd.projectcalico.org/v1", "NetworkPolicy", "shop", "default.raw", "{selector: app == 'cart', ingress: [{action: Allow}]}"}
	staged       = []kind{
		{v3, "StagedGlobalNetworkPolicy", "", "", "{selector: app == 'web'}"}, {v3, "StagedNetworkPolicy", "shop", "", "{selector: app == 'web'}"}}
	copied           = kind{v3, "NetworkPolicy", "shop", "knp.default.copy", "{selector: app == 'cart'}"}
	stagedKubernetes = kind{v3, "StagedKubernetesNetworkPolicy", "shop", "", "{podSelector: {}}"}
	profile          = kind{v3, "Profile", "", "", "{}"}
	hostEndpoint     = kind{v3, "HostEndpoint", "", "", "{node: alpha, interfaceName: eth1, expectedIPs: [192.168.10.1], profiles: [projectcalico-default-allow]}"}
	kubernetes       = kind{"networking.k8s.io/v1", "NetworkPolicy", "shop", "", "{podSelector: {matchLabels: {app: web}}}"}
	anp              = kind{standard, "AdminNetworkPolicy", "", "", "{priority: 7, subject: {namespaces: {}}}"}
	banp             = kind{standard, "BaselineAdminNetworkPolicy", "", "default", "{subject: {namespaces: {}}}"}
	cnp              = kind{newest, "ClusterNetworkPolicy", "", "", "{tier: Admin, priority: 7, subject: {namespaces: {}}}"}
)

// calicoRules are rare things in a rule of either direction, which Calico accepts.
var calicoRules = []string{
	"{action: Allow, protocol: ICMP, icmp: {type: 3, code: 1}}", "{action: Deny, protocol: ICMP, notICMP: {type: 8, code: 0}}",
	"{action: Allow, metadata: {annotations: {owner: shop}}, protocol: TCP, source: {ports: [40000]}}",
	"{action: Deny, protocol: UDP, source: {notPorts: ['1:1023', 53]}}", "{action: Allow, protocol: TCP, source: {notPorts: [40000]}}",
	"{action: Allow, protocol: TCP, destination: {notPorts: ['80:500', http]}}", "{action: Allow, notProtocol: 47}",
	"{action: Allow, protocol: TCP, destination: {ports: [80, '81:90', http]}}",
	"{action: Allow, source: {serviceAccounts: {names: [cashier], selector: role == 'money'}}}",
	"{action: Deny, destination: {serviceAccounts: {names: [default], selector: '!has(role)'}}}",
	"{action: Allow, source: {namespaceSelector: has(team), notSelector: tier == 'back', nets: [10.244.0.0/16], notNets: [10.244.2.0/24]}}",
	"{action: Allow, destination: {namespaceSelector: global(), notSelector: net == 'known', nets: [10.0.0.0/8], notNets: [10.1.0.0/16]}}",
	"{action: Pass, ipVersion: 4, source: {selector: \"app contains 'a'\"}, destination: {selector: \"tier starts with 'b'\"}}",
	"{action: Allow, ipVersion: 6}", "{action: Allow, protocol: 112}",
}

// calicoIngress and calicoEgress stand in one direction only.
var (
	calicoIngress = []string{
		"{action: Allow, protocol: TCP, http: {methods: [GET], paths: [{exact: /a}, {prefix: /b}]}}",
		"{action: Allow, source: {services: {name: bank, namespace: pay}}}",
	}
	calicoEgress = []string{
		"{action: Allow, destination: {services: {name: db, namespace: shop}}}", "{action: Allow, destination: {services: {name: bank}}}",
		"{action: Allow, destination: {services: {name: kubernetes, namespace: default}}}",
	}
	// misplaced is what Calico rejects, and with it the policy.
	misplacedIngress = []string{"{action: Allow, destination: {services: {name: db, namespace: shop}}}"}
	misplacedEgress  = []string{"{action: Allow, source: {services: {name: db, namespace: shop}}}",
		"{action: Allow, protocol: TCP, http: {methods: [PUT], paths: [{exact: /a}, {prefix: /b}]}}"}
)

// calicoGrafts are the rare things of Calico's kinds and of the standard ones.
func calicoGrafts() []graft {
	in, out, both := []string{"spec.ingress"}, []string{"spec.egress"}, []string{"spec.ingress", "spec.egress"}
	policies := []kind{globalPolicy, localPolicy}
	all := slices.Concat(policies, staged)
	return slices.Concat(
		each(policies, both, calicoRules), each(policies, in, calicoIngress), each(policies, out, calicoEgress),
		together(staged, in, slices.Concat(calicoRules, calicoIngress)), together(staged, out, slices.Concat(calicoRules, calicoEgress)),
		each(all, in, misplacedIngress), each(all, out, misplacedEgress),
		each(all, []string{"spec"}, []string{"{performanceHints: [AssumeNeededOnEveryNode], order: 7, tier: default, types: [Ingress], serviceAccountSelector: has(role)}"}),
		each([]kind{globalPolicy, hostPolicy, staged[0]}, []string{"spec"}, []string{"{doNotTrack: true, applyOnForward: true}",
			"{preDNAT: true, applyOnForward: true, types: [Ingress]}", "{applyOnForward: true, namespaceSelector: ''}", "{doNotTrack: false, preDNAT: false, applyOnForward: false}"}),
		each([]kind{hostPolicy}, both, calicoRules[:4]),
		each(append(slices.Clone(staged), stagedKubernetes), []string{"spec"}, []string{"{stagedAction: Set}", "{stagedAction: Delete}"}),
		each([]kind{stagedKubernetes}, []string{"spec"}, []string{"{podSelector: {}, policyTypes: [Ingress, Egress]}"}),
		together([]kind{stagedKubernetes}, both, kubernetesRules),
		together([]kind{profile}, in, slices.Concat(calicoRules, calicoIngress, misplacedIngress)),
		together([]kind{profile}, out, slices.Concat(calicoRules, calicoEgress, misplacedEgress)),
		each([]kind{profile}, []string{"spec"}, []string{"{labelsToApply: {app: web}}"}),
		each([]kind{hostEndpoint}, []string{"spec"}, []string{"{ports: [{name: http, protocol: TCP, port: 8080}]}", "{interfaceName: '*'}", "{profiles: []}"}),
		each([]kind{rawPolicy}, in, calicoRules[3:6]),
		each([]kind{copied}, in, calicoRules[:1]),
		each([]kind{{v3, "Profile", "", "kns.shop", "{}"}}, []string{"spec"}, []string{"{labelsToApply: {pcns.env: prod}}"}),
		standardGrafts(),
	)
}
