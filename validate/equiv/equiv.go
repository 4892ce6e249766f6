package equiv

import (
	"fmt"
	"maps"
	"slices"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/validate/verdict"
)

// Options change a comparison.
type Options struct {
	// Explain is the number of differences, from the first, whose verdicts are explained; 0 means all of them.
	Explain int
	// Workload names the workload of a pod. If it is given, the result has a matrix of them, or of namespaces if there
	// are more than MaxWorkloads, which is not bounded if it is 0.
	Workload     func(*cluster.Pod) string
	MaxWorkloads int
}

// Compare judges every connection of the cluster under both sets. The error is that of a judge that cannot answer
// for the cluster at all.
func Compare(left, right *Side, facts *cluster.Facts, o Options) (*Result, error) {
	p, leaving, entering, err := pair(left, right, facts, sameness{})
	if err != nil {
		return nil, err
	}
	if o.Workload != nil {
		p.matrix = newMatrix(p, o)
	}
	p.pods(leaving, entering)
	p.nodes(leaving, entering)
	result, err := p.result(p.differences(), o)
	if err != nil || p.matrix == nil {
		return result, err
	}
	result.Matrix = p.matrix.fill(leaving, entering)
	return result, nil
}

// pair judges the ends at every class of pods, in both directions.
func pair(left, right *Side, facts *cluster.Facts, r relation) (p *pairing, leaving, entering []*view, err error) {
	w, err := wordsOf(left.Documents, right.Documents)
	if err != nil {
		return nil, nil, nil, err
	}
	p, leaving, entering = newComparison(left, right, facts, r, w).ends()
	return p, leaving, entering, nil
}

func newComparison(left, right *Side, facts *cluster.Facts, r relation, w words) *comparison {
	c := &comparison{
		left: left.Judge, right: right.Judge, relation: r, beside: map[string]bool{}, numbers: map[string]int32{},
		traffic: newTraffic(left.Judge.Protocols(), right.Judge.Protocols()),
	}
	c.space = newSpace(facts, c.left, c.right, w)
	peers := c.space.peers()
	c.dividers = [2]verdict.Divider{c.left.Divide(peers), c.right.Divide(peers)}
	c.restrict()
	return c
}

// ends judges the ends at every class of pods, in both directions.
func (c *comparison) ends() (p *pairing, leaving, entering []*view) {
	leaving, entering = c.views(false), c.views(true)
	return &pairing{comparison: c, byProfiles: map[[2]int32]*pairs{}}, leaving, entering
}

func (c *comparison) result(differences []Difference, o Options) (*Result, error) {
	for i := range differences {
		if o.Explain > 0 && i == o.Explain {
			break
		}
		if err := c.explain(&differences[i]); err != nil {
			return nil, fmt.Errorf("explaining a difference: %w", err)
		}
	}
	r := &Result{
		Answer: answer(differences), Differences: differences,
		Beside: slices.Sorted(maps.Keys(c.beside)), Apart: c.space.apart,
		Size: Size{
			Pods: c.space.pods, Nodes: len(c.space.facts.Nodes), Atoms: c.space.outside,
			Classes: len(c.space.elements) - c.space.outside, Judged: c.judged.Load(),
		},
	}
	return r, nil
}
