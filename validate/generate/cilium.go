package generate

// cilium makes the documents of a set for Cilium.
func (s *set) cilium() {
	if s.in(1, 3) {
		s.add(object{"apiVersion": "cilium.io/v2", "kind": "CiliumCIDRGroup",
			"metadata": object{"name": "partners", "labels": object{"net": "known"}},
			"spec":     object{"externalCIDRs": []string{"203.0.113.0/24", s.net()}}})
	}
	for range 1 + s.IntN(4) {
		switch {
		case s.in(1, 6):
			s.kubernetesPolicy()
		case s.odd(1, 8):
			s.adminPolicy("ClusterNetworkPolicy")
		default:
			s.ciliumPolicy()
		}
	}
	if s.mode == Rare {
		s.graft(ciliumGrafts())
	}
}

func (s *set) ciliumPolicy() {
	kind, ns := "CiliumClusterwideNetworkPolicy", ""
	if s.in(3, 5) {
		kind, ns = "CiliumNetworkPolicy", s.place()
	}
	o := object{"apiVersion": "cilium.io/v2", "kind": kind, "metadata": meta(ns, s.name("cnp"))}
	if s.in(1, 5) {
		o["specs"] = s.list1(1, func() any { return s.ciliumRule(kind == "CiliumClusterwideNetworkPolicy") })
	} else {
		o["spec"] = s.ciliumRule(kind == "CiliumClusterwideNetworkPolicy")
	}
	s.add(o)
}

func (s *set) ciliumRule(global bool) object {
	rule := object{"endpointSelector": s.ciliumSubject(global)}
	sections := []string{"ingress", "egress", "ingressDeny", "egressDeny"}
	first := sections[one(s, 0, 0, 0, 1, 1, 1, 2, 3)]
	for _, section := range sections {
		if section != first && !s.in(1, 4) {
			continue
		}
		egress := section == "egress" || section == "egressDeny"
		rule[section] = s.list1(2, func() any { return s.ciliumElement(egress, section == "ingress" || section == "egress") })
	}
	if s.in(1, 6) {
		rule["enableDefaultDeny"] = one(s, object{"ingress": false}, object{"egress": false}, object{"ingress": false, "egress": false}, object{"ingress": true})
	}
	return rule
}

func (s *set) ciliumSubject(global bool) object {
	sel := s.labelSelector()
	if global && s.in(1, 2) {
		addLabel(sel, "k8s:io.kubernetes.pod.namespace", one(s, namespaces...))
	}
	return sel
}

// addLabel adds one to the matchLabels of a selector.
func addLabel(selector object, key, value string) {
	labels, _ := selector["matchLabels"].(object)
	if labels == nil {
		labels = object{}
	}
	labels[key] = value
	selector["matchLabels"] = labels
}

func (s *set) ciliumPeer() object {
	sel := s.labelSelector()
	if !s.in(1, 2) {
		return sel
	}
	switch s.IntN(6) {
	case 0:
		addLabel(sel, "k8s:io.cilium.k8s.namespace.labels.env", one(s, envs...))
	case 1, 2:
		addLabel(sel, one(s, "io.kubernetes.pod.namespace", "k8s:io.kubernetes.pod.namespace"), one(s, namespaces...))
	case 3:
		addLabel(sel, "io.cilium.k8s.policy.serviceaccount", "cashier")
	case 4:
		s.addExpression(sel, object{"key": "k8s:io.kubernetes.pod.namespace", "operator": "Exists"})
	case 5:
		if s.hostile() {
			s.addExpression(sel, one(s, object{"key": "io.kubernetes.pod.namespace", "operator": "NotIn", "values": []string{one(s, namespaces...)}},
				object{"key": "io.cilium.k8s.namespace.labels.env", "operator": "DoesNotExist"},
				object{"key": "reserved:host", "operator": "DoesNotExist"},
				object{"key": "io.cilium.k8s.policy.cluster", "operator": "In", "values": []string{"default"}}))
		}
	}
	return sel
}

func (s *set) addExpression(selector, expression object) {
	expressions, _ := selector["matchExpressions"].([]any)
	selector["matchExpressions"] = append(expressions, expression)
}
