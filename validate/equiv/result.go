package equiv

import (
	"github.com/policyferry/policyferry/validate/verdict"
)

// Answer is how the right set compares with the left one, after Zelkova.
type Answer string

// The answers.
const (
	Equivalent Answer = "equivalent"
	// Less and More say that the right set allows less or more than the left one, and never the contrary.
	Less Answer = "less"
	More Answer = "more"
	// Incomparable says that the right set allows what the left one denies, and denies what the left one allows.
	Incomparable Answer = "incomparable"
	// Unknown says that no difference was found, but a judge does not know every verdict.
	Unknown Answer = "unknown"
)

// Kind is the direction of a difference.
type Kind string

// The kinds of differences, those that matter most first.
const (
	// Opens says that the right set allows what the left one denies.
	Opens Kind = "opens"
	// Closes says that the right set denies what the left one allows.
	Closes Kind = "closes"
	// Unjudged says that one of the judges does not know.
	Unjudged Kind = "unknown"
)

// Difference stands for all connections that differ in the same way, by the same policies.
type Difference struct {
	Kind Kind
	// Witness is one of the connections.
	Witness verdict.Connection
	// Example is something that the witness may carry and that passes on one side only, such as an HTTP request, where
	// a proxy looks inside; empty where the whole connection differs.
	Example string
	// Left and Right are the verdicts on the witness.
	Left, Right verdict.Verdict
	// LeftBy and RightBy are the steps that brought the verdicts about.
	LeftBy, RightBy []verdict.Step
	// Pairs counts pairs of ends, where a range of addresses counts once; Connections counts connections, as pairs of
	// addresses with a protocol and a destination port.
	Pairs       int
	Connections float64
}

// Result is what a comparison found.
type Result struct {
	Answer Answer
	// Differences are sorted by how much they matter: those that open first, then by the connections they stand for.
	Differences []Difference
	// Beside are the reasons for which connections were left out, because a dataplane decides them whatever the
	// policies say.
	Beside []string
	// MayOpen says that the right set may allow more than was found, by rules about DNS names (Names).
	MayOpen bool
	// Apart are the pods and nodes that could not be compared, with the reason.
	Apart []string
	// Size says what was compared.
	Size Size
	// Matrix is nil unless workloads were asked for, and if there are more than 4,000 classes.
	Matrix *Matrix
}

// Size is the extent of a comparison.
type Size struct {
	Pods, Nodes int
	// Classes are groups of pods that nothing tells apart, Atoms ranges of addresses.
	Classes, Atoms int
	// Judged counts the connections that were put to both judges.
	Judged int64
}

// answer sums the differences up.
func answer(differences []Difference) Answer {
	kinds := map[Kind]bool{}
	for _, d := range differences {
		kinds[d.Kind] = true
	}
	switch {
	case kinds[Opens] && kinds[Closes]:
		return Incomparable
	case kinds[Opens]:
		return More
	case kinds[Closes]:
		return Less
	case kinds[Unjudged]:
		return Unknown
	}
	return Equivalent
}
