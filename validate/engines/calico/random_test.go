package calico

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// randomSet writes a policy set over the world of the scenarios that uses every field a rule has.
func randomSet(t *testing.T, random *rand.Rand) []document {
	t.Helper()
	world, err := os.ReadFile("testdata/world.yaml")
	if err != nil {
		t.Fatal(err)
	}
	w := policyWriter{random}
	var b strings.Builder
	b.WriteString(randomSetObjects)
	for i := range 12 {
		b.WriteString(w.policy(i))
	}
	return append(parse(t, "world.yaml", world), parse(t, "random.yaml", []byte(b.String()))...)
}

const randomSetObjects = `apiVersion: projectcalico.org/v3
kind: GlobalNetworkSet
metadata: {name: partners, labels: {kind: partner}}
spec: {nets: [203.0.113.0/26, 198.51.100.7, "2001:db8::/121"]}
---
apiVersion: projectcalico.org/v3
kind: NetworkSet
metadata: {name: offices, namespace: shop, labels: {kind: office}}
spec: {nets: [192.0.2.16/28, 10.9.0.0/16]}
---
apiVersion: projectcalico.org/v3
kind: Tier
metadata: {name: early}
spec: {order: 5, defaultAction: Pass}
---
apiVersion: projectcalico.org/v3
kind: Tier
metadata: {name: late}
spec: {order: 2000000}
---
apiVersion: projectcalico.org/v3
kind: HostEndpoint
metadata: {name: w1, labels: {host: w1, app: web}}
spec: {node: worker-1, interfaceName: eth0, expectedIPs: [192.168.10.11], ports: [{name: http, protocol: TCP, port: 80}]}
---
apiVersion: projectcalico.org/v3
kind: HostEndpoint
metadata: {name: w2, labels: {host: w2}}
spec: {node: worker-2, interfaceName: "*", profiles: [projectcalico-default-allow]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: db-1, namespace: shop, labels: {kubernetes.io/service-name: db}}
addressType: IPv4
endpoints: [{addresses: [10.0.1.20]}, {addresses: [203.0.113.1]}]
ports: [{name: pg, port: 5432, protocol: TCP}, {name: http, port: 80, protocol: TCP}]
---
`

type policyWriter struct{ random *rand.Rand }

func (w policyWriter) one(list ...string) string { return list[w.random.IntN(len(list))] }

func (w policyWriter) chance(percent int) bool { return w.random.IntN(100) < percent }

func (w policyWriter) policy(i int) string {
	tier := w.one("default", "default", "early", "late")
	order := w.one("", "order: 10, ", "order: 10, ", "order: 20, ", "order: 1000, ")
	types := w.one("", "types: [Ingress], ", "types: [Egress], ", "types: [Ingress, Egress], ")
	rules := fmt.Sprintf("ingress: [%s], egress: [%s]", w.rules(true), w.rules(false))
	if w.chance(50) {
		namespace := w.one("shop", "other")
		return fmt.Sprintf("apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: %s.p%d, namespace: %s}\nspec: {tier: %s, %s%sselector: %q, %s}\n---\n",
			tier, i, namespace, tier, order, types, w.selector(), rules)
	}
	forward := w.one("", "", "applyOnForward: true, ", "applyOnForward: true, doNotTrack: true, ", "applyOnForward: true, preDNAT: true, ")
	if strings.Contains(forward, "preDNAT") {
		types, rules = "types: [Ingress], ", fmt.Sprintf("ingress: [%s]", w.rules(true))
	}
	return fmt.Sprintf("apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: %s.p%d}\nspec: {tier: %s, %s%s%sselector: %q, %s}\n---\n",
		tier, i, tier, order, types, forward, w.selector(), rules)
}

func (w policyWriter) selector() string {
	return w.one("all()", "app == 'web'", "app == 'db' || app == 'client'", "has(role)", "!has(role)", "app in {'web', 'old'}", "has(host)", "kind == 'partner'", "has(kind)")
}

func (w policyWriter) rules(incoming bool) string {
	var list []string
	for range w.random.IntN(4) {
		list = append(list, "{"+w.rule(incoming)+"}")
	}
	return strings.Join(list, ", ")
}

func (w policyWriter) rule(incoming bool) string {
	fields := []string{"action: " + w.one("Allow", "Allow", "Deny", "Pass", "Log")}
	protocol := w.one("", "TCP", "TCP", "UDP", "SCTP", "ICMP", "ICMPv6", "47", "UDPLite")
	ports := protocol == "TCP" || protocol == "UDP" || protocol == "SCTP"
	if protocol != "" {
		fields = append(fields, "protocol: "+protocol)
	} else if w.chance(30) {
		fields = append(fields, "notProtocol: "+w.one("TCP", "UDP", "1"))
	}
	if strings.HasPrefix(protocol, "ICMP") {
		fields = append(fields, w.one("icmp: {type: 8}", "icmp: {type: 3, code: 1}", "notICMP: {type: 3, code: 1}", "notICMP: {type: 0}"))
	}
	family := w.one("4", "4", "6")
	if protocol == "ICMP" {
		family = "4"
	} else if protocol == "ICMPv6" {
		family = "6"
	}
	fields = append(fields, "source: {"+w.entity(family, ports, incoming, false)+"}", "destination: {"+w.entity(family, ports, false, !incoming)+"}")
	return strings.Join(fields, ", ")
}

// entity writes one side; a service takes the place of everything else.
func (w policyWriter) entity(family string, ports, sourceService, destinationService bool) string {
	if (sourceService || destinationService) && w.chance(10) && (sourceService || !ports) {
		return "services: {name: db, namespace: shop}"
	}
	var fields []string
	add := func(percent int, name string, choices ...string) {
		if w.chance(percent) {
			fields = append(fields, name+": "+w.one(choices...))
		}
	}
	if family == "4" {
		add(25, "nets", "[10.0.0.0/16]", "[10.0.1.0/24, 203.0.113.0/24]", "[0.0.0.0/0]", "[8.8.8.8/32, 10.0.2.10/32, 192.168.10.0/24]")
		add(20, "notNets", "[10.0.1.10/32]", "[10.0.2.0/24, 203.0.113.0/27]")
	} else {
		add(25, "nets", `["fd00::/64"]`, `["fd00::110/128", "2001:db8::/32"]`)
		add(20, "notNets", `["fd00::120/128"]`, `["fd00::/120", "2001:db8::/64"]`)
	}
	add(25, "selector", quoted(w.selector()))
	add(15, "notSelector", quoted(w.selector()))
	add(15, "namespaceSelector", quoted(w.one("all()", "env == 'dev'", "env != 'dev'", "projectcalico.org/name == 'shop'")))
	add(10, "serviceAccounts", "{names: [front]}", "{selector: \"tier == 'edge'\"}")
	if ports {
		add(25, "ports", "[80]", `["1:20", 443]`, "[http]", "[http, 5432]", "[1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,53,80]")
		add(15, "notPorts", "[80]", "[http, 443]", "[pg]", `["1:16"]`)
	}
	return strings.Join(fields, ", ")
}

func quoted(text string) string { return fmt.Sprintf("%q", text) }

// TestRandomSetsAreValid keeps the generator honest: what validation refuses is not compared.
func TestRandomSetsAreValid(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		e, err := build(randomSet(t, random), options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, rejection := range e.Rejections {
			t.Error(rejection)
		}
	}
}
