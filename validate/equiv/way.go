package equiv

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/policyferry/policyferry/translate/cluster"
	"github.com/policyferry/policyferry/validate/verdict"
)

// Way is a way from one set to another, on which other sets are met. Sets on a way have most of their policies in
// common, so what is judged of one is kept for the next.
type Way struct {
	before, after *Side
	facts         *cluster.Facts
	left          *Side
	// grounds are by what they depend on.
	grounds map[string]*comparison
	// labels are the keys that pods and nodes have, ranges and protocols what both ends name.
	labels    []string
	ranges    map[netip.Prefix]bool
	protocols map[uint8]bool
}

// NewWay is a way between two sets in one cluster.
func NewWay(before, after *Side, facts *cluster.Facts) *Way {
	seen := map[string]bool{}
	for _, p := range facts.Pods {
		for key := range p.Labels {
			seen[key] = true
		}
	}
	for _, n := range facts.Nodes {
		for key := range n.Labels {
			seen[key] = true
		}
	}
	w := &Way{before: before, after: after, facts: facts, left: joined(before, after), grounds: map[string]*comparison{},
		labels: slices.Sorted(maps.Keys(seen)), ranges: map[netip.Prefix]bool{}, protocols: map[uint8]bool{}}
	for _, p := range w.left.Judge.Ranges() {
		w.ranges[p] = true
	}
	for _, p := range w.left.Judge.Protocols() {
		w.protocols[p] = true
	}
	return w
}

// Between judges every connection of the cluster under three sets, and says where the one in the middle allows what both
// ends deny, or denies what both ends allow. Of the differences only the first is explained, and by the rules of the one
// in the middle only; the verdict on the left is that of the set before. All sets in the middle are of one CNI and
// release.
func (w *Way) Between(middle *Side) (*Result, error) {
	c, err := w.ground(middle)
	if err != nil {
		return nil, err
	}
	judged := c.judged.Load()
	p, leaving, entering := c.ends()
	p.pods(leaving, entering)
	p.nodes(leaving, entering)
	differences := p.differences()
	if len(differences) > 0 { // one witness is as good as all
		if err := w.explain(&differences[0], middle); err != nil {
			return nil, err
		}
	}
	return &Result{Answer: answer(differences), Differences: differences, Size: Size{Judged: c.judged.Load() - judged}}, nil
}

func (w *Way) explain(d *Difference, middle *Side) (err error) {
	if d.Left, err = w.before.Judge.Judge(d.Witness); err != nil {
		return err
	}
	if d.Right, err = middle.Judge.Judge(d.Witness); err != nil {
		return err
	}
	d.RightBy, err = decisive(middle.Judge, d.Witness, d.Right)
	return err
}

// ground is the comparison with a set, with all that is remembered of sets for which ends and traffic are divided alike.
func (w *Way) ground(middle *Side) (*comparison, error) {
	words, err := wordsOf(w.left.Documents, middle.Documents)
	if err != nil {
		return nil, err
	}
	judge, ok := middle.Judge.(verdict.Recogniser)
	if !ok {
		return newComparison(w.left, middle, w.facts, betweenness{}, words), nil
	}
	key := w.divided(middle, words)
	c := w.grounds[key]
	if c == nil {
		c = newComparison(w.left, middle, w.facts, betweenness{}, words)
		c.memory = newMemory()
		w.grounds[key] = c
	} else {
		c.right, c.dividers[1] = judge, judge.Divide(c.space.peers())
	}
	c.memory.turnTo(judge)
	return c, nil
}

// divided is equal for sets that divide ends and traffic alike, as far as newSpace and newTraffic ask. What both ends name
// divides them anyhow.
func (w *Way) divided(middle *Side, words words) string {
	var b strings.Builder
	fmt.Fprint(&b, middle.CNI, "\n")
	for _, key := range w.labels {
		fmt.Fprint(&b, words.inPlay(key), " ")
	}
	ranges := slices.DeleteFunc(middle.Judge.Ranges(), func(p netip.Prefix) bool { return w.ranges[p] })
	slices.SortFunc(ranges, netip.Prefix.Compare)
	protocols := slices.DeleteFunc(middle.Judge.Protocols(), func(p uint8) bool { return w.protocols[p] })
	slices.Sort(protocols)
	fmt.Fprint(&b, "\n", slices.Compact(ranges), "\n", protocols)
	for _, name := range slices.Sorted(maps.Keys(w.facts.Nodes)) {
		fmt.Fprint(&b, "\n", middle.Judge.NodeKey(name, words.inPlay), middle.Judge.Polices(name))
	}
	return b.String()
}
