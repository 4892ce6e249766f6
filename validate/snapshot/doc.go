// Package snapshot takes a cluster's policy, and what its policy depends on, into one directory of plain YAML: the
// directory that --cluster takes, that policies are translated from, and that fits into git.
//
// It reads with get and list only, from a live cluster or from files that kubectl has written. Of an object it keeps
// what policy means and what has to be moved (keep.go); it never asks for a Secret. What could not be read is said in
// a finding and in the index, snapshot.yaml.
package snapshot
