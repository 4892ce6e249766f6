// Package replay judges the traffic that was seen by the policies of before and after.
//
// Flow logs are read as streams (input.go, detect.go, lines.go, document.go) and decoded on all cores in order
// (pipeline.go). Each end is placed in the cluster (placer.go, place.go), also pods that are gone (gone.go, ghost.go), and
// flows are gathered into connections between classes of ends that no policy tells apart (sight.go, gather.go), so that
// memory goes with what is distinct and not with what is read. What is left is judged (trial.go, judge.go), with the DNS
// names that were learned (names.go), and told (result.go), with the rules that nothing used and what the window did not
// show (coverage.go).
//
// Every record that is read ends in exactly one of the counts of Result.Records.
package replay
