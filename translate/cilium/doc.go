// Package cilium reads Cilium's policies into the model and writes the model as Cilium's policies.
//
// Lower turns CiliumNetworkPolicy, CiliumClusterwideNetworkPolicy and CiliumCIDRGroup into a model.Set. Fit prepares
// a set of the other CNI for Cilium: what Cilium cannot say becomes a model.Doubt, with a finding. Raise writes the
// flattened set.
//
// What a field means is what Cilium's agent makes of it, which is not always what its documentation says; comments
// cite the place in Cilium's source tree that decides.
package cilium
