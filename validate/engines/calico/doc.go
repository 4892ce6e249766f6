// Package calico judges connections with Calico's own policy code.
//
// It reads policies and a cluster, lets Calico v3.31.0 turn them into what Felix would program
// (API defaults and validation, conversion, syncer update processors, Felix's validation filter and
// calculation graph, all of them Calico's), and matches single connections against the computed
// rules and IP sets. Only the last step is ours: Calico's checker in app-policy ignores ICMP types,
// ipVersion, named ports and sets of /25 to /31, so its verdicts are not Felix's.
//
// What Felix's dataplane does beyond the computed rules is either restated here, next to the file of
// Felix that it restates, or answered with Unknown and the reason. A verdict is never a guess.
//
// The package stands in a module of its own and imports nothing of the rest of the project: Calico's
// dependencies exclude Cilium's. docs/engine-protocol.md is the contract with everybody who asks.
package calico
