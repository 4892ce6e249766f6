package crd

import (
	"context"
	"fmt"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

// server is the API server's code, ready for one schema.
type server struct {
	structural *schema.Structural
	validator  validation.SchemaValidator
	cel        *cel.Validator
	hasStatus  bool
}

func (l *Library) server(name string, h head) (*server, error) {
	whole, err := l.whole(h.Schema)
	if err != nil {
		return nil, err
	}
	var props apiextensions.JSONSchemaProps
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(whole, &props, nil); err != nil {
		return nil, fmt.Errorf("reading the schema of %s: %w", name, err)
	}
	structural, err := schema.NewStructural(&props)
	if err != nil {
		return nil, fmt.Errorf("the schema of %s is not structural: %w", name, err)
	}
	if err := defaulting.PruneDefaults(structural); err != nil {
		return nil, fmt.Errorf("reading the defaults of %s: %w", name, err)
	}
	validator, _, err := validation.NewSchemaValidator(&props)
	if err != nil {
		return nil, fmt.Errorf("compiling the schema of %s: %w", name, err)
	}
	return &server{
		structural: structural,
		validator:  validator,
		cel:        cel.NewValidator(structural, true, celconfig.PerCallLimit),
		hasStatus:  h.Status,
	}, nil
}

// store is the way of an API server: k8s.io/apiextensions-apiserver/pkg/apiserver/customresource_handler.go (decoding)
// and pkg/registry/customresource/strategy.go (validation). It returns the paths of unknown fields, and the errors.
func (s *server) store(object map[string]any) (unknown []string, errs field.ErrorList) {
	unknown = pruning.PruneWithOptions(object, s.structural, true, schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
	defaulting.PruneNonNullableNullsWithoutDefaults(object, s.structural)
	defaulting.Default(object, s.structural)
	if s.hasStatus {
		delete(object, "status")
	}
	errs = validation.ValidateCustomResource(nil, object, s.validator)
	return unknown, append(errs, listtype.ValidateListSetsAndMaps(nil, s.structural, object)...)
}

// rules evaluates the CEL rules of the schema.
func (s *server) rules(stored map[string]any) field.ErrorList {
	errs, _ := s.cel.Validate(context.Background(), nil, s.structural, stored, nil, celconfig.RuntimeCELCostBudget)
	return errs
}
