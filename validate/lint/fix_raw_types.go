package lint

import "github.com/policyferry/policyferry/translate/diag"

// fixRawTypes writes down that a raw custom resource polices both directions.
var fixRawTypes = fixer{diag.RawTypes, func(_ *linter, _ Finding, at field) *Fix {
	if at.doc == nil {
		return nil
	}
	spec := root(at.doc).get("spec")
	keys := spec.keys()
	if len(keys) == 0 {
		return nil
	}
	behind := spec.get("selector")
	if behind.node == nil {
		behind = spec.get(keys[0])
	}
	return insert(behind, "types", `["Ingress","Egress"]`)
}}
