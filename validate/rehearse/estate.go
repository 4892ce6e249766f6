package rehearse

import (
	"context"
	"fmt"

	"github.com/policyferry/policyferry/translate"
	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/claim"
)

// estate is one rehearsal on its way: what each step leaves to the next.
type estate struct {
	*Estate
	ctx      context.Context
	opt      *Options
	snapshot *Snapshot
	given    []Acceptance

	// policies are the source set, cluster what describes the cluster, left what is policy of the target already.
	policies, cluster []*source.Document
	already           int
	forward, back     *translate.Result
	output            []*source.Document
	outcome           *claim.Outcome
	findings          []found
	// leaving are uses of what the source's later releases do not read.
	leaving []found
	// swaps are changes of standard policies that are safe only while nothing is enforced.
	swaps []Change
}

// found is a finding and the step that brought it up.
type found struct {
	diag.Finding
	step string
}

// rehearse takes one estate through all steps.
func rehearse(ctx context.Context, s Snapshot, o Options, given []Acceptance) (*Estate, error) {
	e := &estate{ctx: ctx, Estate: newEstate(&s), opt: &o, snapshot: &s, given: given}
	e.read()
	for _, step := range []func() error{e.translate, e.validate, e.verify, e.replay, e.translateBack, e.verifyRoundTrip, e.score} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	e.drift()
	e.moves()
	if err := e.runbook(); err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	e.gather()
	e.summarize()
	e.sideBySide()
	e.place()
	e.conclude()
	return e.Estate, nil
}

func newEstate(s *Snapshot) *Estate {
	return &Estate{
		Name: s.Name, Path: s.Path, Reasons: []Reason{}, Steps: []Step{}, Policies: []Policy{}, Findings: []Finding{},
		Blockers: []Blocker{}, Differences: []Difference{}, NotCompared: []string{}, Facts: []Fact{}, Drift: []Drift{},
		Moves: []Move{}, History: append([]Entry{}, s.History...),
	}
}

func (e *estate) step(name string, outcome Outcome, format string, args ...any) {
	e.Steps = append(e.Steps, Step{name, outcome, fmt.Sprintf(format, args...)})
}

func (e *estate) add(step string, findings ...diag.Finding) {
	for _, f := range findings {
		e.findings = append(e.findings, found{f, step})
	}
}
