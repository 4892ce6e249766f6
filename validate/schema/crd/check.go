package crd

import (
	"maps"

	"github.com/policyferry/policyferry/validate/schema/problem"
)

// Check judges an object, which is left as it is, and returns it as the API server would store it: without unknown
// fields and nulls, with defaults. The metadata is not looked at.
func (d *Definition) Check(object map[string]any) (stored map[string]any, problems problem.List) {
	w := walk{}
	if !w.value(d.walk, object) {
		return d.slow(object)
	}
	stored = object
	if w.defaults || w.foreign {
		stored = Copy(object)
		d.walk.fill(stored)
	}
	if _, ok := stored["status"]; ok && d.hasStatus {
		stored = maps.Clone(stored)
		delete(stored, "status")
	}
	if !w.rules {
		return stored, nil
	}
	s, err := d.server()
	if err != nil {
		return stored, unusable(err)
	}
	return stored, problem.FromErrors(stored, s.rules(stored), d.explain)
}

// slow asks the API server's code.
func (d *Definition) slow(object map[string]any) (stored map[string]any, problems problem.List) {
	stored = Copy(object)
	s, err := d.server()
	if err != nil {
		return stored, unusable(err)
	}
	problems = nullEntries(d.walk, stored, nil)
	unknown, errs := s.store(stored)
	for _, path := range unknown {
		problems = append(problems, d.unknownField(object, path))
	}
	problems = append(problems, withoutGuesses(problem.FromErrors(object, errs, d.explain))...)
	if len(errs) == 0 {
		problems = append(problems, problem.FromErrors(stored, s.rules(stored), d.explain)...)
	}
	return stored, problems
}

// unusable is what is said of every object of a kind whose definition the API server's code does not take.
func unusable(err error) problem.List {
	return problem.List{{Message: err.Error(), Cause: problem.WrongValue}}
}
