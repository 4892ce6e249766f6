package generate

// Clashing makes a set for Calico in which order counts and is hard to say without.
func Clashing(seed uint64) string {
	s := newSet(seed)
	s.clash()
	return s.text()
}

// clash adds policies in which order counts and is hard to say without: few peers, few ports, half of them named.
func (s *set) clash() {
	for range 1 + s.IntN(3) {
		spec := object{
			"order":             s.IntN(5),
			"namespaceSelector": one(s, "projectcalico.org/name == 'shop'", "env == 'prod'", "all()"),
			"selector":          one(s, "all()", "app != 'db'", "app in {'web', 'cart'}", "has(tier)"),
			"types":             one(s, []string{"Ingress"}, []string{"Egress"}, []string{"Ingress", "Egress"}),
		}
		for _, direction := range []string{"ingress", "egress"} {
			rules := []any{}
			for range 2 + s.IntN(3) {
				rules = append(rules, s.clashingRule(direction == "ingress"))
			}
			if s.in(1, 2) {
				rules = append(rules, object{"action": "Allow"})
			}
			spec[direction] = rules
		}
		s.add(object{"apiVersion": v3, "kind": "GlobalNetworkPolicy", "metadata": object{"name": s.name("p")}, "spec": spec})
	}
}

func (s *set) clashingRule(ingress bool) object {
	peer := one(s, object{"namespaceSelector": "all()"}, object{"selector": "tier == 'front'"},
		object{"selector": "app == 'web' || !has(tier)"}, object{"serviceAccounts": object{"names": []string{"cashier"}}})
	destination := object{}
	rule := object{"action": one(s, "Allow", "Allow", "Allow", "Deny", "Deny", "Deny", "Pass")}
	ports := one(s, []any{"http"}, []any{"http"}, []any{"http", "postgres"}, []any{8080}, []any{"8000:8081"}, nil)
	switch {
	case ports != nil:
		rule["protocol"], destination["ports"] = one(s, "TCP", "TCP", "TCP", "UDP"), ports
	case s.in(1, 4):
		peer = object{"nets": []string{"203.0.113.0/24"}}
	}
	if ingress {
		rule["source"], rule["destination"] = peer, destination
		return rule
	}
	merge(destination, peer)
	rule["destination"] = destination
	return rule
}
