package lint

import (
	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/translate/source"
)

// Score says how much of an estate could go to one place.
type Score struct {
	To Target
	// Policies and Rules count by class.
	Policies, Rules map[Class]int
	// ByCode counts the policies in whose way a code stands, ByFact those that a fact would settle.
	ByCode map[string]int
	ByFact map[cluster.Fact]int
	// ByNamespace counts policies by class for each namespace; cluster-wide policies are under "".
	ByNamespace map[string]map[Class]int
	// counted are the policies in the counts: a standard one may belong to two sets.
	counted map[*source.Document]bool
}

func newScore(to Target) *Score {
	return &Score{To: to, Policies: map[Class]int{}, Rules: map[Class]int{}, ByCode: map[string]int{},
		ByFact: map[cluster.Fact]int{}, ByNamespace: map[string]map[Class]int{},
		counted: map[*source.Document]bool{}}
}

func (s *Score) count(p *policy, leave Leave) {
	s.Policies[leave.Class]++
	for class, n := range leave.Rules {
		s.Rules[class] += n
	}
	for _, code := range leave.Codes {
		s.ByCode[code]++
	}
	for _, fact := range leave.Facts {
		s.ByFact[fact]++
	}
	if s.ByNamespace[p.namespace] == nil {
		s.ByNamespace[p.namespace] = map[Class]int{}
	}
	s.ByNamespace[p.namespace][leave.Class]++
}

// Total is the number of all that was counted by class.
func Total(counts map[Class]int) int {
	n := 0
	for _, c := range counts {
		n += c
	}
	return n
}

// Share is the part that could leave exactly, in percent, rounded down so that only everything is 100. Of nothing,
// everything can leave.
func Share(counts map[Class]int) int {
	total := Total(counts)
	if total == 0 {
		return 100
	}
	return counts[Exact] * 100 / total
}
