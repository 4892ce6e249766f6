// Package calico is the reference evaluator for Calico: it reads policies as they are written, puts them in the order
// in which Felix walks them, and answers for one connection at a time.
//
// It is small and obvious on purpose, and shares nothing with the translator but the reader, the cluster facts and
// the CIDR sets. Where Calico's documentation and code differ, it follows the code; the sources are cited as files
// of projectcalico/calico at v3.31.0, or at the release that a comment names. What the dataplane does and this
// package does not is answered with Unknown and the reason, never with a guess.
//
// An object that Calico would not accept is not enforced, as in a cluster. The judge is a verdict.Rejecter that
// lists those.
package calico
