package generate

import "fmt"

// Cilium makes a random set that Cilium enforces: its own policies and groups, and Kubernetes NetworkPolicies.
func Cilium(seed uint64) string {
	s := newSet(seed)
	if s.in(1, 3) {
		s.add(object{"apiVersion": "cilium.io/v2", "kind": "CiliumCIDRGroup",
			"metadata": object{"name": "partners", "labels": object{"net": "known"}},
			"spec":     object{"externalCIDRs": []string{"203.0.113.0/24", one(s, outside...)}}})
	}
	for range 1 + s.IntN(4) {
		if s.in(1, 5) {
			s.kubernetesPolicy()
			continue
		}
		s.ciliumPolicy()
	}
	return s.text()
}

func (s *set) ciliumPolicy() {
	kind, ns := "CiliumClusterwideNetworkPolicy", ""
	if s.in(3, 5) {
		kind, ns = "CiliumNetworkPolicy", one(s, namespaces[:3]...)
	}
	o := object{"apiVersion": "cilium.io/v2", "kind": kind, "metadata": meta(ns, s.name("cnp"))}
	if s.in(1, 5) {
		o["specs"] = s.list1(1, func() any { return s.ciliumRule(ns) })
	} else {
		o["spec"] = s.ciliumRule(ns)
	}
	s.add(o)
}

func (s *set) ciliumRule(ns string) object {
	rule := object{"endpointSelector": s.ciliumSubject(ns)}
	sections := []string{"ingress", "egress", "ingressDeny", "egressDeny"}
	first := sections[s.IntN(3)]
	for _, section := range sections {
		if section != first && !s.in(1, 5) {
			continue
		}
		egress := section == "egress" || section == "egressDeny"
		rule[section] = s.list1(2, func() any { return s.ciliumElement(egress) })
	}
	if s.in(1, 6) {
		rule["enableDefaultDeny"] = one(s, object{"ingress": false}, object{"egress": false}, object{"ingress": false, "egress": false}, object{"ingress": true})
	}
	return rule
}

func (s *set) ciliumSubject(ns string) object {
	sel := s.labelSelector()
	if ns == "" && s.in(1, 2) {
		labels, _ := sel["matchLabels"].(object)
		if labels == nil {
			labels = object{}
		}
		labels["k8s:io.kubernetes.pod.namespace"] = one(s, namespaces...)
		sel["matchLabels"] = labels
	}
	return sel
}

func (s *set) ciliumPeer() object {
	sel := s.labelSelector()
	if !s.in(1, 2) {
		return sel
	}
	labels, _ := sel["matchLabels"].(object)
	if labels == nil {
		labels = object{}
	}
	switch s.IntN(4) {
	case 0:
		labels["k8s:io.cilium.k8s.namespace.labels.env"] = one(s, envs...)
	case 1:
		labels["io.kubernetes.pod.namespace"] = one(s, namespaces...)
	case 2:
		labels["io.cilium.k8s.policy.serviceaccount"] = "cashier"
	case 3:
		expressions, _ := sel["matchExpressions"].([]any)
		sel["matchExpressions"] = append(expressions, object{"key": "k8s:io.kubernetes.pod.namespace", "operator": "Exists"})
	}
	if len(labels) > 0 {
		sel["matchLabels"] = labels
	}
	return sel
}

func (s *set) ciliumElement(egress bool) object {
	e := object{}
	prefix := "from"
	if egress {
		prefix = "to"
	}
	switch s.IntN(10) {
	case 0, 1, 2, 3:
		e[prefix+"Endpoints"] = s.list1(1, func() any { return s.ciliumPeer() })
	case 4, 5:
		entities := []string{"world", "cluster", "host", "remote-node", "all", "kube-apiserver", "none", "health"}
		e[prefix+"Entities"] = s.list1(1, func() any { return one(s, entities...) })
	case 6:
		e[prefix+"CIDR"] = s.list1(1, func() any { return one(s, append(outside, inside...)...) })
	case 7:
		e[prefix+"CIDRSet"] = []any{one(s, object{"cidr": "10.0.0.0/8", "except": []string{"10.1.0.0/16"}},
			object{"cidr": "0.0.0.0/0", "except": []string{"203.0.113.0/24"}}, object{"cidr": "203.0.113.0/24"})}
	case 8:
		return e
	}
	s.ciliumPorts(e)
	return e
}

func (s *set) ciliumPorts(e object) {
	switch s.IntN(9) {
	case 0, 1, 2, 3:
		ports := s.list1(1, func() any {
			p := object{"port": fmt.Sprint(one(s, portList...))}
			switch s.IntN(5) {
			case 0:
				p["protocol"] = "ANY"
			case 1, 2:
				p["protocol"] = one(s, "TCP", "UDP")
			case 3:
				p["protocol"], p["endPort"], p["port"] = "TCP", 500, "80"
			}
			return p
		})
		e["toPorts"] = []any{object{"ports": ports}}
	case 4:
		e["toPorts"] = []any{object{"ports": []any{object{"port": one(s, portNames...), "protocol": "TCP"}}}}
	case 5:
		e["toPorts"] = []any{object{"ports": []any{object{"port": "0", "protocol": one(s, "TCP", "ANY")}}}}
	case 6:
		e["icmps"] = []any{object{"fields": []any{object{"family": "IPv4", "type": one(s, 8, 3, 0)}}}}
	}
}
