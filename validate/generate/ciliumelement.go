package generate

import "fmt"

var entities = []string{"world", "world", "cluster", "host", "remote-node", "all", "kube-apiserver", "kube-apiserver", "none", "health", "init", "unmanaged", "ingress"}

// ciliumElement is an item of ingress, egress, ingressDeny or egressDeny.
func (s *set) ciliumElement(egress, allows bool) object {
	e := object{}
	prefix := "from"
	if egress {
		prefix = "to"
	}
	switch s.IntN(12) {
	case 0, 1, 2, 3:
		e[prefix+"Endpoints"] = s.list1(1, func() any { return s.ciliumPeer() })
	case 4, 5, 6:
		e[prefix+"Entities"] = s.list1(1, func() any { return one(s, entities...) })
	case 7:
		e[prefix+"CIDR"] = s.list1(1, func() any { return s.net() })
	case 8:
		e[prefix+"CIDRSet"] = s.list1(1, func() any { return s.cidrRule() })
	case 9:
		return e
	case 10:
		s.oddPeer(e, prefix, allows)
	}
	s.ciliumPorts(e)
	return e
}

func (s *set) cidrRule() object {
	return one(s, object{"cidr": "10.0.0.0/8", "except": []string{"10.1.0.0/16"}},
		object{"cidr": "0.0.0.0/0", "except": []string{"203.0.113.0/24"}}, object{"cidr": "203.0.113.0/24"},
		object{"cidr": "0.0.0.0/0", "except": []string{"10.0.0.0/8", "192.168.0.0/16"}},
		object{"cidrGroupRef": one(s, "partners", "partners", "gone")}, object{"cidrGroupRef": "partners", "except": []string{"203.0.113.7/32"}},
		object{"cidrGroupSelector": object{"matchLabels": object{"net": "known"}}})
}

// oddPeer sets a peer that few policies have, in a hostile set.
func (s *set) oddPeer(e object, prefix string, allows bool) {
	if !s.hostile() {
		return
	}
	switch s.IntN(5) {
	case 0:
		e[prefix+"Nodes"] = []any{object{"matchLabels": object{"zone": one(s, "east", "west", "north")}}}
	case 1:
		e[prefix+one(s, "Endpoints", "Entities", "CIDR", "CIDRSet", "Nodes")] = []any{}
	case 2:
		e[prefix+"Endpoints"] = []any{object{"matchLabels": object{one(s, "reserved:host", "reserved:world", "reserved:kube-apiserver", "reserved:remote-node", "any:app"): ""}}}
	case 3:
		if prefix == "to" {
			e["toServices"] = []any{object{"k8sService": object{"serviceName": one(s, "db", "bank", "kubernetes"), "namespace": one(s, "shop", "pay", "default")}}}
		}
	case 4:
		if prefix == "to" && allows {
			e["toFQDNs"] = []any{object{"matchName": "example.com"}}
		}
	}
}

func (s *set) ciliumPorts(e object) {
	switch s.IntN(9) {
	case 0, 1, 2, 3:
		ports := s.list1(1, func() any {
			p := object{"port": fmt.Sprint(one(s, portList...))}
			switch s.IntN(6) {
			case 0:
				p["protocol"] = "ANY"
			case 1, 2:
				p["protocol"] = one(s, "TCP", "UDP")
			case 3:
				p["protocol"], p["endPort"], p["port"] = "TCP", 500, "80"
			case 4:
				p["protocol"] = one(s, "TCP", "SCTP")
			}
			return p
		})
		e["toPorts"] = []any{object{"ports": ports}}
	case 4:
		e["toPorts"] = []any{object{"ports": []any{object{"port": one(s, portNames...), "protocol": one(s, "TCP", "TCP", "UDP")}}}}
	case 5:
		e["toPorts"] = []any{object{"ports": []any{object{"port": "0", "protocol": one(s, "TCP", "ANY", "UDP")}}}}
	case 6:
		e["icmps"] = []any{object{"fields": s.list1(1, func() any {
			if s.dual && s.in(1, 2) {
				return object{"family": "IPv6", "type": one[any](s, 128, "EchoRequest", 0)}
			}
			return object{"family": "IPv4", "type": one[any](s, 8, 3, 0, "EchoReply")}
		})}}
	}
}
