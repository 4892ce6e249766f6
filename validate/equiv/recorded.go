package equiv

import (
	"cmp"
	"slices"
	"sync"

	"github.com/policyferry/policyferry/validate/verdict"
)

// Oracle answers many connections at once, as an engine does.
type Oracle func([]verdict.Connection) ([]verdict.Verdict, error)

// consulted is a judge that tells apart what an evaluator tells apart, and whose verdicts are an oracle's. What the
// oracle has not been asked yet, the evaluator answers, and it is remembered as open.
type consulted struct {
	verdict.Partitioner
	mu      sync.Mutex
	answers map[verdict.Connection]verdict.Verdict
	open    map[verdict.Connection]bool
}

// Judge implements verdict.Judge.
func (r *consulted) Judge(c verdict.Connection) (verdict.Verdict, error) {
	r.mu.Lock()
	v, known := r.answers[c]
	if !known {
		r.open[c] = true
	}
	r.mu.Unlock()
	own, err := r.Partitioner.Judge(c)
	if !known || err != nil {
		return own, err
	}
	return v.Explained(own), nil
}

// JudgeEnd implements verdict.Partitioner.
func (r *consulted) JudgeEnd(c verdict.Connection, ingress bool) (verdict.End, error) {
	v, err := r.Judge(c)
	if err != nil {
		return verdict.End{}, err
	}
	if ingress {
		return verdict.End{Action: v.Ingress, By: v.IngressBy, Why: v.Why, When: v.IngressWhen}, nil
	}
	return verdict.End{Action: v.Egress, By: v.EgressBy, Why: v.Why, When: v.EgressWhen}, nil
}

// ask puts the open connections to the oracle.
func (r *consulted) ask(o Oracle) error {
	var open []verdict.Connection
	for c := range r.open {
		open = append(open, c)
	}
	slices.SortFunc(open, func(a, b verdict.Connection) int { return cmp.Compare(a.String(), b.String()) })
	answers, err := o(open)
	if err != nil {
		return err
	}
	for i, c := range open {
		r.answers[c] = answers[i]
	}
	clear(r.open)
	return nil
}

// Consult replaces the verdicts of a comparison's judges by those of oracles, and calls compare until every verdict
// that it asks for is an oracle's.
func Consult(left, right *Side, ofLeft, ofRight Oracle, compare func(left, right *Side) (*Result, error)) (*Result, error) {
	sides := [2]*consulted{}
	for i, s := range []*Side{left, right} {
		sides[i] = &consulted{Partitioner: s.Judge, answers: map[verdict.Connection]verdict.Verdict{}, open: map[verdict.Connection]bool{}}
	}
	a, b := *left, *right
	a.Judge, b.Judge = sides[0], sides[1]
	for {
		result, err := compare(&a, &b)
		if err != nil || len(sides[0].open)+len(sides[1].open) == 0 {
			return result, err
		}
		for i, o := range []Oracle{ofLeft, ofRight} {
			if err := sides[i].ask(o); err != nil {
				return nil, err
			}
		}
	}
}
