package lint

import (
	"github.com/policyferry/policyferry/translate/cidr"
	"github.com/policyferry/policyferry/translate/compat"
	"github.com/policyferry/policyferry/translate/diag"
	"slices"
)

// serviceAddress finds CIDRs that hold nothing but addresses of Services. Policy sees a connection after the Service
// has been resolved, in both CNIs, so such a rule never matches one to the Service.
var serviceAddress = rule{code: diag.ServiceAddress, policy: func(s *set, p *policy, r *reporter) {
	services := s.facts.ServiceSet()
	for _, service := range s.facts.Services {
		services = services.Union(cidr.OfAddrs(service.Addresses...))
	}
	if services.IsEmpty() {
		return
	}
	eachCIDR(p, func(at field, addresses cidr.Set) {
		if services.ContainsSet(addresses) {
			r.report(at, "choose the pods or addresses behind the Service",
				"%s is of Services, and a connection to a Service has the address of its backend when policy sees it", at.text())
		}
	})
}}

// cidrMeetsPods finds CIDRs of Cilium policies in which pods have their addresses: there they match none of them
// (Documentation/security/policy/layer3.rst). The CIDR of everything is left alone: it is how people write the world.
var cidrMeetsPods = rule{code: diag.CIDRMeetsPods, policy: func(s *set, p *policy, r *reporter) {
	if s.release.CNI != compat.Cilium || slices.Contains(s.facts.Cilium.CIDRMatchMode, "pods") {
		return
	}
	pods := s.facts.PodSet()
	eachCIDR(p, func(at field, addresses cidr.Set) {
		if overlaps(addresses, pods) {
			r.report(at, "choose the pods by labels", "pods have addresses in %s, and in Cilium a CIDR matches no pod", at.text())
		}
	})
}}

// cidrMeetsNodes finds CIDRs of Cilium policies in which nodes have their addresses, which match only in the mode
// "nodes".
var cidrMeetsNodes = rule{code: diag.CIDRMeetsNodes, policy: func(s *set, p *policy, r *reporter) {
	if s.release.CNI != compat.Cilium || slices.Contains(s.facts.Cilium.CIDRMatchMode, "nodes") {
		return
	}
	nodes := s.facts.NodeSet()
	eachCIDR(p, func(at field, addresses cidr.Set) {
		if overlaps(addresses, nodes) {
			r.report(at, "name the entities host and remote-node, or set policyCIDRMatchMode to nodes",
				"nodes have addresses in %s, and in Cilium a CIDR matches no node unless policyCIDRMatchMode says so", at.text())
		}
	})
}}

// overlaps reports whether some of the addresses, but not every address there is, lie in the ranges.
func overlaps(addresses, ranges cidr.Set) bool {
	return addresses.Overlaps(ranges) && !addresses.ContainsSet(cidr.All4()) && !addresses.ContainsSet(cidr.All6())
}

// eachCIDR calls visit for every CIDR that names a peer, with what is left of it after its exceptions.
func eachCIDR(p *policy, visit func(at field, addresses cidr.Set)) {
	one := func(at field, except ...field) {
		addresses, err := cidr.Parse(at.text())
		if at.text() == "" || err != nil {
			return
		}
		for _, hole := range except {
			if h, err := cidr.Parse(hole.text()); err == nil {
				addresses = addresses.Subtract(h)
			}
		}
		if !addresses.IsEmpty() {
			visit(at, addresses)
		}
	}
	for _, s := range p.sections {
		for _, rule := range s.rules {
			switch p.form {
			case calicoForm:
				side := "source"
				if s.egress() {
					side = "destination"
				}
				for _, net := range rule.at(side, "nets").items() {
					one(net)
				}
			case ciliumForm:
				for _, net := range rule.get(s.peers() + "CIDR").items() {
					one(net)
				}
				for _, set := range rule.get(s.peers() + "CIDRSet").items() {
					one(set.get("cidr"), set.get("except").items()...)
				}
			default:
				for _, peer := range rule.get(s.peers()).items() {
					one(peer.at("ipBlock", "cidr"), peer.at("ipBlock", "except").items()...)
					for _, net := range peer.get("networks").items() {
						one(net)
					}
				}
			}
		}
	}
}
