// Package calico reads Calico policy into the model and writes the model as Calico policy.
//
// Lower takes every Calico object of a set at once, since what a policy means depends on the others: tiers and orders,
// the network sets and host endpoints that its selectors match. It follows what Felix computes, not what the field
// names suggest: a selector is the one expression that the update processors of libcalico-go put together from all
// selector fields (libcalico-go/lib/backend/syncersv1/updateprocessors), evaluated once for each kind of thing that it
// can meet. Pods are met symbolically, network sets and host endpoints one by one.
//
// Raise is the way back. Calico keeps order by itself, so it decides only where a rule goes; Fit says beforehand what
// Calico has no words for.
//
// The files come in pairs: policy, rule, peer and so on for the way in, raise_policy, raise_rule, raise_peer for the
// way out.
package calico
