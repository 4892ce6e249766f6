package compat

// Gone is the release that stopped reading something, and what to write instead.
type Gone struct {
	Since   Release
	Instead string
}

// KindGone says whether a release still reads a kind that a later one does not.
//
// Calico 3.32 reads ClusterNetworkPolicy in place of the two kinds before it (libcalico-go/lib/clientv3/client.go);
// Cilium serves CiliumCIDRGroup as v2 since 1.18, with v2alpha1 deprecated (client/crds/v2/ciliumcidrgroups.yaml). The
// release that will drop v2alpha1 is not known, so it is no matter of this table.
func KindGone(r Release, apiVersion, kind string) (Gone, bool) {
	switch {
	case r.CNI != Calico || apiVersion != "policy.networking.k8s.io/v1alpha1" || !ReadsAdminPolicy(r, kind, nil):
	case kind == "AdminNetworkPolicy", kind == "BaselineAdminNetworkPolicy":
		return Gone{Release{Calico, Version{3, 32, 0}}, "write it as ClusterNetworkPolicy when Calico is upgraded"}, true
	}
	return Gone{}, false
}

// FieldGone says whether a release of Cilium still reads a field of a rule that a later one does not: fromRequires and
// toRequires until 1.18 (pkg/policy/api/ingress.go), parsers other than HTTP and DNS until 1.19 (pkg/policy/api/l4.go).
func FieldGone(r Release, field string) (Gone, bool) {
	if r.CNI != Cilium {
		return Gone{}, false
	}
	switch field {
	case "fromRequires", "toRequires":
		return Gone{Release{Cilium, Version{1, 19, 0}}, "put the requirement into the selectors of every policy for these pods"}, !r.Version.AtLeast(1, 19)
	case "kafka", "l7", "l7proto":
		return Gone{Release{Cilium, Version{1, 20, 0}}, "keep to ports, or match HTTP"}, !r.Version.AtLeast(1, 20)
	}
	return Gone{}, false
}
