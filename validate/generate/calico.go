package generate

import "fmt"

// calico makes the documents of a set for Calico.
func (s *set) calico() {
	if s.ordered {
		s.clash()
		return
	}
	tiers := []string{"default"}
	for _, name := range []string{"security", "aaa", "zzz"} {
		if s.in(1, 4) {
			tiers = append(tiers, name)
			s.tier(name)
		}
	}
	if s.in(1, 3) {
		s.calicoSet("GlobalNetworkSet", "")
	}
	if s.in(1, 4) {
		s.calicoSet("NetworkSet", one(s, namespaces[:3]...))
	}
	for range 1 + s.IntN(4) {
		switch {
		case s.in(1, 6):
			s.kubernetesPolicy()
		case s.odd(1, 8):
			s.adminPolicy(one(s, "AdminNetworkPolicy", "BaselineAdminNetworkPolicy"))
		default:
			s.calicoPolicy(one(s, tiers...))
		}
	}
	if s.odd(1, 12) {
		s.hostEndpoint()
	}
	if s.mode == Rare {
		s.graft(calicoGrafts())
	}
}

func (s *set) tier(name string) {
	spec := object{"order": one[any](s, 10, 500, 2000000)}
	if s.odd(1, 4) {
		delete(spec, "order")
	}
	if s.in(1, 2) {
		spec["defaultAction"] = one(s, "Pass", "Pass", "Deny")
	}
	s.add(object{"apiVersion": "projectcalico.org/v3", "kind": "Tier", "metadata": object{"name": name}, "spec": spec})
}

func (s *set) calicoSet(kind, ns string) {
	m := meta(ns, s.name(kind))
	m["labels"] = object{"app": one(s, "web", "blocked"), "net": "known"}
	s.add(object{"apiVersion": "projectcalico.org/v3", "kind": kind, "metadata": m,
		"spec": object{"nets": s.list1(1, func() any { return s.net() })}})
}

func (s *set) hostEndpoint() {
	i := s.IntN(2)
	addresses := []string{fmt.Sprintf("192.168.10.%d", i+1)}
	if s.dual {
		addresses = append(addresses, fmt.Sprintf("fd00:192::%d", i+1))
	}
	spec := object{"node": []string{"alpha", "beta"}[i], "interfaceName": one(s, "*", "eth0"), "expectedIPs": addresses}
	if s.in(3, 4) {
		spec["profiles"] = []string{"projectcalico-default-allow"}
	}
	s.add(object{"apiVersion": "projectcalico.org/v3", "kind": "HostEndpoint",
		"metadata": object{"name": s.name("hep"), "labels": object{"app": one(s, "web", "host"), "role": "node"}}, "spec": spec})
}

func (s *set) calicoPolicy(tier string) {
	kind, ns := "GlobalNetworkPolicy", ""
	if s.in(1, 2) {
		kind, ns = "NetworkPolicy", s.place()
	}
	name := s.name(kind)
	spec := object{}
	if tier != "default" {
		spec["tier"] = tier
		name = tier + "." + name
	}
	if s.in(5, 6) {
		spec["order"] = one[any](s, 10, 100, 100, 500, 1000, 2000, 112.5, -50)
	}
	if s.in(9, 10) {
		spec["selector"] = s.expression(kind == "GlobalNetworkPolicy", false)
	}
	if kind == "GlobalNetworkPolicy" && s.in(5, 6) {
		spec["namespaceSelector"] = one(s, "all()", "env == 'prod'", "projectcalico.org/name == 'shop'", "env != 'prod'", "has(team)")
	}
	switch {
	case s.in(1, 10):
		spec["serviceAccountSelector"] = one(s, "role == 'money'", "projectcalico.org/name == 'cashier'")
	case s.in(1, 10):
		spec["serviceAccountSelector"] = ""
	}
	if s.in(5, 6) {
		spec["types"] = one(s, []string{"Ingress"}, []string{"Egress"}, []string{"Ingress", "Egress"})
	}
	if s.in(3, 4) {
		spec["ingress"] = s.calicoRules(ns, true)
	}
	if s.in(1, 2) {
		spec["egress"] = s.calicoRules(ns, false)
	}
	s.add(object{"apiVersion": "projectcalico.org/v3", "kind": kind, "metadata": meta(ns, name), "spec": spec})
}

func (s *set) calicoRules(ns string, ingress bool) []any {
	rules := s.list(3, func() any { return s.calicoRule(ns, ingress) })
	if s.in(1, 6) {
		rules = append(rules, object{"action": one(s, "Deny", "Deny", "Pass", "Allow")})
	}
	return rules
}

// expression is a Calico selector over pod labels.
func (s *set) expression(global, peer bool) string {
	atom := func() string {
		switch s.IntN(11) {
		case 0:
			return fmt.Sprintf("app != '%s'", one(s, apps...))
		case 1:
			return fmt.Sprintf("app in {'%s', '%s'}", one(s, apps...), one(s, apps...))
		case 2:
			return fmt.Sprintf("tier not in {'%s'}", one(s, tiers...))
		case 3:
			return one(s, "has(tier)", "!has(tier)")
		case 4:
			return one(s, "all()", "all()", "")
		case 5:
			if global {
				return fmt.Sprintf("projectcalico.org/namespace == '%s'", one(s, namespaces...))
			}
			return "projectcalico.org/orchestrator == 'k8s'"
		case 6:
			if peer {
				return "net == 'known'"
			}
		case 7:
			if s.hostile() {
				return one(s, "app contains 'e'", "app starts with 'c'", "tier ends with 't'", "projectcalico.org/serviceaccount == 'cashier'")
			}
		}
		return fmt.Sprintf("app == '%s'", one(s, apps...))
	}
	a, b := atom(), atom()
	if !s.in(1, 2) && !s.hostile() || a == "" || b == "" {
		return a
	}
	switch s.IntN(6) {
	case 0:
		return a + " && " + b
	case 1:
		return a + " || " + b
	case 2:
		return "!(" + a + ")"
	}
	return a
}
