// Package cilium is the reference evaluator for Cilium: it answers verdict.Judge from the policies as written.
//
// It is a small second implementation of what a cilium-agent does with policies: it gives every end of a connection
// an identity (a set of labels), turns every policy into flat rules, and asks the rules that select the policed end,
// level by level, whether they match the other end and the traffic. It shares no code with the translator, and with
// Cilium only the types that decide whether an agent accepts an object at all (pkg/policy/api).
//
// Facts that are unknown take the defaults of Cilium, by version where they changed; without a version, those of
// Cilium 1.20.1. Every semantic fact cites the upstream file that it was read from, relative to the root of
// github.com/cilium/cilium v1.20.1.
//
// It does not model connection tracking, service translation, names learned from DNS, what proxies decide inside a
// connection, and identities other than pods, nodes and addresses outside the cluster (health, ingress, init).
package cilium
