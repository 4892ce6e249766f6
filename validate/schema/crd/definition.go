// Package crd judges objects by a CustomResourceDefinition as an API server does when it is asked to store them:
// fields that the schema does not have, null values, defaults, the schema itself, list types, CEL rules.
//
// The judge is the API server's own code (k8s.io/apiextensions-apiserver). Before it stands a walk over the object
// that recognises a sound one in a hundredth of the time; whatever it does not recognise goes to the API server's
// code, so the walk can make validation faster but never stricter (walk.go), and tests hold it to never being laxer.
package crd

import (
	"fmt"
	"sync"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"
)

// Definition is the schema of one version of a kind, ready to judge. It is safe for concurrent use.
type Definition struct {
	structural *schema.Structural
	cel        *cel.Validator
	walk       *node
	validator  validation.SchemaValidator
	// hasStatus says that the kind has a status subresource: what is written to status with the object is dropped.
	hasStatus bool
}

// Source says where a definition comes from. Nothing is read before Definition is called for the first time.
type Source struct {
	// Read returns the CustomResourceDefinition as YAML.
	Read func() ([]byte, error)
	// Version is the version of the kind.
	Version string
	// Adjust changes the schema before it is compiled. It may be nil.
	Adjust func(*apiextensions.JSONSchemaProps)

	once       sync.Once
	definition *Definition
	err        error
}

// Definition reads and compiles the definition, once.
func (s *Source) Definition() (*Definition, error) {
	s.once.Do(func() {
		raw, err := s.Read()
		if err != nil {
			s.err = fmt.Errorf("reading the definition of a kind: %w", err)
			return
		}
		s.definition, s.err = compile(raw, s.Version, s.Adjust)
	})
	return s.definition, s.err
}

func compile(raw []byte, version string, adjust func(*apiextensions.JSONSchemaProps)) (*Definition, error) {
	var crd apiextensionsv1.CustomResourceDefinition
	if err := yaml.Unmarshal(withoutDescriptions(raw), &crd); err != nil {
		return nil, fmt.Errorf("parsing the definition of a kind: %w", err)
	}
	for i := range crd.Spec.Versions {
		v := &crd.Spec.Versions[i]
		if v.Name != version || v.Schema == nil {
			continue
		}
		var props apiextensions.JSONSchemaProps
		err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(v.Schema.OpenAPIV3Schema, &props, nil)
		if err != nil {
			return nil, fmt.Errorf("reading the schema of %s: %w", crd.Name, err)
		}
		if adjust != nil {
			adjust(&props)
		}
		return build(crd.Name, &props, v.Subresources != nil && v.Subresources.Status != nil)
	}
	return nil, fmt.Errorf("%s has no version %s", crd.Name, version)
}

func build(name string, props *apiextensions.JSONSchemaProps, hasStatus bool) (*Definition, error) {
	structural, err := schema.NewStructural(props)
	if err != nil {
		return nil, fmt.Errorf("the schema of %s is not structural: %w", name, err)
	}
	if err := defaulting.PruneDefaults(structural); err != nil {
		return nil, fmt.Errorf("reading the defaults of %s: %w", name, err)
	}
	validator, _, err := validation.NewSchemaValidator(props)
	if err != nil {
		return nil, fmt.Errorf("compiling the schema of %s: %w", name, err)
	}
	return &Definition{
		structural: structural,
		validator:  validator,
		cel:        cel.NewValidator(structural, true, celconfig.PerCallLimit),
		walk:       newRoot(props),
		hasStatus:  hasStatus,
	}, nil
}
