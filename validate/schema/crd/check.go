package crd

import (
	"context"

	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	celconfig "k8s.io/apiserver/pkg/apis/cel"

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
		defaulting.Default(stored, d.structural)
	}
	return stored, d.rules(stored)
}

// slow is the way of an API server: k8s.io/apiextensions-apiserver/pkg/apiserver/customresource_handler.go (decoding)
// and pkg/registry/customresource/strategy.go (validation).
func (d *Definition) slow(object map[string]any) (stored map[string]any, problems problem.List) {
	stored = Copy(object)
	unknown := pruning.PruneWithOptions(stored, d.structural, true, schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
	for _, path := range unknown {
		problems = append(problems, unknownField(object, path))
	}
	defaulting.PruneNonNullableNullsWithoutDefaults(stored, d.structural)
	defaulting.Default(stored, d.structural)
	if d.hasStatus {
		delete(stored, "status")
	}
	errs := validation.ValidateCustomResource(nil, stored, d.validator)
	errs = append(errs, listtype.ValidateListSetsAndMaps(nil, d.structural, stored)...)
	problems = append(problems, withoutGuesses(problem.FromErrors(object, errs, d.explain))...)
	if len(errs) == 0 {
		problems = append(problems, d.rules(stored)...)
	}
	return stored, problems
}

// rules evaluates the CEL rules of the schema.
func (d *Definition) rules(stored map[string]any) problem.List {
	errs, _ := d.cel.Validate(context.Background(), nil, d.structural, stored, nil, celconfig.RuntimeCELCostBudget)
	return problem.FromErrors(stored, errs, d.explain)
}

func unknownField(object any, path string) problem.Problem {
	at := problem.Resolve(object, path)
	return problem.Problem{
		Path:    at.String(),
		Message: "there is no such field here; an API server drops it or refuses the object",
		Cause:   problem.UnknownField,
	}
}
