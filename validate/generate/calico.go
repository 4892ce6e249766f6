package generate

import "fmt"

// Calico makes a random set that Calico enforces: its own policies and sets, and Kubernetes NetworkPolicies.
func Calico(seed uint64) string {
	s := newSet(seed)
	tierNames := []string{"default"}
	if s.in(1, 3) {
		name := one(s, "security", "aaa")
		tierNames = append(tierNames, name)
		spec := object{"order": one(s, 10, 500, 2000000)}
		if s.in(1, 3) {
			spec["defaultAction"] = one(s, "Pass", "Deny")
		}
		s.add(object{"apiVersion": "projectcalico.org/v3", "kind": "Tier", "metadata": object{"name": name}, "spec": spec})
	}
	if s.in(1, 3) {
		s.calicoSet("GlobalNetworkSet", "")
	}
	if s.in(1, 4) {
		s.calicoSet("NetworkSet", one(s, namespaces[:3]...))
	}
	for range 1 + s.IntN(4) {
		if s.in(1, 5) {
			s.kubernetesPolicy()
			continue
		}
		s.calicoPolicy(one(s, tierNames...))
	}
	return s.text()
}

func (s *set) calicoSet(kind, ns string) {
	m := meta(ns, s.name(kind))
	m["labels"] = object{"app": one(s, "web", "blocked"), "net": "known"}
	s.add(object{"apiVersion": "projectcalico.org/v3", "kind": kind, "metadata": m,
		"spec": object{"nets": s.list1(1, func() any { return one(s, append(outside[:4], inside...)...) })}})
}

func (s *set) calicoPolicy(tier string) {
	kind, ns := "GlobalNetworkPolicy", ""
	if s.in(1, 2) {
		kind, ns = "NetworkPolicy", one(s, namespaces[:3]...)
	}
	name := s.name(kind)
	spec := object{}
	if tier != "default" {
		spec["tier"] = tier
		name = tier + "." + name
	}
	if s.in(5, 6) {
		spec["order"] = one(s, 10, 100, 100, 500, 1000, 2000)
	}
	if s.in(4, 5) {
		spec["selector"] = s.expression(ns == "", false)
	}
	if ns == "" && s.in(2, 3) {
		spec["namespaceSelector"] = one(s, "all()", "env == 'prod'", "projectcalico.org/name == 'shop'", "env != 'prod'", "has(team)")
	}
	if s.in(1, 10) {
		spec["serviceAccountSelector"] = one(s, "role == 'money'", "projectcalico.org/name == 'cashier'")
	}
	if s.in(3, 4) {
		spec["types"] = one(s, []string{"Ingress"}, []string{"Egress"}, []string{"Ingress", "Egress"})
	}
	if s.in(3, 4) {
		spec["ingress"] = s.list(3, func() any { return s.calicoRule(ns, true) })
	}
	if s.in(1, 2) {
		spec["egress"] = s.list(3, func() any { return s.calicoRule(ns, false) })
	}
	s.add(object{"apiVersion": "projectcalico.org/v3", "kind": kind, "metadata": meta(ns, name), "spec": spec})
}

// expression is a Calico selector over pod labels.
func (s *set) expression(global, peer bool) string {
	atom := func() string {
		switch s.IntN(9) {
		case 0:
			return fmt.Sprintf("app != '%s'", one(s, apps...))
		case 1:
			return fmt.Sprintf("app in {'%s', '%s'}", one(s, apps...), one(s, apps...))
		case 2:
			return fmt.Sprintf("tier not in {'%s'}", one(s, tiers...))
		case 3:
			return one(s, "has(tier)", "!has(tier)")
		case 4:
			return "all()"
		case 5:
			if global {
				return fmt.Sprintf("projectcalico.org/namespace == '%s'", one(s, namespaces...))
			}
			return "projectcalico.org/orchestrator == 'k8s'"
		case 6:
			if peer {
				return "net == 'known'"
			}
		}
		return fmt.Sprintf("app == '%s'", one(s, apps...))
	}
	switch s.IntN(6) {
	case 0:
		return atom() + " && " + atom()
	case 1:
		return atom() + " || " + atom()
	case 2:
		return "!(" + atom() + ")"
	}
	return atom()
}

func (s *set) calicoRule(ns string, ingress bool) object {
	rule := object{"action": one(s, "Allow", "Allow", "Allow", "Deny", "Deny", "Pass", "Log")}
	peer, self := "source", "destination"
	if !ingress {
		peer, self = self, peer
	}
	ends := map[string]object{"source": {}, "destination": {}}
	if s.in(4, 5) {
		s.entity(ends[peer], ns == "")
	}
	if s.in(1, 12) {
		ends[self]["selector"] = s.expression(ns == "", false)
	}
	if s.in(3, 5) {
		s.protocol(rule, ends["destination"])
	}
	for end, entity := range ends {
		if len(entity) > 0 {
			rule[end] = entity
		}
	}
	return rule
}

func (s *set) entity(e object, global bool) {
	switch s.IntN(10) {
	case 0, 1:
		e["nets"] = s.list1(1, func() any { return one(s, append(outside, inside...)...) })
		if s.in(1, 4) {
			e["notNets"] = []string{one(s, "203.0.113.7/32", "10.244.1.0/24", "10.1.0.0/16")}
		}
	case 2:
		e["notNets"] = []string{one(s, "203.0.113.0/24", "10.0.0.0/8", "10.244.0.0/16")}
	case 3:
		e["notSelector"] = s.expression(global, true)
	case 4:
		e["namespaceSelector"] = one(s, "all()", "env == 'prod'", "projectcalico.org/name == 'pay'", "env != 'dev'", "!has(env)", "global()")
	case 5:
		e["namespaceSelector"] = one(s, "all()", "env == 'prod'", "has(env)")
		e["selector"] = s.expression(false, true)
	case 6:
		e["serviceAccounts"] = one(s, object{"names": []string{"cashier"}}, object{"selector": "role == 'money'"})
	case 7:
		e["selector"] = s.expression(global, true)
		e["nets"] = []string{one(s, inside...)}
	default:
		e["selector"] = s.expression(global, true)
	}
}

func (s *set) protocol(rule, destination object) {
	switch s.IntN(12) {
	case 0:
		rule["protocol"] = "ICMP"
		if s.in(1, 2) {
			rule["icmp"] = one(s, object{"type": 8}, object{"type": 3, "code": 1}, object{"type": 0})
		}
	case 1:
		rule["notProtocol"] = one(s, "TCP", "ICMP")
	case 2:
		rule["protocol"] = one[any](s, "UDP", "SCTP", 47)
	case 3:
		rule["protocol"] = "TCP"
		destination["notPorts"] = []any{one(s, portList...)}
	case 4:
		rule["protocol"] = "TCP"
		destination["ports"] = []any{one(s, portNames...)}
	case 5:
		rule["protocol"] = one(s, "TCP", "UDP")
		destination["ports"] = []any{"80:500"}
	case 6:
		rule["ipVersion"] = 4
	case 7:
		rule["protocol"] = "ICMP"
		rule["notICMP"] = object{"type": 8}
	default:
		rule["protocol"] = one(s, "TCP", "TCP", "UDP")
		destination["ports"] = s.list1(1, func() any { return one(s, portList...) })
	}
}
