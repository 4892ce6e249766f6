package schema

import (
	"encoding/json"
	"testing"

	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/validate/schema/crd"
	"github.com/policyferry/policyferry/validate/schema/definitions"
)

// benchmarks are policies of ordinary size.
var benchmarks = map[string]string{
	"CNP": `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: web, namespace: shop, labels: {app.kubernetes.io/name: web}}
spec:
  endpointSelector: {matchLabels: {app.kubernetes.io/name: web}}
  ingress:
  - fromEndpoints: [{matchLabels: {k8s:io.kubernetes.pod.namespace: ingress, app: gateway}}]
    toPorts: [{ports: [{port: "8080", protocol: TCP}]}]
  - fromEntities: [kube-apiserver, host]
  egress:
  - toEndpoints: [{matchLabels: {k8s:io.kubernetes.pod.namespace: kube-system, k8s-app: kube-dns}}]
    toPorts: [{ports: [{port: "53", protocol: UDP}], rules: {dns: [{matchPattern: "*"}]}}]
  - toFQDNs: [{matchName: api.example.com}]
    toPorts: [{ports: [{port: "443", protocol: TCP}]}]
  - toCIDRSet: [{cidr: 10.0.0.0/8, except: [10.1.0.0/16]}]
`,
	"CCNP": `
apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata: {name: nodes}
spec:
  nodeSelector: {matchLabels: {pool: edge}}
  ingress:
  - fromEntities: [cluster]
  - toPorts: [{ports: [{port: "22", protocol: TCP}, {port: "6443", protocol: TCP}]}]
  ingressDeny:
  - fromCIDR: [192.0.2.0/24]
`,
	"GNP": `
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: default.web}
spec:
  order: 100
  selector: app == 'web' && env in {'prod', 'stage'}
  namespaceSelector: has(projectcalico.org/name)
  types: [Ingress, Egress]
  ingress:
  - {action: Allow, protocol: TCP, source: {selector: app == 'gateway'}, destination: {ports: [8080, "9000:9010"]}}
  - {action: Deny, source: {nets: [192.0.2.0/24, 198.51.100.0/24]}}
  egress:
  - {action: Allow, protocol: UDP, destination: {selector: k8s-app == 'kube-dns', ports: [53]}}
  - {action: Allow, destination: {notNets: [10.0.0.0/8]}}
`,
	"NetworkPolicy": `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress, Egress]
  ingress:
  - from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ingress}}, podSelector: {matchLabels: {app: gateway}}}]
    ports: [{port: 8080, protocol: TCP}]
  egress:
  - to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]
`,
}

func forBenchmark(b *testing.B, run func(b *testing.B, object map[string]any, target Target)) {
	for _, name := range []string{"CNP", "CCNP", "GNP", "NetworkPolicy"} {
		cni := compat.Calico
		if name == "CNP" || name == "CCNP" {
			cni = compat.Cilium
		}
		b.Run(name, func(b *testing.B) {
			object := crd.Copy(parse(b, benchmarks[name]))
			if problems := Validate(object, target(cni)); len(problems) > 0 {
				b.Fatal(problems)
			}
			run(b, object, target(cni))
		})
	}
}

// BenchmarkValidate is a policy of a kind that was met before.
func BenchmarkValidate(b *testing.B) {
	forBenchmark(b, func(b *testing.B, object map[string]any, target Target) {
		b.ReportAllocs()
		for b.Loop() {
			Validate(object, target)
		}
	})
}

// BenchmarkValidateJSON has the reading of JSON on top.
func BenchmarkValidateJSON(b *testing.B) {
	forBenchmark(b, func(b *testing.B, object map[string]any, target Target) {
		text, err := json.Marshal(object)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			ValidateJSON(text, target)
		}
	})
}

// BenchmarkFirst is the first policy of its kind: its definition is read and compiled.
func BenchmarkFirst(b *testing.B) {
	forBenchmark(b, func(b *testing.B, object map[string]any, target Target) {
		id := identity{object["apiVersion"].(string), object["kind"].(string)}
		old := kinds[id]
		defer func() { kinds[id] = old }()
		for b.Loop() {
			fresh := *old
			fresh.source = definitions.Open().Source(old.source.Name())
			kinds[id] = &fresh
			Validate(object, target)
		}
	})
}

// BenchmarkRefused is a policy that the API server's own code has to be asked about.
func BenchmarkRefused(b *testing.B) {
	forBenchmark(b, func(b *testing.B, object map[string]any, target Target) {
		object["spec"].(map[string]any)["bogus"] = true
		for b.Loop() {
			Validate(object, target)
		}
	})
}
