package generate

func (s *set) calicoRule(ns string, ingress bool) object {
	rule := object{"action": one(s, "Allow", "Allow", "Allow", "Allow", "Allow", "Allow", "Deny", "Deny", "Pass", "Log")}
	if s.hostile() {
		rule["action"] = one(s, "Allow", "Allow", "Allow", "Deny", "Deny", "Pass", "Pass", "Log")
	}
	peer, self := "source", "destination"
	if !ingress {
		peer, self = self, peer
	}
	ends := map[string]object{"source": {}, "destination": {}}
	if s.in(4, 5) {
		s.entity(ends[peer], ns == "")
	}
	if s.odd(1, 8) {
		ends[self]["selector"] = s.expression(ns == "", false)
	}
	if s.odd(1, 16) {
		ends[self]["nets"] = []string{one(s, inside...)}
	}
	switch {
	case s.odd(1, 16) && !ingress:
		ends[peer] = object{"services": one(s, object{"name": "db", "namespace": "shop"}, object{"name": "bank", "namespace": "pay"},
			object{"name": "kubernetes", "namespace": "default"}, object{"name": "gone", "namespace": "shop"})}
	case s.in(3, 5):
		s.protocol(rule, ends["destination"])
	}
	if p := rule["protocol"]; s.odd(1, 16) && (p == "TCP" || p == "UDP") {
		ends["source"][one(s, "ports", "notPorts")] = []any{one[any](s, 40000, "30000:50000", 53)}
	}
	for _, end := range []string{"source", "destination"} {
		if len(ends[end]) > 0 || s.in(1, 6) {
			rule[end] = ends[end]
		}
	}
	return rule
}

func (s *set) entity(e object, global bool) {
	n := 16
	if s.hostile() {
		n = 10
	}
	switch s.IntN(n) {
	case 0, 1:
		e["nets"] = s.list1(1, func() any { return s.net() })
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
		if s.odd(1, 3) {
			e["notSelector"] = s.expression(false, true)
		}
	case 6:
		e["serviceAccounts"] = one(s, object{"names": []string{"cashier"}}, object{"selector": "role == 'money'"}, object{"names": []string{"default", "cashier"}, "selector": "role == 'money'"})
	case 7:
		e["selector"] = s.expression(global, true)
		e["nets"] = []string{one(s, inside...)}
	default:
		e["selector"] = s.expression(global, true)
	}
}

func (s *set) protocol(rule, destination object) {
	n := 20
	if s.hostile() {
		n = 14
	}
	switch s.IntN(n) {
	case 0:
		rule["protocol"] = "ICMP"
		if s.in(1, 2) {
			rule["icmp"] = one(s, object{"type": 8}, object{"type": 3, "code": 1}, object{"type": 0})
		}
	case 1:
		rule["notProtocol"] = one[any](s, "TCP", "ICMP", "UDP", 132)
	case 2:
		rule["protocol"] = one[any](s, "UDP", "SCTP", 47, "UDPLite", 6)
	case 3:
		rule["protocol"] = "TCP"
		destination["notPorts"] = []any{one[any](s, 80, 443, "80:500", "http")}
	case 4:
		rule["protocol"] = "TCP"
		destination["ports"] = []any{one(s, portNames...)}
	case 5:
		rule["protocol"] = one(s, "TCP", "UDP", "SCTP")
		destination["ports"] = []any{"80:500"}
	case 6:
		rule["ipVersion"] = one(s, 4, 4, 6)
	case 7:
		rule["protocol"] = "ICMP"
		rule["notICMP"] = one(s, object{"type": 8}, object{"type": 3, "code": 1})
	case 8:
		rule["protocol"] = "ICMPv6"
		if s.in(1, 2) {
			rule["icmp"] = object{"type": one(s, 128, 135)}
		}
	default:
		rule["protocol"] = one(s, "TCP", "TCP", "UDP")
		destination["ports"] = s.list1(1, func() any { return one(s, portList...) })
	}
}
