// Package cilium asks Cilium's own policy code for verdicts.
//
// It builds, in one process and without a cluster, what a cilium-agent holds in memory: identities from pods,
// an ipcache from nodes, policies and CIDR groups, a policy repository from the policies; and it looks
// connections up in the policy maps which that repository computes. Nothing here decides a verdict by
// itself: where Cilium's code does not say what the dataplane does, the answer is Unknown, with the reason.
//
// Cilium keeps its configuration in package variables. An Engine therefore owns the process: building a
// second one invalidates the first, and an Engine must not be used by several goroutines.
package cilium
