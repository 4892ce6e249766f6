package compat

import "fmt"

// ReadsAdminPolicy reports whether a release reads ClusterNetworkPolicy, AdminNetworkPolicy or
// BaselineAdminNetworkPolicy. Enabled is Cilium's setting enable-k8s-cluster-network-policy; nil counts as off, its
// default.
//
// Calico: AdminNetworkPolicy since 3.29, BaselineAdminNetworkPolicy since 3.30, both until 3.31, ClusterNetworkPolicy
// since 3.32 (libcalico-go/lib/backend/k8s/conversion). Cilium: ClusterNetworkPolicy since 1.20
// (pkg/k8s/cluster_network_policy.go), the older kinds never.
func ReadsAdminPolicy(r Release, kind string, enabled *bool) bool {
	if r.CNI == Cilium {
		return kind == "ClusterNetworkPolicy" && r.Version.AtLeast(1, 20) && enabled != nil && *enabled
	}
	switch kind {
	case "AdminNetworkPolicy":
		return r.Version.AtLeast(3, 29) && !r.Version.AtLeast(3, 32)
	case "BaselineAdminNetworkPolicy":
		return r.Version.AtLeast(3, 30) && !r.Version.AtLeast(3, 32)
	}
	return kind == "ClusterNetworkPolicy" && r.Version.AtLeast(3, 32)
}

// AdminPolicyHint says under which release or setting the kind would be read.
func AdminPolicyHint(r Release, kind string) string {
	switch {
	case r.CNI == Cilium && kind == "ClusterNetworkPolicy":
		return "if the cluster runs Cilium 1.20 or later with k8sClusterNetworkPolicy.enabled, state spec.cilium.clusterNetworkPolicy: true in the cluster facts"
	case r.CNI == Cilium:
		return fmt.Sprintf("Cilium never reads %s; write a ClusterNetworkPolicy", kind)
	case kind == "ClusterNetworkPolicy":
		return "Calico reads it since 3.32; say --source-version if the cluster is newer than assumed"
	}
	return "Calico reads it from 3.29 (BaselineAdminNetworkPolicy 3.30) to 3.31; say --source-version if the cluster is older than assumed"
}
