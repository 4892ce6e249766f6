package generate

import "fmt"

// facts adds a ClusterFacts document that says something else than the cast's, and the objects that go with it.
// What Calico does to connections of pods to their own node, whatever policies say, is varied only where Calico is the
// source: a target's settings are nobody's policy.
func (s *set) facts(of *set, fromCalico bool) {
	pods, services, nodes := []string{"10.244.0.0/16"}, []string{"10.96.0.0/16"}, []string{"192.168.10.0/24"}
	if of.dual {
		pods, services, nodes = append(pods, "fd00:10::/56"), append(services, "fd00:96::/112"), append(nodes, "fd00:192::/64")
	}
	spec := object{"podCIDRs": pods, "serviceCIDRs": services, "nodeCIDRs": nodes, "apiServers": []string{"192.168.10.1:6443"}}
	for _, key := range []string{"podCIDRs", "nodeCIDRs", "apiServers", "serviceCIDRs"} {
		if s.in(1, 10) {
			delete(spec, key)
		}
	}
	if s.in(3, 4) {
		spec["complete"] = true
	}
	cilium := s.ciliumSettings()
	if of.ordered {
		cilium["clusterNetworkPolicy"] = true
	}
	spec["cilium"] = cilium
	if s.in(1, 2) {
		calico := object{"defaultEndpointToHostAction": "Accept"}
		if fromCalico {
			calico["defaultEndpointToHostAction"] = one(s, "Accept", "Drop", "Return")
		}
		if s.in(1, 3) {
			calico["applicationLayerPolicy"] = s.in(1, 2)
		}
		if s.in(1, 4) {
			calico["dataplane"] = one(s, "iptables", "nftables")
		}
		if s.in(1, 4) {
			calico["failsafeInboundHostPorts"], calico["failsafeOutboundHostPorts"] = []string{"tcp/22"}, []string{"udp/53"}
		}
		spec["calico"] = calico
	}
	s.add(object{"apiVersion": "policyferry.io/v1alpha1", "kind": "ClusterFacts", "spec": spec})
	if s.in(1, 4) {
		s.automaticEndpoints(of.dual)
	}
}

func (s *set) ciliumSettings() object {
	out := object{"sctp": s.in(3, 4), "extendedProtocols": s.in(3, 4)}
	for _, key := range []string{"hostFirewall", "nodeSelectorLabels", "clusterNetworkPolicy"} {
		if s.in(1, 3) {
			out[key] = true
		}
	}
	for _, setting := range []struct {
		key     string
		choices []any
	}{
		{"policyEnforcementMode", []any{"always", "never", "default"}},
		{"policyCIDRMatchMode", []any{[]string{"nodes"}, []string{"pods"}, []string{"nodes", "pods"}}},
		{"defaultLocalCluster", []any{false, true}},
		{"labels", []any{"k8s:app k8s:tier", "!tier", "app io\\.kubernetes\\.pod\\.namespace"}},
		{"l7Proxy", []any{false, true}},
	} {
		if s.in(1, 12) {
			out[setting.key] = one(s, setting.choices...)
		}
	}
	return out
}

// automaticEndpoints adds the host endpoints that Calico makes of the cast's nodes.
func (s *set) automaticEndpoints(dual bool) {
	s.add(object{"apiVersion": "projectcalico.org/v3", "kind": "KubeControllersConfiguration", "metadata": object{"name": "default"},
		"spec": object{"controllers": object{"node": object{"hostEndpoint": object{"autoCreate": "Enabled"}}}}})
	for i, node := range []string{"alpha", "beta"} {
		addresses := []string{fmt.Sprintf("192.168.10.%d", i+1)}
		if dual {
			addresses = append(addresses, fmt.Sprintf("fd00:192::%d", i+1))
		}
		labels := object{"projectcalico.org/created-by": "calico-kube-controllers", "kubernetes.io/hostname": node, "zone": []string{"east", "west"}[i]}
		if i == 0 {
			labels["node-role.kubernetes.io/control-plane"] = ""
		}
		s.add(object{"apiVersion": "projectcalico.org/v3", "kind": "HostEndpoint", "metadata": object{"name": node + "-auto-hep", "labels": labels},
			"spec": object{"node": node, "interfaceName": "*", "expectedIPs": addresses, "profiles": []string{"projectcalico-default-allow"}}})
	}
}

// dualStack adds the cast's nodes and most of its pods with an address of each family.
func (s *set) dualStack() {
	for i, node := range []string{"alpha", "beta"} {
		labels := object{"kubernetes.io/hostname": node, "zone": []string{"east", "west"}[i]}
		if i == 0 {
			labels["node-role.kubernetes.io/control-plane"] = ""
		}
		s.add(object{"apiVersion": "v1", "kind": "Node", "metadata": object{"name": node, "labels": labels},
			"spec": object{"podCIDRs": []string{fmt.Sprintf("10.244.%d.0/24", i+1), fmt.Sprintf("fd00:10:0:%d::/64", i+1)}},
			"status": object{"addresses": []any{object{"type": "InternalIP", "address": fmt.Sprintf("192.168.10.%d", i+1)},
				object{"type": "InternalIP", "address": fmt.Sprintf("fd00:192::%d", i+1)}}}})
	}
	for _, p := range []struct {
		namespace, name, node, account string
		labels                         object
		host                           int
		ports                          []any
	}{
		{"shop", "web", "alpha", "default", object{"app": "web", "tier": "front"}, 10, []any{object{"name": "http", "containerPort": 8080}}},
		{"shop", "cart", "beta", "cashier", object{"app": "cart", "tier": "back"}, 11, []any{object{"name": "http", "containerPort": 8081}}},
		{"shop", "db", "beta", "default", object{"app": "db", "tier": "back"}, 12, []any{object{"name": "postgres", "containerPort": 5432}}},
		{"pay", "api", "alpha", "cashier", object{"app": "api", "tier": "front"}, 20, []any{object{"name": "http", "containerPort": 8080}}},
		{"dev", "web", "alpha", "default", object{"app": "web"}, 30, nil},
	} {
		net := map[string]int{"alpha": 1, "beta": 2}[p.node]
		v4, v6 := fmt.Sprintf("10.244.%d.%d", net, p.host), fmt.Sprintf("fd00:10:0:%d::%d", net, p.host)
		container := object{"name": "c"}
		if p.ports != nil {
			container["ports"] = p.ports
		}
		s.add(object{"apiVersion": "v1", "kind": "Pod", "metadata": object{"name": p.name, "namespace": p.namespace, "labels": p.labels},
			"spec":   object{"nodeName": p.node, "serviceAccountName": p.account, "containers": []any{container}},
			"status": object{"phase": "Running", "podIP": v4, "podIPs": []any{object{"ip": v4}, object{"ip": v6}}}})
	}
}
