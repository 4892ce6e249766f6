package lint

import "github.com/policyferry/policyferry/translate/diag"

// fixPolicyTypes writes down the policyTypes that the API server fills in.
var fixPolicyTypes = fixer{diag.ImpliedIsolation, func(_ *linter, _ Finding, at field) *Fix {
	if at.doc == nil {
		return nil
	}
	spec := root(at.doc).get("spec")
	if spec.get("policyTypes").node != nil {
		return nil // as null or an empty list, in whose place it would have to come
	}
	types := `["Ingress"]`
	if len(spec.get("egress").items()) > 0 {
		types = `["Ingress","Egress"]`
	}
	return insert(spec.get("podSelector"), "policyTypes", types)
}}
