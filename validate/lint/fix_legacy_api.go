package lint

import "github.com/policyferry/policyferry/translate/diag"

// fixLegacyAPI gives a NetworkPolicy of the first API the version that has the same fields.
var fixLegacyAPI = fixer{diag.LegacyAPI, func(_ *linter, _ Finding, at field) *Fix {
	if at.node == nil || at.doc.Object.Kind != "NetworkPolicy" || at.text() != "extensions/v1beta1" {
		return nil
	}
	return replace(at, `"networking.k8s.io/v1"`).unsafe(notEnforced)
}}
