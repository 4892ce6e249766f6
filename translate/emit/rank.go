package emit

// ranks is the order in which people write the keys of the kinds that policyferry emits: what the object is, whom it
// concerns, what it does. A name stands once, since no two kinds disagree about its place.
var ranks = func() map[string]int {
	order := []string{
		"apiVersion", "kind", "metadata", "spec", "specs", "items",
		"name", "namespace", "labels", "annotations",
		// subjects
		"description", "tier", "order", "priority", "subject", "endpointSelector", "nodeSelector", "podSelector",
		"namespaceSelector", "selector", "serviceAccountSelector", "policyTypes", "types",
		"doNotTrack", "preDNAT", "applyOnForward", "enableDefaultDeny",
		"ingressDeny", "ingress", "egressDeny", "egress",
		// rules
		"action", "ipVersion", "protocol", "notProtocol", "icmp", "notICMP",
		"fromEndpoints", "fromEntities", "fromNodes", "fromCIDR", "fromCIDRSet",
		"toEndpoints", "toEntities", "toNodes", "toCIDR", "toCIDRSet", "toFQDNs", "toServices",
		"from", "to", "source", "destination", "http",
		// peers
		"namespaces", "pods", "ipBlock", "networks", "nets", "notNets", "notSelector", "serviceAccounts", "services",
		"cidr", "cidrGroupRef", "cidrGroupSelector", "except",
		"toPorts", "ports", "notPorts", "port", "endPort", "rules", "icmps", "fields", "family", "type", "code",
		"matchLabels", "matchExpressions", "key", "operator", "values",
		"methods", "paths", "method", "path", "exact", "prefix", "defaultAction", "externalCIDRs",
	}
	out := make(map[string]int, len(order))
	for i, k := range order {
		if _, twice := out[k]; twice {
			panic("emit: key ranked twice: " + k)
		}
		out[k] = i
	}
	return out
}()

// rank is the place of a key in a mapping that stands under parent. A protocol comes before the ends of a rule, and
// after the number in a list of ports.
func rank(key, parent string) int {
	if key == "protocol" && parent == "ports" {
		return len(ranks)
	}
	if r, ok := ranks[key]; ok {
		return r
	}
	return len(ranks)
}
