package cilium

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"github.com/policyferry/policyferry/validate/verdict"
)

// generator makes random clusters, policies of every kind and connections.
type generator struct {
	*rand.Rand
	nodeLabels, dualStack bool
}

// pick returns one of the texts.
func (g *generator) pick(of ...string) string { return of[g.IntN(len(of))] }

// chance is true once in n.
func (g *generator) chance(n int) bool { return g.IntN(n) == 0 }

// list joins one to n texts.
func (g *generator) list(n int, one func() string) string {
	var texts []string
	for range 1 + g.IntN(n) {
		texts = append(texts, one())
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

const podCount, nodeCount = 9, 3

func (g *generator) cluster() string {
	var b strings.Builder
	g.nodeLabels, g.dualStack = g.chance(2), g.chance(3)
	second := func(text string, of ...any) string {
		if g.dualStack {
			return fmt.Sprintf(text, of...)
		}
		return ""
	}
	fmt.Fprintf(&b, "apiVersion: policyferry.io/v1alpha1\nkind: ClusterFacts\nspec:\n  apiServers: [%q, %q]\n  cilium: {%s}\n",
		g.pick("192.168.10.1:6443", "192.168.10.2:6443"), "198.51.100.1:6443", g.settings())
	for i := range 3 {
		fmt.Fprintf(&b, "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ns%d, labels: {env: e%d}}\n", i, i%2)
		fmt.Fprintf(&b, "---\napiVersion: v1\nkind: Node\nmetadata: {name: n%d, labels: {role: r%d, kubernetes.io/hostname: n%d}}\n", i, i%2, i)
		fmt.Fprintf(&b, "status: {addresses: [{type: InternalIP, address: 192.168.10.%d}%s]}\n", i+1,
			second(", {type: InternalIP, address: \"fd01::%d\"}", i+1))
	}
	for i := range podCount {
		fmt.Fprintf(&b, "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p%d, namespace: ns%d, labels: {app: a%d, tier: t%d%s}}\n",
			i, i%3, g.IntN(3), g.IntN(2), g.pick("", "", "", "", ", kubernetes.io/os: linux", ", init: x", ", host: x"))
		fmt.Fprintf(&b, "spec: {nodeName: n%d, serviceAccountName: s%d, containers: [{name: c, ports: [{name: web, containerPort: %s}, {name: dns, containerPort: 53, protocol: %s}]}]}\n",
			g.IntN(nodeCount), g.IntN(2), g.pick("80", "81"), g.pick("UDP", "TCP"))
		fmt.Fprintf(&b, "status: {phase: Running, podIP: 10.0.%d.%d, podIPs: [{ip: 10.0.%d.%d}%s]}\n", i%2, i+1, i%2, i+1,
			second(", {ip: \"fd00::%d\"}", i+1))
	}
	b.WriteString("---\napiVersion: v1\nkind: Service\nmetadata: {name: svc, namespace: ns0, labels: {kind: a}}\nspec: {selector: {app: a0}, ports: [{port: 80}]}\n")
	b.WriteString("---\napiVersion: v1\nkind: Service\nmetadata: {name: ext, namespace: ns1, labels: {kind: b}}\nspec: {ports: [{port: 80}]}\n")
	b.WriteString("---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: ext-1, namespace: ns1, labels: {kubernetes.io/service-name: ext}}\naddressType: IPv4\nendpoints: [{addresses: [203.0.113.5], conditions: {ready: true}}]\nports: [{port: 80, protocol: TCP}]\n")
	return b.String()
}

func (g *generator) settings() string {
	s := []string{fmt.Sprintf("nodeSelectorLabels: %t", g.nodeLabels)}
	if g.chance(2) {
		s = append(s, "clusterNetworkPolicy: true")
	}
	if g.chance(2) {
		s = append(s, "hostFirewall: true")
	}
	if g.chance(3) {
		s = append(s, "defaultLocalCluster: false")
	}
	if g.chance(4) {
		s = append(s, "policyEnforcementMode: "+g.pick("always", "always", "never"))
	}
	if g.chance(4) {
		s = append(s, "policyCIDRMatchMode: "+g.pick("[pods]", "[nodes]", "[pods, nodes]"))
	}
	if g.chance(4) {
		s = append(s, "sctp: true")
	}
	if g.chance(5) {
		s = append(s, "extendedProtocols: true")
	}
	if g.chance(6) {
		s = append(s, "labels: "+g.pick(`"k8s:app"`, `"!tier"`, `"k8s:app k8s:tier !k8s:app"`, `"k8s:!io\\.cilium\\.k8s\\.policy"`))
	}
	if g.chance(8) {
		s = append(s, "l7Proxy: false")
	}
	return strings.Join(s, ", ")
}

func (g *generator) policies() string {
	var b strings.Builder
	for i := range 2 {
		fmt.Fprintf(&b, "---\napiVersion: cilium.io/v2\nkind: CiliumCIDRGroup\nmetadata: {name: g%d, labels: {zone: z%d}}\nspec: {externalCIDRs: [%s, %s]}\n",
			i, i, g.cidr(), g.cidr())
	}
	for i := range 3 + g.IntN(10) {
		switch g.IntN(6) {
		case 0:
			fmt.Fprintf(&b, "---\napiVersion: cilium.io/v2\nkind: CiliumClusterwideNetworkPolicy\nmetadata: {name: p%d}\nspec: {%s: %s, %s}\n",
				i, g.pick("endpointSelector", "endpointSelector", "nodeSelector"), g.selector(""), g.sections())
		case 1, 2:
			fmt.Fprintf(&b, "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p%d, namespace: ns%d}\nspec: {podSelector: %s, %s}\n",
				i, g.IntN(3), g.plainSelector(), g.networkSections())
		case 3:
			fmt.Fprintf(&b, "---\napiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: p%d}\nspec: {tier: %s, priority: %d, subject: %s, %s}\n",
				i, g.pick("Admin", "Baseline"), g.IntN(3), g.clusterPods(), g.clusterSections())
		default:
			fmt.Fprintf(&b, "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: p%d, namespace: ns%d}\nspec: {endpointSelector: %s, %s}\n",
				i, g.IntN(3), g.selector(""), g.sections())
		}
	}
	return b.String()
}

// sections are the rule lists of a Cilium policy.
func (g *generator) sections() string {
	var s []string
	if g.chance(4) {
		s = append(s, fmt.Sprintf("enableDefaultDeny: {ingress: %t, egress: %t}", g.chance(2), g.chance(2)))
	}
	if g.chance(2) {
		s = append(s, "ingress: "+g.list(3, func() string { return g.element("from", false) }))
	}
	if g.chance(2) {
		s = append(s, "egress: "+g.list(3, func() string { return g.element("to", false) }))
	}
	if g.chance(4) {
		s = append(s, "ingressDeny: "+g.list(2, func() string { return g.element("from", true) }))
	}
	if g.chance(4) {
		s = append(s, "egressDeny: "+g.list(2, func() string { return g.element("to", true) }))
	}
	if len(s) == 0 || len(s) == 1 && strings.HasPrefix(s[0], "enable") {
		s = append(s, "ingress: [{}]")
	}
	return strings.Join(s, ", ")
}

func (g *generator) element(direction string, deny bool) string {
	var fields []string
	if peers := g.peers(direction, deny); peers != "" {
		fields = append(fields, peers)
	}
	switch g.IntN(6) {
	case 0, 1, 2:
		fields = append(fields, "toPorts: "+g.list(2, func() string { return g.ports(direction, deny) }))
	case 3:
		fields = append(fields, fmt.Sprintf("icmps: [{fields: [{type: %s}]}]", g.pick("8", "0", "13", "128, family: IPv6")))
	}
	if !deny && g.chance(20) {
		fields = append(fields, "authentication: {mode: "+g.pick("required", "disabled")+"}")
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

func (g *generator) peers(direction string, deny bool) string {
	switch g.IntN(13) {
	case 0, 1, 2, 3:
		return direction + "Endpoints: " + g.list(2, func() string { return g.selector("peer") })
	case 4:
		return direction + "Endpoints: []"
	case 5, 6:
		return direction + "Entities: " + g.list(2, func() string {
			return g.pick("all", "world", "cluster", "host", "remote-node", "kube-apiserver", "none", "health", "cluster-mesh")
		})
	case 7:
		return direction + "CIDR: " + g.list(2, g.cidr)
	case 8:
		return direction + "CIDRSet: " + g.list(2, g.cidrSet)
	case 9:
		if g.nodeLabels {
			return direction + "Nodes: [" + g.pick("{}", "{matchLabels: {role: r0}}", "{matchExpressions: [{key: role, operator: NotIn, values: [r1]}]}") + "]"
		}
	case 10:
		if direction == "to" {
			return "toServices: [" + g.pick(
				"{k8sService: {serviceName: svc, namespace: ns0}}", "{k8sService: {serviceName: ext}}",
				"{k8sService: {serviceName: missing}}", "{k8sServiceSelector: {selector: {matchLabels: {kind: a}}}}") + "]"
		}
	case 11:
		if direction == "to" && !deny {
			return "toFQDNs: [{matchName: example.com}]"
		}
	}
	return ""
}

func (g *generator) cidr() string {
	return g.pick("203.0.113.0/24", "203.0.113.0/28", "203.0.113.5/32", "0.0.0.0/0", "10.0.0.0/8", "10.0.1.0/24",
		"192.168.0.0/16", "192.168.10.2/32", "198.51.100.0/24", `"::/0"`, `"2001:db8::/32"`, `"fd00::/16"`, `"fd01::2/128"`)
}

func (g *generator) cidrSet() string {
	return g.pick("{cidrGroupRef: g0}", "{cidrGroupRef: g1}", "{cidrGroupRef: missing}",
		"{cidrGroupSelector: {matchLabels: {zone: z0}}}", "{cidrGroupSelector: {matchExpressions: [{key: zone, operator: NotIn, values: [z1]}]}}",
		"{cidr: 203.0.113.0/24, except: [203.0.113.0/28]}", "{cidr: 0.0.0.0/0, except: [203.0.113.0/24, 10.0.1.0/24]}",
		"{cidr: 10.0.0.0/8, except: [10.0.0.0/24]}", "{cidr: 192.168.0.0/16, except: [192.168.10.2/32]}")
}

// selector is a selector of a Cilium policy.
func (g *generator) selector(use string) string {
	var labels, expressions []string
	for range g.IntN(3) {
		switch g.IntN(10) {
		case 0, 1, 2:
			labels = append(labels, fmt.Sprintf("%q: a%d", g.pick("app", "k8s:app", "any:app"), g.IntN(3)))
		case 3:
			labels = append(labels, fmt.Sprintf("tier: t%d", g.IntN(2)))
		case 4:
			labels = append(labels, fmt.Sprintf("io.cilium.k8s.policy.serviceaccount: s%d", g.IntN(2)))
		case 5:
			expressions = append(expressions, fmt.Sprintf("{key: app, operator: %s, values: [a%d, a1]}", g.pick("In", "NotIn"), g.IntN(3)))
		case 6:
			expressions = append(expressions, fmt.Sprintf("{key: %s, operator: %s}", g.pick("app", "none", "kubernetes.io/os"), g.pick("Exists", "DoesNotExist")))
		case 7:
			expressions = append(expressions, fmt.Sprintf("{key: io.cilium.k8s.namespace.labels.env, operator: %s, values: [e0]}", g.pick("In", "NotIn")))
		case 8:
			expressions = append(expressions, fmt.Sprintf("{key: %q, operator: %s, values: [ns0, ns1]}", "k8s:io.kubernetes.pod.namespace", g.pick("In", "NotIn")))
		case 9:
			if use == "peer" {
				expressions = append(expressions, fmt.Sprintf("{key: %q, operator: %s}",
					g.pick("reserved:host", "reserved:world", "reserved:remote-node", "k8s:io.kubernetes.pod.namespace", "io.cilium.k8s.policy.cluster"), g.pick("Exists", "DoesNotExist")))
			}
		}
	}
	return fmt.Sprintf("{matchLabels: {%s}, matchExpressions: [%s]}", strings.Join(unique(labels), ", "), strings.Join(expressions, ", "))
}

// unique drops labels whose key, read without its source, was given before.
func unique(labels []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, l := range labels {
		key := strings.Trim(l[:strings.LastIndex(l, ":")], `"`)
		key = key[strings.LastIndex(key, ":")+1:]
		if !seen[key] {
			seen[key] = true
			out = append(out, l)
		}
	}
	return out
}

func (g *generator) ports(direction string, deny bool) string {
	ports := g.list(2, g.port)
	switch {
	case g.chance(12):
		return "{}"
	case deny || !g.chance(6):
		return "{ports: " + ports + "}"
	case direction == "to" && g.chance(2):
		return `{ports: [{port: "53", protocol: ANY}], rules: {dns: [{matchPattern: "` + g.pick("*", "*.example.com") + `"}]}}`
	}
	return `{ports: [{port: "80", protocol: TCP}], rules: {http: [` + g.pick("{}", "{method: GET}", "") + `]}}`
}

func (g *generator) port() string {
	return g.pick(`{port: "80"}`, `{port: "80", protocol: TCP}`, `{port: "53", protocol: UDP}`, `{port: "0", protocol: TCP}`,
		`{port: "80", endPort: 90, protocol: TCP}`, `{port: "79", endPort: 82, protocol: ANY}`, `{port: "90", endPort: 80}`,
		`{port: web}`, `{port: web, protocol: TCP}`, `{port: dns, protocol: UDP}`, `{port: "0"}`, `{port: web, endPort: 85, protocol: TCP}`)
}

func (g *generator) plainSelector() string {
	return g.pick("{}", "{}", "{matchLabels: {app: a0}}", "{matchLabels: {app: a1, tier: t0}}",
		"{matchExpressions: [{key: app, operator: NotIn, values: [a0]}]}", "{matchExpressions: [{key: tier, operator: Exists}]}")
}

func (g *generator) namespaceSelector() string {
	return g.pick("{}", "{matchLabels: {env: e0}}", "{matchExpressions: [{key: env, operator: NotIn, values: [e0]}]}",
		"{matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [ns0, ns2]}]}")
}

func (g *generator) networkSections() string {
	s := []string{"policyTypes: " + g.pick("[]", "[Ingress]", "[Egress]", "[Ingress, Egress]")}
	for _, d := range [][2]string{{"ingress", "from"}, {"egress", "to"}} {
		if g.chance(2) {
			s = append(s, d[0]+": "+g.list(2, func() string { return g.networkRule(d[1]) }))
		}
	}
	return strings.Join(s, ", ")
}

func (g *generator) networkRule(direction string) string {
	var fields []string
	if !g.chance(4) {
		fields = append(fields, direction+": "+g.list(2, func() string {
			return g.pick("{podSelector: "+g.plainSelector()+"}", "{namespaceSelector: "+g.namespaceSelector()+"}",
				"{podSelector: "+g.plainSelector()+", namespaceSelector: "+g.namespaceSelector()+"}",
				"{ipBlock: {cidr: "+g.cidr()+"}}", "{ipBlock: {cidr: 0.0.0.0/0, except: [203.0.113.0/28]}}")
		}))
	}
	if g.chance(2) {
		fields = append(fields, "ports: "+g.list(2, func() string {
			return g.pick("{port: 80}", "{protocol: UDP, port: 53}", "{port: web}", "{port: 79, endPort: 82}", "{protocol: TCP}", "{protocol: SCTP, port: 80}")
		}))
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

func (g *generator) clusterPods() string {
	return g.pick("{namespaces: "+g.namespaceSelector()+"}", "{pods: {namespaceSelector: "+g.namespaceSelector()+", podSelector: "+g.plainSelector()+"}}")
}

func (g *generator) clusterSections() string {
	var s []string
	for _, d := range [][2]string{{"ingress", "from"}, {"egress", "to"}} {
		if !g.chance(3) {
			s = append(s, d[0]+": "+g.list(4, func() string { return g.clusterRule(d[1]) }))
		}
	}
	if len(s) == 0 {
		return "ingress: [{action: Deny}]"
	}
	return strings.Join(s, ", ")
}

func (g *generator) clusterRule(direction string) string {
	fields := []string{"action: " + g.pick("Accept", "Deny", "Pass")}
	if !g.chance(6) {
		fields = append(fields, direction+": "+g.list(2, func() string {
			switch {
			case direction == "to" && g.chance(3):
				return "{networks: " + g.list(2, g.cidr) + "}"
			case direction == "to" && g.chance(20) && g.chance(2):
				return "{domainNames: [example.com]}"
			case direction == "to" && g.chance(6) && g.nodeLabels:
				return "{nodes: {matchLabels: {role: r0}}}"
			}
			return g.clusterPods()
		}))
	}
	if g.chance(2) {
		fields = append(fields, "protocols: "+g.list(2, func() string {
			return g.pick("{tcp: {destinationPort: {number: 80}}}", "{tcp: {}}", "{udp: {destinationPort: {range: {start: 50, end: 60}}}}",
				"{destinationNamedPort: web}", "{tcp: {destinationPort: {range: {start: 1, end: 65535}}}}")
		}))
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

func (g *generator) address() string {
	if g.dualStack && g.chance(3) {
		return g.pick("2001:db8::1", "2001:db9::1", "fd00::99", "fd00::1", "fd01::1")
	}
	return g.pick("203.0.113.5", "203.0.113.9", "203.0.113.99", "198.51.100.1", "10.0.1.200", "192.168.99.1", "8.8.8.8", "10.0.0.1")
}

func (g *generator) end() verdict.Endpoint {
	switch g.IntN(6) {
	case 0:
		return verdict.Endpoint{Addr: netip.MustParseAddr(g.address())}
	case 1:
		return verdict.Endpoint{Node: fmt.Sprintf("n%d", g.IntN(nodeCount))}
	}
	i := g.IntN(podCount)
	return verdict.Endpoint{Pod: fmt.Sprintf("ns%d/p%d", i%3, i)}
}

func (g *generator) connections(t testing.TB, n int) []verdict.Connection {
	var out []verdict.Connection
	for range n {
		traffic := g.pick("tcp/80", "tcp/80", "tcp/81", "tcp/53", "udp/53", "tcp/85", "tcp/90", "udp/80",
			"icmp/8", "icmp/0", "icmp/13", "icmp/3.4", "icmpv6/128", "icmpv6/135", "sctp/80", "47", "43")
		c := connection(t, g.end(), g.end().String(), traffic)
		if g.dualStack && g.chance(4) {
			c.IPVersion = 6
		}
		out = append(out, c)
	}
	return out
}
