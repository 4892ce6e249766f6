// Package equiv compares two policy sets over all connections of a cluster.
//
// The judges say what they can tell apart (verdict.Partitioner). Ends that neither side can tell apart form a class,
// addresses outside the cluster fall into atoms between the bounds of all ranges in play, ports into intervals. One
// connection of each kind is judged, so the answer is complete for the cluster and costs what its distinct classes
// cost, not what its pods do. docs/architecture.md says why the division is complete.
//
// The package knows the judges and nothing of the translator.
package equiv
