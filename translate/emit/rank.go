package emit

// ranks is the order in which people write the keys of the kinds that policyferry emits: what the object is, whom it
// concerns, what it does. A name stands once, since no two kinds disagree about its place.
var ranks = func() map[string]int {
	order := []string{
		"apiVersion", "kind", "metadata", "spec", "specs", "items",
		"name", "namespace", "labels", "annotations",
		// subjects
		"description", "tier", "order", "priority", "subject", "endpointSelector", "nodeSelector", "podSelector",
		"nets", "notNets", "selector", "notSelector", "namespaceSelector", "serviceAccountSelector", "policyTypes", "types",
		"doNotTrack", "preDNAT", "applyOnForward", "enableDefaultDeny",
		"ingressDeny", "ingress", "egressDeny", "egress",
		// rules
		"action", "ipVersion", "protocol", "notProtocol", "icmp", "notICMP",
		"fromEndpoints", "fromEntities", "fromNodes", "fromCIDR", "fromCIDRSet",
		"toEndpoints", "toEntities", "toNodes", "toCIDR", "toCIDRSet", "toFQDNs", "toServices",
		"from", "to", "source", "destination", "http",
		// peers
		"namespaces", "pods", "ipBlock", "networks", "serviceAccounts", "services",
		"cidr", "cidrGroupRef", "cidrGroupSelector", "except",
		"toPorts", "ports", "notPorts", "port", "endPort", "start", "end", "rules", "icmps", "fields", "family", "type", "code",
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

// rank is the place of a key in a mapping that stands under parent. Two names stand elsewhere than usual: the
// protocol of a Cilium or Kubernetes port comes after its number, and the annotations of a Calico rule come last.
func rank(key, parent string) int {
	last := len(ranks)
	switch {
	case key == "protocol" && parent == "ports":
		return last
	case key == "metadata" && (parent == "ingress" || parent == "egress"):
		return last
	}
	if r, ok := ranks[key]; ok {
		return r
	}
	return last
}

// named reports whether every key of a mapping that stands under parent is just a name: known keys have no order of
// their own below labels, annotations and selectors.
func named(parent string) bool {
	return parent == "labels" || parent == "annotations" || parent == "matchLabels"
}
