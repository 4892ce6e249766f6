// Package replay judges the traffic that was seen by the policies of before and after.
//
// Flow logs are read as streams (input.go, detect.go, lines.go, document.go) and decoded on all cores in order
// (pipeline.go). Each end is placed in the cluster (place.go, gone.go), and flows are gathered into connections between
// classes of ends that no policy tells apart (gather.go), so that memory goes with what is distinct and not with what is
// read. What is left is judged once (judge.go) and told (result.go), with the rules that nothing used (rules.go) and what
// the window did not show (coverage.go).
//
// Every record that is read ends in exactly one of the counts of Result.Records.
package replay
