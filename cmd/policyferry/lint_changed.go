package main

import (
	"errors"
	"slices"

	"github.com/policyferry/policyferry/translate/diag"
	"github.com/policyferry/policyferry/translate/source"
	"github.com/policyferry/policyferry/validate/lint"
	"github.com/policyferry/policyferry/validate/lint/changed"
)

// onlyChanged is a judgement that leaves out what the work of this branch has no part in: findings in objects that are
// what they were, and that were there before.
func (f *lintFlags) onlyChanged(run *lintRun, judge judgement) (judgement, error) {
	before, err := f.before(run)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	if !before.Same() {
		was, err := judge(before.Set, before.Problems)
		if err != nil {
			return nil, err
		}
		for _, print := range lint.Fingerprints(was.Findings) {
			known[print] = true
		}
	}
	return func(set *source.Set, problems diag.List) (*lint.Result, error) {
		r, err := judge(set, problems)
		if err != nil {
			return nil, err
		}
		touched := 0
		for _, o := range r.Objects {
			if before.Touched(o.Doc) {
				touched++
			}
		}
		run.touched, run.ignored = &touched, before.Ignored
		mine := func(x lint.Finding) bool {
			if x.Doc != nil {
				return before.Touched(x.Doc)
			}
			return before.Changed(x.Pos.File)
		}
		// Two objects of one name are told apart by their order, so those that are touched are not counted.
		others := slices.DeleteFunc(slices.Clone(r.Findings), mine)
		isNew := map[string]bool{}
		for i, print := range lint.Fingerprints(others) {
			if !known[print] && !before.Same() {
				isNew[place(others[i])] = true
			}
		}
		r.Findings = slices.DeleteFunc(r.Findings, func(x lint.Finding) bool { return !mine(x) && !isNew[place(x)] })
		return r, nil
	}, nil
}

// place tells findings of one run apart.
func place(x lint.Finding) string { return x.String() }

// before is the set as it was.
func (f *lintFlags) before(run *lintRun) (*changed.Before, error) {
	var before *changed.Before
	since, err := changed.Since(f.dir, f.changed)
	if err == nil {
		before, err = since.Before(f.paths, run.set, run.problems)
	}
	var problem *changed.Problem
	switch {
	case errors.As(err, &problem):
		return nil, usage(problem.Hint, "%s", problem.Message)
	case err != nil:
		return nil, usage("", "--changed: %v", err)
	}
	before.Problems = f.withoutExcluded(before.Set, before.Problems)
	return before, nil
}
