package lint

import (
	"strings"

	"github.com/policyferry/policyferry/translate/source"
)

func standardCilium(p *policy, r *reporter) {
	for _, owner := range p.owners() {
		refuse(owner, r, "", "nodeSelector")
		standardLabels(owner.get("endpointSelector"), r)
	}
	if p.clusterwide() && !additive(p) {
		r.reportAt(p.doc, "kind", "write a NetworkPolicy in each namespace; ClusterNetworkPolicy allows and denies, but never isolates",
			"a cluster-wide policy that isolates: %s", noWord)
	}
	for _, s := range p.sections {
		if !p.clusterwide() {
			if flag := s.owner.at("enableDefaultDeny", s.direction()); flag.text() == "false" {
				r.report(flag, "", "a NetworkPolicy always isolates")
			}
			if s.deny() && len(s.rules) > 0 {
				r.report(s.list, "write the denies as a ClusterNetworkPolicy", "a NetworkPolicy cannot deny")
			}
		}
		for _, rule := range s.rules {
			standardCiliumRule(s, rule, r)
		}
	}
}

// additive reports whether no rule of the policy isolates.
func additive(p *policy) bool {
	for _, s := range p.sections {
		if len(s.rules) > 0 && s.owner.at("enableDefaultDeny", s.direction()).text() != "false" {
			return false
		}
	}
	return true
}

func standardCiliumRule(s section, rule field, r *reporter) {
	refuse(rule, r, "", "toFQDNs", "toServices", "toGroups", "fromGroups", "toNodes", "fromNodes", "toRequires", "fromRequires",
		"icmps", "authentication")
	for _, peer := range rule.get(s.peers() + "Endpoints").items() {
		standardLabels(peer, r)
	}
	for _, entity := range rule.get(s.peers() + "Entities").items() {
		if name := entity.text(); name != "all" && name != "world" && name != "none" {
			r.report(entity, "name the addresses as ipBlocks, which then have to follow the cluster", "entity %s: %s", name, noWord)
		}
	}
	for _, set := range rule.get(s.peers() + "CIDRSet").items() {
		refuse(set, r, "write the CIDRs of the group", "cidrGroupRef", "cidrGroupSelector")
	}
	for _, ports := range rule.get("toPorts").items() {
		refuse(ports, r, "", "rules", "listener", "terminatingTLS", "originatingTLS", "serverNames")
		for _, port := range ports.get("ports").items() {
			standardProtocol(port.get("protocol"), r)
		}
	}
}

// standardLabels reports keys of a selector that are neither labels of pods nor of namespaces.
func standardLabels(selector field, r *reporter) {
	if !selector.present() || selector.node.Kind != source.Mapping {
		return
	}
	labels := selector.get("matchLabels")
	for _, key := range labels.keys() {
		standardKey(labels.get(key), key, r)
	}
	for _, e := range selector.get("matchExpressions").items() {
		standardKey(e.get("key"), e.get("key").text(), r)
	}
}

func standardKey(at field, key string, r *reporter) {
	source, name, found := strings.Cut(key, ":")
	if !found {
		source, name = "any", key
	}
	switch {
	case source != "any" && source != "k8s":
		r.report(at, "", "labels with source %s: %s", source, noWord)
	case name == "io.cilium.k8s.policy.serviceaccount", name == "io.cilium.k8s.policy.cluster":
		r.report(at, "give the pods a label for it", "label %s: %s", name, noWord)
	}
}
