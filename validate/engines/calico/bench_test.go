package calico

import (
	"fmt"
	"strings"
	"testing"
)

// large writes a cluster of n pods in n/10 namespaces and n policies of the usual shapes.
func large(n int) []byte {
	var b strings.Builder
	for i := range n / 10 {
		fmt.Fprintf(&b, "apiVersion: v1\nkind: Namespace\nmetadata: {name: ns-%d, labels: {group: g%d}}\n---\n", i, i%7)
	}
	for i := range n {
		fmt.Fprintf(&b, `apiVersion: v1
kind: Pod
metadata: {namespace: ns-%d, name: pod-%d, labels: {app: a%d, tier: t%d}}
spec: {nodeName: node-%d, containers: [{name: c, ports: [{name: web, containerPort: 80}]}]}
status: {phase: Running, podIP: 10.%d.%d.%d, hostIP: 192.168.0.%d}
---
`, i%(n/10), i, i%20, i%3, i%50, i/65536, i/256%256, i%256, i%50)
	}
	for i := range n {
		fmt.Fprintf(&b, `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {namespace: ns-%d, name: p-%d}
spec:
  order: %d
  selector: app == 'a%d' || tier == 't%d'
  types: [Ingress, Egress]
  ingress:
  - {action: Allow, protocol: TCP, source: {namespaceSelector: group == 'g%d', selector: app == 'a%d'}, destination: {ports: [80, 443]}}
  - {action: Allow, protocol: TCP, source: {nets: [10.%d.0.0/16]}, destination: {ports: [web]}}
  - {action: Deny, source: {nets: [192.0.2.%d/32]}}
  egress:
  - {action: Allow, protocol: UDP, destination: {ports: [53]}}
  - {action: Allow, destination: {notNets: [10.%d.0.0/16]}}
---
`, i%(n/10), i, i%100, i%20, i%3, i%7, i%20, i%200, i%256, i%200)
	}
	return []byte(b.String())
}

func BenchmarkLoad(b *testing.B) {
	data := large(1000)
	for b.Loop() {
		documents, err := readDocuments("large.yaml", data)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := build(documents, options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkJudge(b *testing.B) {
	documents, err := readDocuments("large.yaml", large(1000))
	if err != nil {
		b.Fatal(err)
	}
	engine, err := build(documents, options{})
	if err != nil {
		b.Fatal(err)
	}
	i := 0
	for b.Loop() {
		i++
		from, to := i*7919%1000, i%1000
		_, err := engine.Judge(Connection{
			From: fmt.Sprintf("ns-%d/pod-%d", from%100, from), To: fmt.Sprintf("ns-%d/pod-%d", to%100, to),
			Protocol: "tcp", Port: 80,
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
