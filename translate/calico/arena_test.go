package calico

import "strings"

// arenaText is a cluster with IPv4 pods, two nodes, labelled namespaces and service accounts, container ports with
// names, and services of every kind.
const arenaText = `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: a, kubernetes.io/metadata.name: shop}}
---
apiVersion: v1
kind: Namespace
metadata: {name: pay, labels: {team: b, kubernetes.io/metadata.name: pay}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot, namespace: shop, labels: {kind: bot}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot, namespace: pay}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: default, namespace: shop}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: default, namespace: pay}
---
apiVersion: v1
kind: Node
metadata: {name: n1, labels: {role: worker, kubernetes.io/hostname: n1}}
status: {addresses: [{type: InternalIP, address: 192.168.10.1}]}
---
apiVersion: v1
kind: Node
metadata: {name: n2, labels: {kubernetes.io/hostname: n2}}
status: {addresses: [{type: InternalIP, address: 192.168.10.2}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web, tier: front}}
spec:
  nodeName: n1
  serviceAccountName: robot
  containers: [{name: c, ports: [{name: http, containerPort: 80, protocol: TCP}, {name: alt, containerPort: 8080, protocol: TCP}]}]
status: {podIPs: [{ip: 10.244.0.2}], podIP: 10.244.0.2, phase: Running}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec:
  nodeName: n2
  containers: [{name: c, ports: [{name: http, containerPort: 8080, protocol: TCP}, {name: dns, containerPort: 53, protocol: UDP}]}]
status: {podIPs: [{ip: 10.244.1.2}], podIP: 10.244.1.2, phase: Running}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: pay, labels: {app: web}}
spec:
  nodeName: n2
  serviceAccountName: robot
  containers: [{name: c, ports: [{name: http, containerPort: 443, protocol: TCP}]}]
status: {podIPs: [{ip: 10.244.1.3}], podIP: 10.244.1.3, phase: Running}
---
apiVersion: v1
kind: Pod
metadata: {name: bare, namespace: pay}
spec: {nodeName: n1, containers: [{name: c}]}
status: {podIPs: [{ip: 10.244.0.3}], podIP: 10.244.0.3, phase: Running}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: a, port: 8000, targetPort: 80}, {name: b, port: 8001, targetPort: alt}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
endpoints: [{addresses: [10.244.0.2], targetRef: {kind: Pod, name: web, namespace: shop}}]
ports: [{name: a, port: 80, protocol: TCP}, {name: b, port: 8080, protocol: TCP}]
---
apiVersion: v1
kind: Service
metadata: {name: outside, namespace: pay}
spec: {ports: [{port: 443}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: outside-1, namespace: pay, labels: {kubernetes.io/service-name: outside}}
addressType: IPv4
endpoints: [{addresses: [192.0.2.1]}]
ports: [{port: 443, protocol: TCP}]
---
apiVersion: policyferry.io/v1alpha1
kind: ClusterFacts
spec:
  podCIDRs: [10.244.0.0/16]
  complete: true
  calico: {defaultEndpointToHostAction: Accept}
`

// outsiders are the addresses outside the cluster that the tests ask about.
var outsiders = []string{"10.0.0.1", "192.168.10.77", "192.0.2.1", "2001:db8::1"}

// dualStack gives the pods and nodes of a cluster addresses of both families.
func dualStack(text string) string {
	for _, o := range []string{"0.2", "1.2", "1.3", "0.3"} {
		text = strings.ReplaceAll(text, "podIPs: [{ip: 10.244."+o+"}]", "podIPs: [{ip: 10.244."+o+"}, {ip: 'fd00::"+strings.ReplaceAll(o, ".", ":")+"'}]")
	}
	for _, n := range []string{"1", "2"} {
		text = strings.ReplaceAll(text, "address: 192.168.10."+n+"}", "address: 192.168.10."+n+"}, {type: InternalIP, address: 'fd01::"+n+"'}")
	}
	return strings.ReplaceAll(text, "podCIDRs: [10.244.0.0/16]", "podCIDRs: [10.244.0.0/16, 'fd00::/64']")
}
