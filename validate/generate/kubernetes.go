package generate

// kubernetesPolicy adds a NetworkPolicy of Kubernetes.
func (s *set) kubernetesPolicy() {
	spec := object{"podSelector": s.labelSelector()}
	types := []string{}
	if s.in(3, 4) {
		types = append(types, "Ingress")
		spec["ingress"] = s.list(2, func() any { return s.kubernetesRule("from") })
	}
	if len(types) == 0 || s.in(1, 3) {
		types = append(types, "Egress")
		spec["egress"] = s.list(2, func() any { return s.kubernetesRule("to") })
	}
	spec["policyTypes"] = types
	switch {
	case s.odd(1, 8):
		delete(spec, "policyTypes")
	case s.odd(1, 8):
		spec["policyTypes"] = types[:1]
	}
	s.add(object{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta(one(s, namespaces[:3]...), s.name("knp")), "spec": spec})
}

func (s *set) kubernetesRule(peers string) object {
	rule := object{}
	if s.in(4, 5) {
		rule[peers] = s.list1(2, func() any { return s.kubernetesPeer() })
		if s.odd(1, 10) {
			rule[peers] = []any{}
		}
	}
	if s.in(1, 2) {
		rule["ports"] = s.list1(2, func() any {
			p := object{"protocol": one(s, "TCP", "TCP", "TCP", "UDP", "SCTP")}
			switch {
			case s.in(1, 8):
				p["port"] = one(s, portNames...)
			case s.in(1, 6):
				p["port"], p["endPort"] = 80, 500
			case s.in(7, 8):
				p["port"] = one(s, portList...)
			}
			return p
		})
	}
	return rule
}

func (s *set) kubernetesPeer() object {
	switch s.IntN(4) {
	case 0:
		block := object{"cidr": s.net()}
		if s.in(1, 3) {
			block = object{"cidr": one(s, "10.0.0.0/8", "0.0.0.0/0"), "except": []string{one(s, "10.1.2.0/24", "10.244.1.0/24", "10.0.0.0/9")}}
		}
		return object{"ipBlock": block}
	case 1:
		return object{"namespaceSelector": s.namespaceSelector()}
	case 2:
		return object{"namespaceSelector": s.namespaceSelector(), "podSelector": s.labelSelector()}
	}
	return object{"podSelector": s.labelSelector()}
}

func (s *set) labelSelector() object {
	switch s.IntN(7) {
	case 0:
		return object{}
	case 1:
		return object{"matchLabels": object{"app": one(s, apps...), "tier": one(s, tiers...)}}
	case 2:
		return object{"matchExpressions": []any{object{"key": "app", "operator": one(s, "In", "NotIn"), "values": []string{one(s, apps...), "cart"}}}}
	case 3:
		return object{"matchExpressions": []any{object{"key": "tier", "operator": one(s, "Exists", "DoesNotExist")}}}
	}
	return object{"matchLabels": object{"app": one(s, apps...)}}
}

func (s *set) namespaceSelector() object {
	switch s.IntN(5) {
	case 0:
		return object{}
	case 1:
		return object{"matchLabels": object{"kubernetes.io/metadata.name": one(s, namespaces...)}}
	case 2:
		return object{"matchExpressions": []any{object{"key": "env", "operator": "NotIn", "values": []string{one(s, envs...)}}}}
	}
	return object{"matchLabels": object{"env": one(s, envs...)}}
}
