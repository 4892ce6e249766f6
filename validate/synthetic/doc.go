// Package synthetic makes a cluster for policies of which no cluster is known: namespaces and pods for the labels that
// their selectors name, alone and together, and somebody with none of them.
//
// What holds in a synthetic cluster holds for pods like these. It is no proof for a real cluster, whose pods may carry
// other labels together, and whoever shows its verdicts has to say so.
package synthetic
