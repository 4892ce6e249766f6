package crd

import (
	"fmt"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// Version is what the definition of a kind says about objects of one of its versions.
type Version struct {
	// Name is the name of the definition and of the version, such as ciliumnetworkpolicies.cilium.io/v2.
	Name   string
	Schema *apiextensionsv1.JSONSchemaProps
	// HasStatus says that the kind has a status subresource: what is written to status with the object is dropped.
	HasStatus bool
}

// Parse reads one version out of a CustomResourceDefinition in YAML.
func Parse(raw []byte, version string) (Version, error) {
	var crd apiextensionsv1.CustomResourceDefinition
	if err := yaml.Unmarshal(raw, &crd); err != nil {
		return Version{}, fmt.Errorf("parsing the definition of a kind: %w", err)
	}
	for _, v := range crd.Spec.Versions {
		if v.Name == version && v.Schema != nil && v.Schema.OpenAPIV3Schema != nil {
			status := v.Subresources != nil && v.Subresources.Status != nil
			return Version{Name: crd.Name + "/" + version, Schema: v.Schema.OpenAPIV3Schema, HasStatus: status}, nil
		}
	}
	return Version{}, fmt.Errorf("%s has no version %s", crd.Name, version)
}
