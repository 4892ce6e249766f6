package generate

// adminPolicy adds a policy of the kinds for administrators: AdminNetworkPolicy, BaselineAdminNetworkPolicy or
// ClusterNetworkPolicy.
func (s *set) adminPolicy(kind string) {
	version, name := "policy.networking.k8s.io/v1alpha1", s.name(kind)
	spec := object{"priority": one(s, 1, 10, 10, 50, 100, 1000), "subject": s.adminSubject()}
	allow := "Allow"
	switch kind {
	case "BaselineAdminNetworkPolicy":
		if s.counts[kind] > 1 {
			return // there can be one
		}
		name = "default"
		delete(spec, "priority")
	case "ClusterNetworkPolicy":
		version, allow = "policy.networking.k8s.io/v1alpha2", "Accept"
		spec["tier"] = one(s, "Admin", "Baseline")
	}
	actions := []string{allow, "Deny", "Pass"}
	if kind == "BaselineAdminNetworkPolicy" {
		actions = actions[:2]
	}
	for _, direction := range []string{"ingress", "egress"} {
		if s.in(2, 3) {
			spec[direction] = s.list1(2, func() any { return s.adminRule(kind, direction, actions) })
		}
	}
	s.add(object{"apiVersion": version, "kind": kind, "metadata": object{"name": name}, "spec": spec})
}

func (s *set) adminSubject() object {
	if s.in(1, 2) {
		return object{"namespaces": s.namespaceSelector()}
	}
	return object{"pods": object{"namespaceSelector": s.namespaceSelector(), "podSelector": s.labelSelector()}}
}

func (s *set) adminRule(kind, direction string, actions []string) object {
	rule := object{"action": one(s, actions...)}
	peers := map[string]string{"ingress": "from", "egress": "to"}[direction]
	rule[peers] = s.list1(1, func() any {
		if peers == "to" && s.in(1, 3) {
			return object{"networks": []string{s.net()}}
		}
		return s.adminSubject()
	})
	if !s.in(1, 2) {
		return rule
	}
	if kind == "ClusterNetworkPolicy" {
		rule["protocols"] = s.list1(1, func() any {
			if s.in(1, 6) {
				return object{"destinationNamedPort": one(s, portNames...)}
			}
			port := object{"number": one(s, portList...)}
			if s.in(1, 4) {
				port = object{"range": object{"start": 80, "end": 500}}
			}
			return object{one(s, "tcp", "tcp", "udp"): object{"destinationPort": port}}
		})
		return rule
	}
	rule["ports"] = s.list1(1, func() any {
		switch s.IntN(6) {
		case 0:
			return object{"namedPort": one(s, portNames...)}
		case 1:
			return object{"portRange": object{"protocol": "TCP", "start": 80, "end": 500}}
		}
		return object{"portNumber": object{"protocol": one(s, "TCP", "UDP"), "port": one(s, portList...)}}
	})
	return rule
}
